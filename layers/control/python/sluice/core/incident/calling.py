"""Whom to call next, and when: level by level, the last one again and again, after silence everybody. Pure."""

from dataclasses import dataclass, replace
from typing import Final

from sluice.core.incident.routing import OnCall, levels_of, route_at, targets_of
from sluice.model.ids import EPOCH, Micros, SlackUserId
from sluice.model.incident import Incident, IncidentStatus
from sluice.model.response_rules import Level
from sluice.model.rollback import Rollback

SECOND: Final = 1_000_000
_RAREST_REPEAT_S: Final = 4 * 3600
_GROWTH: Final = 24
"""A call is repeated after a 24th of the time for which people were called so far, where that is the longer one."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What is true at a moment beside the incident: who is on call, who owns it, and what became of its rollbacks.

    `rollback` is the newest of them, `failed` the newest that came to a bad end, `held` says that one of them holds the
    endpoint.
    """

    now: Micros
    on_call: OnCall
    contacts: tuple[SlackUserId, ...] = ()
    rollback: Rollback | None = None
    failed: Rollback | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class _Standing:
    """The route that fits now, and how many of its levels were called; another route begins at its first."""

    route: int | None
    levels: tuple[Level, ...]
    called: int


def call_due(incident: Incident, sight: Sight) -> int:
    """When somebody is to be called next."""
    if incident.status is IncidentStatus.ACKNOWLEDGED:
        return last_word(incident) + incident.paging.silence_s * SECOND
    standing = _standing(incident, sight)
    if standing.called >= len(standing.levels):
        return incident.paged_at + repeat_s(incident) * SECOND
    begun = incident.paged_at if incident.level else since(incident)
    return begun + standing.levels[standing.called].after_s * SECOND


def called(incident: Incident, sight: Sight) -> tuple[Incident, tuple[str, ...]]:
    """The incident once the next ones are called, and who that is; after silence that is whoever was called before."""
    if incident.status is IncidentStatus.ACKNOWLEDGED and incident.paged:
        return _noted(incident, incident.paged, sight.now), incident.paged
    standing = _standing(incident, sight)
    place = min(standing.called, len(standing.levels) - 1)
    targets = targets_of(standing.levels[place], incident.paging, sight.on_call, sight.contacts)
    further = replace(incident, level=place + 1, routed=standing.route)
    return _noted(further, targets, sight.now), targets


def repeat_s(incident: Incident) -> int:
    """Seconds until the last level is called again: ever more rarely, since an execution's history has its limit."""
    grown = (incident.paged_at - since(incident)) // SECOND // _GROWTH
    return max(incident.paging.repeat_s, min(grown, _RAREST_REPEAT_S))


def since(incident: Incident) -> Micros:
    """Since when people are called this time."""
    return incident.called_since or incident.opened_at


def last_word(incident: Incident) -> Micros:
    """When something was last said of it: somebody took it, wrote in its thread, or was called again."""
    taken = EPOCH if incident.acknowledged is None else incident.acknowledged.at
    return max(taken, incident.word_at, incident.paged_at)


def _standing(incident: Incident, sight: Sight) -> _Standing:
    route = route_at(incident.paging, incident.severity, sight.now)
    levels = levels_of(incident.paging, route)
    return _Standing(route, levels, incident.level if route == incident.routed else 0)


def _noted(incident: Incident, targets: tuple[str, ...], now: Micros) -> Incident:
    paged = tuple(dict.fromkeys((*incident.paged, *targets)))
    return replace(incident, pages=incident.pages + 1, paged_at=now, paged=paged)
