"""Creation, weights and sizes, and deletion of endpoints at work."""

from typing import Any

from local.engine.sagemaker import store
from local.engine.sagemaker.endpoints import outcomes
from local.engine.sagemaker.endpoints.outcomes import Outcome
from local.engine.sagemaker.endpoints.state import Endpoint, Fleet, Process
from local.engine.sagemaker.endpoints.timeline import become
from local.engine.sagemaker.endpoints.timing import current as timing


def created(endpoint: Endpoint, at: float) -> Process:
    """Start the instances of a new endpoint."""
    planned = outcomes.take(endpoint.name)
    yield from outcomes.stuck(planned, at)
    at = yield timing.create_s
    if planned and planned.kind is not Outcome.STUCK:
        become(endpoint, "Failed", at, failure=planned.reason)
        return
    for layer in endpoint.served:
        for fleet in layer.fleets:
            fleet.count = fleet.desired_count
    become(endpoint, "InService", at)


def resized(endpoint: Endpoint, wanted: list[dict[str, Any]], at: float) -> Process:
    """Change weights and instance counts of variants; the weights are there first."""
    before = _sizes(endpoint)
    for change in wanted:
        _wish(endpoint, change)
    planned = outcomes.take(endpoint.name)
    at = yield from outcomes.stuck(planned, at)
    at = yield timing.weights_s
    if planned and planned.kind is not Outcome.STUCK:
        yield from _undone(endpoint, before, planned, at)
        return
    fleets = endpoint.served[0].fleets
    for fleet in fleets:
        fleet.weight, fleet.serverless = fleet.desired_weight, fleet.desired_serverless
    if any(fleet.count != fleet.desired_count for fleet in fleets):
        endpoint.note(at)
        at = yield max(0.0, timing.capacity_s - timing.weights_s)
    for fleet in fleets:
        fleet.count = fleet.desired_count
    become(endpoint, "InService", at)


def deleted(endpoint: Endpoint, at: float) -> Process:
    """End everything; what served is remembered as having served."""
    at = yield timing.delete_s
    endpoint.served, endpoint.pending = [], None
    endpoint.note(at)
    store.endpoints.pop(endpoint.arn, None)
    store.tags.pop(endpoint.arn, None)


def _wish(endpoint: Endpoint, change: dict[str, Any]) -> None:
    fleet = endpoint.served[0].fleet(change["VariantName"])
    if fleet is None:
        return
    fleet.desired_weight = float(change.get("DesiredWeight", fleet.desired_weight))
    fleet.desired_count = int(change.get("DesiredInstanceCount", fleet.desired_count))
    if "ServerlessUpdateConfig" in change and fleet.serverless:
        fleet.desired_serverless = {**fleet.serverless, **change["ServerlessUpdateConfig"]}


def _undone(
    endpoint: Endpoint, before: list[tuple[Fleet, float, int]], planned: outcomes.Planned, at: float
) -> Process:
    if planned.kind is Outcome.FAILED:
        become(endpoint, "Failed", at, failure=planned.reason)
        return
    become(endpoint, "RollingBack", at)
    for fleet, weight, count in before:
        fleet.desired_weight, fleet.desired_count = weight, count
    at = yield timing.weights_s
    become(endpoint, "InService", at, failure=planned.reason if planned.kind is Outcome.CAPACITY else None)


def _sizes(endpoint: Endpoint) -> list[tuple[Fleet, float, int]]:
    return [(f, f.weight, f.count) for f in endpoint.served[0].fleets]
