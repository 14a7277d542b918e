"""Structured logs: one event name per line of code, facts as keys, never an event or the environment as a whole.

And the figures that alarms watch, in CloudWatch's embedded metric format: a line of the log that is a metric as well.
"""

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit


@cache
def logger() -> Logger:
    """The function's logger (service and level come from Powertools' own variables)."""
    return Logger(utc=True)


def begin(context: Any) -> None:
    """Append what every line of this invocation carries: the request id that ties it to the platform's logs."""
    log = logger()
    log.remove_keys([key for key in log.get_current_keys() if key in ("subject", "message_id")])
    log.append_keys(request_id=getattr(context, "aws_request_id", None))


def measure(context: Any, *, seconds: dict[str, int], counts: dict[str, int]) -> None:
    """Write figures of this invocation, by the name of the function (namespace and service are Powertools' own)."""
    figures = EphemeralMetrics()
    figures.add_dimension("function_name", context.function_name)
    for unit, values in ((MetricUnit.Seconds, seconds), (MetricUnit.Count, counts)):
        for name, value in values.items():
            figures.add_metric(name, unit, value)
    figures.flush_metrics()
