"""What becomes of a signal: the incidents of an endpoint, one at a time. Pure.

Signals of one endpoint are one incident, in whatever order they come. What is said again costs nothing.
"""

from dataclasses import dataclass
from enum import StrEnum

from sluice.core.incident.sources import is_known, is_late
from sluice.model.incident import Incident, SignalSeen
from sluice.model.response_rules import PagingRules
from sluice.model.signal import Signal


class Action(StrEnum):
    """What becomes of a signal."""

    OPEN = "open"
    JOIN = "join"
    REOPEN = "reopen"
    CLEAR = "clear"
    DUPLICATE = "duplicate"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Grouped:
    """What becomes of a signal, and why."""

    action: Action
    reason: str


def grouped(signal: Signal, newest: Incident | None, rules: PagingRules) -> Grouped:
    """Where a signal belongs, given the newest incident of its endpoint."""
    if newest is None:
        return _first(signal)
    seen = source_of(newest, signal.source)
    if seen is not None and is_known(seen, signal):
        return Grouped(Action.DUPLICATE, "it was told before")
    if newest.is_over:
        return _after_the_end(signal, newest, seen, rules)
    return _raise(seen, signal) if signal.raised else _clear(signal, newest, seen)


def source_of(incident: Incident, source: str) -> SignalSeen | None:
    """What a source has said within an incident."""
    return next((seen for seen in incident.signals if seen.source == source), None)


def _first(signal: Signal) -> Grouped:
    if signal.raised:
        return Grouped(Action.OPEN, "nothing was wrong with the endpoint so far")
    return Grouped(Action.IGNORE, "nothing is raised on the endpoint")


def _raise(seen: SignalSeen | None, signal: Signal) -> Grouped:
    if seen is None:
        return Grouped(Action.JOIN, "it is of the incident that is open")
    if is_late(seen, signal):
        return Grouped(Action.JOIN, "it is counted; its source has been cleared since")
    return Grouped(Action.JOIN, "its source is raised already" if seen.raised else "its source is raised anew")


def _clear(signal: Signal, newest: Incident, seen: SignalSeen | None) -> Grouped:
    if seen is None:
        if signal.at <= newest.early.get(signal.source, -1):
            return Grouped(Action.DUPLICATE, "it was told before")
        return Grouped(Action.CLEAR, "nothing was raised under its source so far")
    if is_late(seen, signal):
        return Grouped(Action.IGNORE, "its source was raised since")
    return Grouped(Action.CLEAR, "its source is cleared")


def _after_the_end(signal: Signal, newest: Incident, seen: SignalSeen | None, rules: PagingRules) -> Grouped:
    """What comes back within a while is the same problem; what people knew when they ended it is no news."""
    if not signal.raised:
        if seen is None or not seen.raised or is_late(seen, signal):
            return Grouped(Action.IGNORE, "the incident is over")
        return Grouped(Action.CLEAR, "its source is cleared; the incident is over")
    ended = newest.last_at if newest.resolved is None else newest.resolved.at
    if seen is not None and (is_late(seen, signal) or (seen.raised and signal.at <= ended)):
        return Grouped(Action.IGNORE, "it is older than the end of the incident")
    began = min((each.first_at for each in newest.signals), default=newest.opened_at)
    since, until = began - rules.group_s * 1_000_000, ended + rules.reopen_s * 1_000_000
    if since <= signal.at <= until:
        return Grouped(Action.REOPEN, "the last incident ended a short while ago")
    return Grouped(Action.OPEN, "the last incident ended long ago")
