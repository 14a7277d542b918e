"""CloudWatch as the engine plays it: metrics with every statistic that we use, and alarms that behave."""
