"""DeploymentConfig: what SageMaker allows, and the steps that it makes of it."""

import math
from dataclasses import dataclass
from typing import Any

from local.engine.sagemaker.endpoints.state import Layer
from local.engine.sagemaker.errors import invalid

_MOST_CANARY = 0.5
_LINEAR = (0.1, 0.5)
_BATCH = (0.05, 0.5)
_LONGEST_S = 28800


@dataclass(frozen=True)
class Step:
    """A part of the new fleet that takes traffic, and how long it is watched before the next one."""

    part: float
    wait_s: float
    setting: str = ""
    """The field that says how long."""


@dataclass(frozen=True)
class Plan:
    """How traffic moves to the new fleet, the alarms that are watched meanwhile, and when to give up."""

    steps: tuple[Step, ...] = (Step(1.0, 0.0),)
    alarms: tuple[str, ...] = ()
    give_up_s: float = _LONGEST_S
    rolling: bool = False
    guarded: bool = False
    """Whether deployment guardrails take care of it."""


def plan_of(deployment: dict[str, Any] | None, served: Layer, wanted: Layer) -> Plan:
    """The plan that a DeploymentConfig makes; what guardrails exclude is replaced all at once, without a word."""
    if not deployment:
        return Plan()
    instances = sum(f.desired_count for f in wanted.fleets if not f.shadow)
    rolling = deployment.get("RollingUpdatePolicy")
    blue_green = deployment.get("BlueGreenUpdatePolicy")
    if rolling and blue_green:
        raise invalid("Specify either BlueGreenUpdatePolicy or RollingUpdatePolicy in DeploymentConfig, and not both.")
    policy = rolling or blue_green or {}
    if rolling and (len(wanted.fleets) > 1 or wanted.fleets[0].serverless):
        raise invalid("Rolling deployments are not supported for serverless and multi-variant endpoints.")
    if not instances:
        return Plan()
    steps = _rolling(rolling, instances) if rolling else _blue_green(policy, instances)
    waits = sum(step.wait_s for step in steps)
    give_up = float(policy.get("MaximumExecutionTimeoutInSeconds", _LONGEST_S))
    if give_up <= waits:
        raise invalid(f"MaximumExecutionTimeoutInSeconds must be greater than the sum of the waits ({waits:g}).")
    if _excluded(served, wanted):
        return Plan()
    alarms = (deployment.get("AutoRollbackConfiguration") or {}).get("Alarms") or []
    return Plan(steps, tuple(a["AlarmName"] for a in alarms), give_up, rolling=bool(rolling), guarded=True)


def _blue_green(policy: dict[str, Any], instances: int) -> tuple[Step, ...]:
    if not policy:
        return (Step(1.0, 0.0),)
    routing = policy["TrafficRoutingConfiguration"]
    last = Step(1.0, float(policy.get("TerminationWaitInSeconds", 0)), "TerminationWaitInSeconds")
    wait = float(routing["WaitIntervalInSeconds"])
    match routing["Type"]:
        case "CANARY":
            part = _part(routing, "CanarySize", instances, (0.0, _MOST_CANARY))
            return (Step(part, wait, "WaitIntervalInSeconds"), last)
        case "LINEAR":
            part = _part(routing, "LinearStepSize", instances, _LINEAR)
            return (*_portions(part, wait), last)
        case _:
            return (last,)


def _rolling(policy: dict[str, Any], instances: int) -> tuple[Step, ...]:
    part = _part(policy, "MaximumBatchSize", instances, _BATCH)
    wait = float(policy["WaitIntervalInSeconds"])
    return (*_portions(part, wait), Step(1.0, wait, "WaitIntervalInSeconds"))


def _portions(part: float, wait: float) -> list[Step]:
    """All steps but the last one."""
    count = math.ceil(1 / part - 1e-9)
    return [Step(part * n, wait, "WaitIntervalInSeconds") for n in range(1, count)]


def _part(owner: dict[str, Any], field: str, instances: int, allowed: tuple[float, float]) -> float:
    """A CapacitySize as a part of the instances; whole instances are what traffic can be moved to."""
    size = owner.get(field)
    if not size:
        raise invalid(f"{field} is required for this kind of deployment.")
    low, high = allowed
    asked = size["Value"] / instances if size["Type"] == "INSTANCE_COUNT" else size["Value"] / 100
    moved: float = math.ceil(asked * instances - 1e-9) / instances
    if not low <= asked <= high or moved > high:
        raise invalid(
            f"{field} must be between {low * 100:g} and {high * 100:g} percent of the variant's capacity: "
            f"{size['Value']} {size['Type']} of {instances} instance(s) is not."
        )
    return moved


def _excluded(served: Layer, wanted: Layer) -> bool:
    """The exclusions of deployment guardrails: other variant names, Inf1, Marketplace containers, serverless."""
    if {f.variant for f in served.fleets} != {f.variant for f in wanted.fleets}:
        return True
    return any(f.serverless or f.instance_type.startswith("ml.inf1.") for f in (*served.fleets, *wanted.fleets))
