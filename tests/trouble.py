"""Production that goes wrong: signals as an endpoint's sources give them, and a Sluice over fakes that takes them."""

from typing import Any

from sluice.core.incident.grouping import Action, grouped
from sluice.core.incident.growth import Setting, joined, opened, silenced
from sluice.model.governing import Mode, Tier
from sluice.model.ids import Micros
from sluice.model.incident import Incident, SignalSeen
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.response_rules import PagingRules, ResponseRules
from sluice.model.rollback import Rollback
from sluice.model.signal import Cause, Signal, SignalKind
from sluice.usecases.incident.remembered import incidents_of
from sluice.usecases.incident.take_signal import Taken, take_signal
from sluice.usecases.remembering import recall
from tests.approvals import NOW
from tests.packages import CHANNEL, GROUP, REGION, a_policy
from tests.world import World

ENDPOINT = "fraud-scoring"
SECOND = 1_000_000
MINUTE = 60 * SECOND


def a_signal(source: str = "alarm/errors", at: int = NOW, **changes: Any) -> Signal:
    """An alarm on the endpoint's errors is raised."""
    ordinary: dict[str, Any] = {
        "key": f"{source}|{at}",
        "source": source,
        "kind": SignalKind.ALARM,
        "cause": Cause.ERRORS,
        "raised": True,
        "group": GROUP,
        "region": REGION,
        "endpoint": ENDPOINT,
        "at": Micros(at),
        "summary": f"{source} is in ALARM",
    }
    return Signal(**(ordinary | changes))


def a_setting(**changes: Any) -> Setting:
    """What an ordinary policy says."""
    ordinary: dict[str, Any] = {
        "tier": Tier.STANDARD,
        "mode": Mode.ENFORCE,
        "team": "fraud",
        "channel": CHANNEL,
        "paging": PagingRules(),
    }
    return Setting(**(ordinary | changes))


def an_incident(*signals: Signal, now: int = NOW, **setting: Any) -> Incident:
    """The incident that signals make in their order; the first one opens it."""
    first, *others = signals or (a_signal(),)
    incident = opened(first, 1, a_setting(**setting), Micros(now))
    for signal in others:
        incident = taken(incident, signal, now)
    return incident


def taken(incident: Incident, signal: Signal, now: int = NOW) -> Incident:
    """An open incident after one more signal, whatever becomes of it."""
    found = grouped(signal, incident, incident.paging)
    if found.action not in (Action.JOIN, Action.CLEAR):
        return incident
    return (joined if signal.raised else silenced)(incident, signal, Micros(now))


def seen_of(incident: Incident, source: str) -> SignalSeen:
    """What a source has said within an incident."""
    return next(seen for seen in incident.signals if seen.source == source)


class TroubledWorld(World):
    """A group with an endpoint in production, and what is said about it."""

    def __init__(self, paging: PagingRules | None = None, **policy: Any) -> None:
        super().__init__(troubled_policy(paging, **policy))

    def say(self, source: str = "alarm/errors", **changes: Any) -> Taken:
        """A source speaks now, unless the signal says when; its admission takes the signal."""
        at = changes.pop("at", self.clock.now())
        return self.take(a_signal(source, at, **changes))

    def clear(self, source: str = "alarm/errors", **changes: Any) -> Taken:
        """A source says that all is well again."""
        return self.say(source, raised=False, **({"key": f"{source}|{self.clock.now()}|ok"} | changes))

    def take(self, signal: Signal) -> Taken:
        """A signal is taken."""
        return take_signal(signal, self.taking_signals)

    @property
    def incident(self) -> Incident:
        """The newest incident of the endpoint."""
        newest = incidents_of(self.records, REGION, ENDPOINT).newest
        assert newest is not None
        return newest.value

    @property
    def rollback(self) -> Rollback:
        """The newest answer to the incident's signals."""
        known = recall(self.records, Rollback, self.incident.rollback or "")
        assert known is not None
        return known.value

    def outbox_kinds(self) -> list[str]:
        """What waits in the outbox or has left it, by kind."""
        return [row.message.kind.value for row in self.records.outbox.values()]


def troubled_policy(paging: PagingRules | None = None, **changes: Any) -> PolicyInForce:
    """An ordinary policy with rules for paging."""
    return a_policy(response=ResponseRules(paging=paging or PagingRules()), **changes)
