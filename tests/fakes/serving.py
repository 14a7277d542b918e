"""One endpoint of the fake SageMaker: what it serves, what is under way, and how that ends when its time comes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sluice.model.endpoint import EndpointConfig, EndpointSeen, EndpointStatus, VariantSeen
from sluice.model.ids import Micros


class End(StrEnum):
    """How a change under way ends."""

    COMES_TRUE = "comes_true"
    RETURNS = "returns"
    """Silently back to what served before, InService."""
    FAILS = "fails"
    """The endpoint is Failed: only deleting it helps."""
    MIXED = "mixed"
    """UpdateRollbackFailed: it serves a mix of two configurations."""


_AFTER = {
    End.COMES_TRUE: EndpointStatus.IN_SERVICE,
    End.RETURNS: EndpointStatus.IN_SERVICE,
    End.FAILS: EndpointStatus.FAILED,
    End.MIXED: EndpointStatus.UPDATE_ROLLBACK_FAILED,
}


@dataclass(frozen=True)
class UnderWay:
    """A change that SageMaker accepted. `config` is None for one of weights, counts, or AWS's own maintenance."""

    config: str | None
    variants: tuple[VariantSeen, ...]
    shadows: tuple[VariantSeen, ...]
    ends_at: Micros
    end: End = End.COMES_TRUE
    reason: str = ""
    alarms: tuple[str, ...] = ()


@dataclass
class Served:
    """An endpoint as SageMaker keeps it."""

    name: str
    config: str
    status: EndpointStatus
    modified_at: Micros
    variants: tuple[VariantSeen, ...] = ()
    shadows: tuple[VariantSeen, ...] = ()
    reason: str = ""
    under_way: UnderWay | None = None

    def accept(self, change: UnderWay, status: EndpointStatus, at: Micros) -> None:
        """A change begins."""
        self.under_way, self.status, self.modified_at, self.reason = change, status, at, ""

    def ring(self, names: Collection[str], now: Micros, takes_s: float) -> None:
        """An alarm that the deployment watches is in ALARM: it turns back, which takes its time too."""
        change = self.under_way
        if change is None or not set(change.alarms) & set(names):
            return
        ends_at = Micros(now + int(takes_s * 1_000_000))
        reason = f"rolled back by alarm {min(set(change.alarms) & set(names))}"
        self.under_way = replace(change, alarms=(), end=End.RETURNS, reason=reason, ends_at=ends_at)

    def settle(self, now: Micros) -> None:
        """End what is under way if its time has come."""
        change = self.under_way
        if change is None or now < change.ends_at:
            return
        self.under_way, self.status, self.modified_at = None, _AFTER[change.end], change.ends_at
        self.reason = change.reason
        if change.end is End.COMES_TRUE:
            self.config = change.config or self.config
            self.variants, self.shadows = change.variants, change.shadows
        else:
            self.variants = tuple(
                replace(v, desired_weight=v.weight, desired_instances=v.instances) for v in self.variants
            )

    def seen(self, arn: str) -> EndpointSeen:
        """What DescribeEndpoint tells."""
        return EndpointSeen(
            name=self.name,
            arn=arn,
            config=self.config,
            status=self.status,
            modified_at=self.modified_at,
            variants=self.variants,
            shadows=self.shadows,
            pending_config=self.under_way.config if self.under_way else None,
            failure_reason=self.reason,
        )


def variants_of(config: EndpointConfig, key: str = "ProductionVariants") -> tuple[VariantSeen, ...]:
    """The variants of a configuration as they serve when it is freshly deployed."""
    return tuple(_variant(given) for given in config.get(key, ()))


def retained(variants: tuple[VariantSeen, ...], before: tuple[VariantSeen, ...]) -> tuple[VariantSeen, ...]:
    """RetainAllVariantProperties: variants that were there keep weight and count."""
    kept = {v.name: v for v in before}
    return tuple(kept.get(v.name, v) for v in variants)


def takes(deployment: Mapping[str, Any] | None, takes_s: float) -> float:
    """Seconds of a deployment: the new fleet, the waits between its steps, and the final bake."""
    if deployment is None:
        return takes_s
    policy = deployment.get("BlueGreenUpdatePolicy") or {}
    routing = policy.get("TrafficRoutingConfiguration") or {}
    waits = {"ALL_AT_ONCE": 0, "CANARY": 1, "LINEAR": _linear_waits(routing)}[routing.get("Type", "ALL_AT_ONCE")]
    bake = float(policy.get("TerminationWaitInSeconds", 0))
    return takes_s + waits * float(routing.get("WaitIntervalInSeconds", 0)) + bake


def alarms_of(deployment: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Names of the alarms that a deployment turns back for."""
    rollback = (deployment or {}).get("AutoRollbackConfiguration") or {}
    return tuple(alarm["AlarmName"] for alarm in rollback.get("Alarms", ()))


def _linear_waits(routing: Mapping[str, Any]) -> int:
    step = int((routing.get("LinearStepSize") or {}).get("Value", 100))
    return max(0, -(-100 // step) - 1)


def _variant(given: Mapping[str, Any]) -> VariantSeen:
    count = given.get("InitialInstanceCount", 0)
    weight = given.get("InitialVariantWeight", 1.0)
    return VariantSeen(given["VariantName"], weight, weight, count, count)
