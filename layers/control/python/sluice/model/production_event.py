"""The events that lead to a look at an endpoint: its own, and calls that CloudTrail tells of."""

from collections.abc import Mapping
from typing import Any

from sluice.model.endpoint_event import EndpointEvent
from sluice.model.trail_event import DETAIL_TYPE, ApiCall


def production_event(envelope: Any) -> EndpointEvent | ApiCall:
    """Read an EventBridge envelope of either; raises InvalidInput for anything else."""
    if isinstance(envelope, Mapping) and envelope.get("detail-type") == DETAIL_TYPE:
        return ApiCall.parse(envelope)
    return EndpointEvent.parse(envelope)
