"""UpdateEndpoint at work: a new fleet takes over step by step, or the old one stays.

A deployment that an alarm ends is silent: the endpoint is in service again on its old configuration, and no field of
it says why.
"""

import math
from collections.abc import Generator

from local.engine.cloudwatch.alarms import watching
from local.engine.sagemaker.endpoints import describing, outcomes
from local.engine.sagemaker.endpoints.outcomes import Outcome
from local.engine.sagemaker.endpoints.plans import Plan, Step
from local.engine.sagemaker.endpoints.state import Endpoint, Layer, Process
from local.engine.sagemaker.endpoints.timeline import become, tell_step
from local.engine.sagemaker.endpoints.timing import current as timing

type Waiting = Generator[float, float, float]
"""A part of a process that answers the moment at which it ended."""


def deployed(endpoint: Endpoint, wanted: Layer, plan: Plan, at: float) -> Process:
    """Bring a new layer into service; `pending` of the endpoint says so already."""
    planned, began = outcomes.take(endpoint.name), at
    at = yield from outcomes.stuck(planned, at)
    if planned and planned.kind is Outcome.CAPACITY:
        at = yield timing.fleet_s
        yield from _back(endpoint, plan, at, failure=planned.reason)
        return
    for step in plan.steps:
        at = yield from _provided(endpoint, wanted, step, at)
        if planned and planned.kind in (Outcome.FAILED, Outcome.RETURNED):
            yield from _ended(endpoint, plan, planned, at)
            return
        at = yield from _activated(endpoint, wanted, step, plan, at)
        at, alarm = yield from _baked(wanted, step, plan, endpoint, at)
        if alarm or at - began > plan.give_up_s or (planned and planned.kind is Outcome.ROLLBACK_FAILED):
            yield from _undone(endpoint, wanted, plan, planned, at)
            return
    at = yield from _cleaned(endpoint, at)
    _serve(endpoint, wanted, at)


def _provided(endpoint: Endpoint, wanted: Layer, step: Step, at: float) -> Waiting:
    """Start the instances that a step needs."""
    for fleet in wanted.fleets:
        goal = math.ceil(fleet.desired_count * step.part - 1e-9)
        if fleet.count < goal or fleet.serverless:
            message = f"Scaling out desired instance count to {goal}."
            fleet.statuses = [{"Status": "Creating", "StatusMessage": message, "StartTime": at}]
    tell_step(endpoint)
    at = yield timing.fleet_s
    for fleet in wanted.fleets:
        fleet.count = max(fleet.count, math.ceil(fleet.desired_count * step.part - 1e-9))
    return at


def _activated(endpoint: Endpoint, wanted: Layer, step: Step, plan: Plan, at: float) -> Waiting:
    """Move the traffic of a step."""
    for fleet in wanted.fleets:
        message = f"Activating traffic on {fleet.count} instance(s)."
        fleet.statuses = [{"Status": "ActivatingTraffic", "StatusMessage": message, "StartTime": at}]
    tell_step(endpoint)
    at = yield timing.traffic_s
    _share(endpoint, wanted, step.part)
    if plan.rolling:
        for layer in endpoint.served:
            for fleet in layer.fleets:
                fleet.count = max(0, fleet.desired_count - sum(f.count for f in wanted.fleets))
    return at


def _baked(
    wanted: Layer, step: Step, plan: Plan, endpoint: Endpoint, at: float
) -> Generator[float, float, tuple[float, bool]]:
    """Watch the alarms for as long as a step says; tells whether one went off."""
    until = at + step.wait_s
    if step.wait_s:
        for fleet in wanted.fleets:
            part = "full" if step.part >= 1 else "canary"
            message = (
                f"Baking for {step.wait_s:g} seconds ({step.setting}) with traffic enabled on {part} capacity of "
                f"{fleet.count} instance(s)."
            )
            fleet.statuses = [{"Status": "Baking", "StatusMessage": message, "StartTime": at}]
        tell_step(endpoint)
    while True:
        if any(watching.alarm_state(name) == "ALARM" for name in plan.alarms):
            return at, True
        if at >= until:
            return at, False
        at = yield min(timing.alarm_look_s, until - at)


def _cleaned(endpoint: Endpoint, at: float) -> Waiting:
    """End the old instances."""
    for layer in endpoint.served:
        for fleet in layer.fleets:
            message = f"Deleting {fleet.count} instance(s)."
            fleet.statuses = [{"Status": "Deleting", "StatusMessage": message, "StartTime": at}]
    tell_step(endpoint)
    return (yield timing.delete_s)


def _undone(endpoint: Endpoint, wanted: Layer, plan: Plan, planned: outcomes.Planned | None, at: float) -> Process:
    """Take the traffic of the new fleet away and end it, or fail at that."""
    if planned and planned.kind is Outcome.ROLLBACK_FAILED:
        at = yield timing.traffic_s
        endpoint.pending = None
        for fleet in wanted.fleets:
            fleet.statuses = []
        endpoint.served = [*endpoint.served, wanted]
        become(endpoint, "UpdateRollbackFailed", at, failure=planned.reason)
        return
    at = yield timing.traffic_s
    yield from _back(endpoint, plan, at)


def _ended(endpoint: Endpoint, plan: Plan, planned: outcomes.Planned, at: float) -> Process:
    """End as planned before the new fleet took traffic: on the old configuration, or not at all."""
    if planned.kind is Outcome.RETURNED:
        yield from _back(endpoint, plan, at)
        return
    endpoint.pending = None
    become(endpoint, "Failed", at, failure=planned.reason)


def _back(endpoint: Endpoint, plan: Plan, at: float, *, failure: str | None = None) -> Process:
    """Serve with the old fleet alone again."""
    pending = endpoint.pending
    if pending is not None:
        _share(endpoint, pending.layer, 0.0)
        for fleet in pending.layer.fleets:
            message = f"Deleting {fleet.count} instance(s)."
            fleet.statuses = [{"Status": "Deleting", "StatusMessage": message, "StartTime": at}]
        tell_step(endpoint)
    if plan.rolling:
        at = yield timing.fleet_s
    for layer in endpoint.served:
        for fleet in layer.fleets:
            fleet.count = fleet.desired_count
    at = yield timing.delete_s
    endpoint.pending = None
    become(endpoint, "InService", at, failure=failure)


def _serve(endpoint: Endpoint, wanted: Layer, at: float) -> None:
    """Serve with the new layer alone."""
    for fleet in wanted.fleets:
        fleet.statuses = []
        fleet.count = fleet.desired_count
    wanted.part = 1.0
    endpoint.served, endpoint.pending, endpoint.config = [wanted], None, wanted.config
    endpoint.capture = describing.captured(wanted.config)
    become(endpoint, "InService", at)


def _share(endpoint: Endpoint, wanted: Layer, part: float) -> None:
    """Give the new layer a part of the traffic; what serves already shares the rest as before."""
    rest = sum(layer.part for layer in endpoint.served)
    for layer in endpoint.served:
        layer.part = (1.0 - part) * (layer.part / rest if rest > 0 else 1.0 / len(endpoint.served))
    wanted.part = part
