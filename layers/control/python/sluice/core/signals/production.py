"""What an endpoint itself says of production: whether it serves, and whether that is what Sluice put there. Pure."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from sluice.model.endpoint import BROKEN, EndpointRecord, EndpointSeen, EndpointStatus
from sluice.model.ids import Micros
from sluice.model.package import RegistryStatus
from sluice.model.production import ProductionRecord, Served
from sluice.model.signal import Cause, SignalKind
from sluice.model.trail_event import ApiCall

_TOLD_CHARS = 400
_SAME_SHARE = 0.005
_IN_WORDS = {
    EndpointStatus.FAILED: "has failed: SageMaker takes nothing for it but DeleteEndpoint",
    EndpointStatus.OUT_OF_SERVICE: "is out of service",
    EndpointStatus.UPDATE_ROLLBACK_FAILED: "serves a mix of two configurations: SageMaker could not roll it back",
}


class Topic(StrEnum):
    """What is said of an endpoint, each under a source of its own."""

    SERVES = "endpoint"
    CHANGED = "changed"
    WEIGHTS = "weights"
    PACKAGE = "package"


@dataclass(frozen=True, slots=True)
class Word:
    """One thing that is said. `config` is what it is about; `call` says that somebody did it, who is named."""

    topic: Topic
    endpoint: str
    raised: bool
    at: Micros
    occurrence: str
    told: str
    kind: SignalKind = SignalKind.ENDPOINT
    config: str = ""
    by_call: bool = False

    @property
    def source(self) -> str:
        """Under what it is raised and cleared."""
        return f"{self.topic.value}/{self.endpoint}"

    @property
    def cause(self) -> Cause:
        """What is not well."""
        return Cause.AVAILABILITY if self.topic is Topic.SERVES else Cause.CHANGED


@dataclass(frozen=True, slots=True)
class Standing:
    """An endpoint as it is, and as Sluice knows it. `observed`: others deploy there, by the policy's mode."""

    endpoint: str
    seen: EndpointSeen | None
    record: EndpointRecord | None = None
    production: ProductionRecord | None = None
    observed: bool = False

    @property
    def expected(self) -> str:
        """The configuration that Sluice last put there, empty where it put none."""
        newest = self._newest()
        if newest is not None:
            return newest.config
        good = self.record.good if self.record is not None else None
        return good.config if good is not None else ""

    @property
    def package(self) -> str:
        """ARN of the package that serves, as Sluice put it there; empty where that is not known."""
        newest = self._newest()
        return newest.package_arn if newest is not None else ""

    @property
    def is_held(self) -> bool:
        """Whether a rollout or a rollback of ours changes it now."""
        return self.record is not None and self.record.holder is not None

    def shares(self) -> dict[str, float]:
        """The share of each variant as Sluice put it there; empty where that is not known."""
        newest = self._newest()
        if newest is None or newest.document is None:
            return {}
        variants = newest.document["ProductionVariants"]
        weights = {v["VariantName"]: float(v.get("InitialVariantWeight", 1.0)) for v in variants}
        total = sum(weights.values())
        return {name: weight / total for name, weight in weights.items()} if total > 0 else {}

    def _newest(self) -> Served | None:
        served = self.production.served if self.production is not None else ()
        return served[-1] if served and not served[-1].until else None


def availability(standing: Standing, now: Micros) -> Word | None:
    """Whether it serves; None while it is neither, and for one that has never served anything."""
    seen, name = standing.seen, standing.endpoint
    if seen is None:
        told = f"Endpoint {name} does not exist any more"
        return Word(Topic.SERVES, name, True, now, f"gone|{now}", told) if standing.expected else None
    if seen.status in BROKEN and (standing.expected or not standing.is_held):
        why = f". {seen.failure_reason}" if seen.failure_reason else ""
        return _looked(Topic.SERVES, seen, f"Endpoint {name} {_IN_WORDS[seen.status]}{why}", raised=True)
    return _looked(Topic.SERVES, seen, f"Endpoint {name} is in service", raised=False) if seen.settled else None


def drift(standing: Standing) -> Word | None:
    """Whether another configuration serves than Sluice put there; None where that is not to be told."""
    seen, expected = standing.seen, standing.expected
    if standing.observed or standing.is_held or not expected or seen is None or not seen.settled:
        return None
    if seen.config == expected:
        told = f"Endpoint {standing.endpoint} serves what Sluice put there"
        return _looked(Topic.CHANGED, seen, told, raised=False)
    # SageMaker goes back by itself to what served before; anything else somebody has done.
    before = standing.production.serving(seen.config) if standing.production is not None else None
    does = "serves" if before is None else "went back to"
    told = f"Endpoint {standing.endpoint} {does} {seen.config}; Sluice put {expected} there"
    kind = SignalKind.OUTSIDE if before is None else SignalKind.ENDPOINT
    return _looked(Topic.CHANGED, seen, told, raised=True, kind=kind)


def moved_weights(standing: Standing) -> Word | None:
    """Whether the traffic is split otherwise than Sluice left it; None where there is nothing to split, or to tell."""
    seen, wanted = standing.seen, standing.shares()
    if standing.observed or standing.is_held or seen is None or not seen.settled:
        return None
    if seen.config != standing.expected or len(wanted) <= 1:
        return None
    if all(math.isclose(seen.share(name), share, abs_tol=_SAME_SHARE) for name, share in wanted.items()):
        told = f"The traffic of {standing.endpoint} is split as Sluice left it"
        return _looked(Topic.WEIGHTS, seen, told, raised=False)
    split = ", ".join(f"{name} {seen.share(name):.0%} instead of {share:.0%}" for name, share in wanted.items())
    told = f"The traffic of {standing.endpoint} is split otherwise: {split}"
    return _looked(Topic.WEIGHTS, seen, told, raised=True, kind=SignalKind.OUTSIDE)


def updated(standing: Standing, call: ApiCall) -> Word | None:
    """What somebody's UpdateEndpoint did; None where it put there what Sluice put there, or where others may."""
    seen, expected = standing.seen, standing.expected
    if standing.observed or seen is None or not (expected or standing.is_held):
        return None
    becomes = seen.config if seen.settled else seen.pending_config or call.config or seen.config
    if becomes == expected and not standing.is_held:
        return None
    while_held = " while a rollout of Sluice changes it" if standing.is_held else f"; Sluice put {expected} there"
    to = call.config or becomes
    return _called(Topic.CHANGED, call, standing, f"{call.who} changed {standing.endpoint} to {to}{while_held}")


def reweighted(standing: Standing, call: ApiCall) -> Word | None:
    """What somebody's new weights did; None where the traffic is split as before: the number of instances is theirs."""
    if not call.moves:
        return None
    if standing.is_held and not standing.observed:
        told = f"{call.who} moved traffic of {standing.endpoint} while a rollout of Sluice changes it"
        return _called(Topic.WEIGHTS, call, standing, told)
    word = moved_weights(standing)
    if word is None or not word.raised:
        return None
    return _called(Topic.WEIGHTS, call, standing, f"{word.told}, by {call.who}")


def deleted(standing: Standing, call: ApiCall) -> Word | None:
    """Whether somebody has deleted it; None for one that is there, or that is only observed."""
    seen = standing.seen
    if standing.observed or (seen is not None and seen.status is not EndpointStatus.DELETING):
        return None
    return _called(Topic.CHANGED, call, standing, f"{call.who} deleted endpoint {standing.endpoint}")


def approval(standing: Standing, call: ApiCall, status: RegistryStatus | None) -> Word:
    """What somebody did to the approval of the version that serves; None for a package that does not exist any more."""
    did = "deleted" if status is None else f"set to {status.value}"
    told = f"{call.who} {did} the version that serves {standing.endpoint}"
    raised = status is not RegistryStatus.APPROVED
    return replace(_called(Topic.PACKAGE, call, standing, told), raised=raised, at=call.at)


def approved_again(standing: Standing, now: Micros) -> Word:
    """The version that serves is approved, whoever has taken its approval away before."""
    told = f"The version that serves {standing.endpoint} is approved"
    return Word(Topic.PACKAGE, standing.endpoint, False, now, f"approved|{now}", told)


def _looked(
    topic: Topic, seen: EndpointSeen, told: str, *, raised: bool, kind: SignalKind = SignalKind.ENDPOINT
) -> Word:
    """Found by looking: its moment is the endpoint's own, which changes with each change of it."""
    occurrence = f"{seen.status.value}|{seen.config}|{seen.modified_at}"
    return Word(topic, seen.name, raised, seen.modified_at, occurrence, told[:_TOLD_CHARS], kind, seen.config)


def _called(topic: Topic, call: ApiCall, standing: Standing, told: str) -> Word:
    """Newer than what is found by looking at the same change: who did it is what is to be read."""
    seen = standing.seen
    at = max(call.at, Micros(seen.modified_at + 1)) if seen is not None and seen.settled else call.at
    # While it is under way it is about whatever serves: to what the caller changes it, does not serve yet.
    config = seen.config if seen is not None and seen.settled else ""
    return Word(
        topic,
        standing.endpoint,
        True,
        at,
        call.event_id,
        told[:_TOLD_CHARS],
        SignalKind.OUTSIDE,
        config,
        by_call=True,
    )
