"""The simulated requests to endpoints are metrics of the engine's CloudWatch."""

from typing import Any

from ministack.services import cloudwatch

from local.engine.cloudwatch import series
from local.engine.patches.expected import replace
from local.engine.traffic.live import traffic

_original: dict[str, Any] = {}


def apply() -> None:
    """Add the traffic to what can be read, and forget it with everything else."""
    series.add_source(traffic)
    _original["reset"] = replace(cloudwatch, "reset", _reset, parameters="")


def _reset() -> None:
    _original["reset"]()
    traffic.forget()
