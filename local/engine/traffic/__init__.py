"""Simulated requests to endpoints: how many come, how the models behind them answer, and the metrics of both.

A minute's figures depend on nothing but the seed, the endpoint, the variant, the minute and the model's behaviour:
they are computed when somebody reads them, and are the same whenever that is.
"""
