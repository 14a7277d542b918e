"""The simulated requests to endpoints are metrics of the engine's CloudWatch."""

from local.engine.cloudwatch import series
from local.engine.traffic.live import traffic


def apply() -> None:
    """Add the traffic to what can be read."""
    series.add_source(traffic)
