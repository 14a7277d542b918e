"""Which raised signals ask for an answer: a decision whether production goes back. Pure."""

from dataclasses import replace
from typing import Final

from sluice.core.incident.folding import worst_first
from sluice.core.incident.grouping import source_of
from sluice.core.incident.sources import flaps, newest_raise
from sluice.model.ids import EPOCH, Micros, RollbackId
from sluice.model.incident import Incident, SignalSeen
from sluice.model.rollback import Rollback
from sluice.model.signal import Signal, SignalKind

_ANSWERED: Final = frozenset({SignalKind.ALARM, SignalKind.MONITOR, SignalKind.ENDPOINT, SignalKind.WATCH})
"""Others are for people: somebody changed production, a rollout has ended badly, or a person calls."""


def wanted(incident: Incident, signal: Signal, last: Rollback | None) -> Signal | None:
    """The signal that a rollback is to be asked for after another one was taken, if any.

    That is the one that came, where it is news; else one that nothing was asked for so far, since another answer was
    under way or a worse signal explained it.
    """
    if incident.is_over or (last is not None and not last.is_over):
        return None
    seen = source_of(incident, signal.source)
    if seen is not None and signal.raised and _is_news(seen, signal, incident, last):
        return signal
    return unanswered(incident, last)


def unanswered(incident: Incident, last: Rollback | None) -> Signal | None:
    """The worst raised signal that no rollback was asked for yet, where none is under way."""
    if incident.is_over or (last is not None and not last.is_over):
        return None
    open_ones = (
        seen
        for seen in worst_first(incident.signals)
        if _may_ask(seen) and not seen.answered_at and newest_raise(seen) > _returned_at(last)
    )
    first = next(open_ones, None)
    return None if first is None else signal_of(first, incident)


def with_answer(incident: Incident, rollback: Rollback) -> Incident:
    """The incident with the rollback that its signal has asked for."""
    seen = source_of(incident, rollback.signal.source)
    marked = tuple(
        replace(each, answered_at=max(newest_raise(each), rollback.signal.at)) if each is seen else each
        for each in incident.signals
    )
    return replace(incident, signals=marked, rollback=RollbackId(rollback.id), rounds=incident.rounds + 1)


def _is_news(seen: SignalSeen, signal: Signal, incident: Incident, last: Rollback | None) -> bool:
    if not _may_ask(seen) or signal.at < newest_raise(seen):
        return False
    if seen.answered_at and flaps(seen, incident.paging.group_s):
        return False
    return signal.at > max(seen.answered_at, _returned_at(last))


def _may_ask(seen: SignalSeen) -> bool:
    return seen.raised and not seen.inhibited and seen.kind in _ANSWERED


def _returned_at(last: Rollback | None) -> Micros:
    """When another version began to serve: what was raised before that was about the version before."""
    return EPOCH if last is None else last.returned_at


def signal_of(seen: SignalSeen, incident: Incident) -> Signal:
    """What a source said last, as far as it was kept."""
    return Signal(
        key=seen.keys[-1] if seen.keys else seen.source,
        source=seen.source,
        kind=seen.kind,
        cause=seen.cause,
        raised=True,
        group=incident.group,
        region=incident.region,
        endpoint=incident.endpoint,
        at=newest_raise(seen),
        summary=seen.summary,
        findings=seen.findings,
    )
