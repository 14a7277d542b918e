"""What is to be done about an incident now: whom to call, whether it is over, and when to look again. Pure.

People are called level by level until somebody acknowledges. From then on nobody is called, until nothing was said for
`silence_s`: then everybody who was called is called again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from sluice.core.incident.calling import SECOND, Sight, call_due, called
from sluice.core.incident.growth import settled
from sluice.core.incident.routing import has_hours
from sluice.core.incident.sources import newest_raise
from sluice.model.governing import Mode
from sluice.model.ids import EPOCH, Micros
from sluice.model.incident import Answered, Incident, IncidentStatus
from sluice.model.response_rules import Severity
from sluice.model.rollback import Rollback, RollbackOutcome

QUIET_S: Final = 300
"""Seconds that all has to be quiet before it is over; what flaps counts as raised for longer (`growth.settled`)."""
_HOUR_S: Final = 3600
_BAD_ENDS: Final = frozenset({RollbackOutcome.NOT_RECOVERED, RollbackOutcome.HELD})
_LONGEST_WAIT_S: Final = 6 * _HOUR_S
"""Whatever is missed is seen after this."""


class AttendRoute(StrEnum):
    """The one field that the machine's choice compares."""

    AWAIT = "await"
    REVIEW = "review"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Plan:
    """The incident as it is from now on, whom to call, and how long to wait for a word.

    `worsened` says why it got worse, empty if it did not. `news` says that whoever was called hears how an answer of
    Sluice's ended.
    """

    incident: Incident
    route: AttendRoute
    wait_s: int = 0
    page: tuple[str, ...] = ()
    worsened: str = ""
    resolved: bool = False
    news: bool = False


def newest_failed(rollbacks: Sequence[Rollback]) -> Rollback | None:
    """The last of some rollbacks, in order, that came to a bad end."""
    return next((each for each in reversed(rollbacks) if each.is_over and each.outcome in _BAD_ENDS), None)


def attend(incident: Incident, sight: Sight) -> Plan:
    """What is to be done now; asked again at once, it is nothing."""
    if incident.is_over:
        return Plan(incident, AttendRoute.DONE if incident.review else AttendRoute.REVIEW)
    incident = settled(incident, sight.now)
    incident, news = _heard_of(incident, sight)
    incident, worsened = _worsened(incident, sight)
    if _resolves(incident, sight):
        return Plan(_resolved(incident, sight.now), AttendRoute.REVIEW, worsened=worsened, resolved=True)
    page: tuple[str, ...] = ()
    calls = incident.mode is not Mode.OBSERVE
    if calls and (worsened or call_due(incident, sight) <= sight.now):
        incident, page = called(incident, sight)
    return Plan(incident, AttendRoute.AWAIT, _wait_s(incident, sight), page, worsened, news=news)


def _heard_of(incident: Incident, sight: Sight) -> tuple[Incident, bool]:
    """The incident once the end of its newest rollback is noted, and whether somebody was called who wants to know."""
    rollback = sight.rollback
    if rollback is None or not rollback.is_over or incident.heard_of == rollback.id:
        return incident, False
    return replace(incident, heard_of=rollback.id), bool(incident.paged)


def _worsened(incident: Incident, sight: Sight) -> tuple[Incident, str]:
    """A rollback that did not help, or could not be done: worse than before, and people are called anew."""
    rollback = sight.failed
    if rollback is None or incident.worsened_by == rollback.id:
        return incident, ""
    held = rollback.outcome is RollbackOutcome.HELD
    worse = replace(
        incident,
        severity=Severity.CRITICAL if held else _one_worse(incident.severity),
        worsened_by=rollback.id,
        status=IncidentStatus.OPEN,
        acknowledged=None,
        level=0,
        called_since=sight.now,
    )
    what = "nothing could be done safely" if held else "going back did not help"
    return worse, f"{what}: {rollback.because}" if rollback.because else what


def _one_worse(severity: Severity) -> Severity:
    worst_first = list(Severity)
    return worst_first[max(0, worst_first.index(severity) - 1)]


def _resolves(incident: Incident, sight: Sight) -> bool:
    return _may_resolve(incident, sight) and sight.now >= _quiet_until(incident)


def _may_resolve(incident: Incident, sight: Sight) -> bool:
    """Whether time alone brings it to its end: all is cleared, nothing is under way, and nothing waits for a person."""
    under_way = sight.rollback is not None and not sight.rollback.is_over
    return incident.quiet_since != EPOCH and not under_way and not sight.held


def _resolved(incident: Incident, now: Micros) -> Incident:
    why = f"What was raised is cleared, and all was quiet for {QUIET_S // 60} minutes."
    return replace(incident, status=IncidentStatus.RESOLVED, resolved=Answered("signal", now, reason=why))


def _quiet_until(incident: Incident) -> int:
    return incident.quiet_since + QUIET_S * SECOND


def _settling(incident: Incident) -> Iterator[int]:
    """When sources that flap are taken as cleared, if they stay quiet."""
    window = incident.paging.group_s * SECOND
    for seen in incident.signals:
        if seen.raised and seen.cleared_at > newest_raise(seen):
            yield seen.cleared_at + window


def _wait_s(incident: Incident, sight: Sight) -> int:
    """Seconds until something is due by time alone."""
    longest = _LONGEST_WAIT_S
    moments = [_quiet_until(incident)] if _may_resolve(incident, sight) else list(_settling(incident))
    if incident.mode is not Mode.OBSERVE:
        moments.append(call_due(incident, sight))
        if incident.status is IncidentStatus.OPEN and has_hours(incident.paging):
            longest = _HOUR_S  # another route may fit by then, and be due sooner
    waits = [max(1, -(-(moment - sight.now) // SECOND)) for moment in moments]
    return min([longest, *waits])
