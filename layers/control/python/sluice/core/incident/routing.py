"""Who hears of an incident: the first route that fits, and its levels down to people. Pure.

Hours are those of the clock on the wall, over daylight saving as well: an hour that the clock repeats counts twice,
one that it skips not at all.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sluice.model.ids import Micros, SlackUserId
from sluice.model.response_rules import Hours, Level, PageRoute, PagingRules, Severity

CHANNEL: Final = "channel"
PAGERDUTY: Final = "pagerduty"
_SCHEDULE: Final = "schedule:"
_TOPIC: Final = "sns:"
_WEBHOOK: Final = "webhook:"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

type OnCall = Mapping[str, SlackUserId]
"""Who is on call now, by the name of the schedule; a schedule that names nobody is not in it."""


def is_within(hours: Hours, at: Micros) -> bool:
    """Whether a moment lies in a time of the week; an end at or before the start lies on the next day."""
    wall = (_EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(hours.time_zone))
    today, yesterday, now = wall.weekday(), (wall.weekday() - 1) % 7, wall.strftime("%H:%M")
    if hours.start < hours.end:
        return today in hours.days and hours.start <= now < hours.end
    return (today in hours.days and now >= hours.start) or (yesterday in hours.days and now < hours.end)


def route_at(paging: PagingRules, severity: Severity, at: Micros) -> int | None:
    """The first route that takes this severity at this moment, by its place; None where none does."""
    fitting = (n for n, route in enumerate(paging.routes) if _fits(route, severity, at))
    return next(fitting, None)


def levels_of(paging: PagingRules, route: int | None) -> tuple[Level, ...]:
    """The levels of a route, in order; without one there is a single level, the owners."""
    levels = () if route is None else paging.routes[route].levels
    return levels or (Level(0, ()),)


def has_hours(paging: PagingRules) -> bool:
    """Whether the route can become another by time alone."""
    return any(route.hours is not None for route in paging.routes)


def schedules_of(paging: PagingRules) -> tuple[str, ...]:
    """The schedules that may be asked who is on call."""
    targets = (target for route in paging.routes for level in route.levels for target in level.to)
    return tuple(dict.fromkeys(t.removeprefix(_SCHEDULE) for t in targets if t.startswith(_SCHEDULE)))


def targets_of(level: Level, paging: PagingRules, on_call: OnCall, contacts: Sequence[SlackUserId]) -> tuple[str, ...]:
    """Whom a level reaches now. If that is nobody, it is the channel with the owners: an incident is never silent."""
    found = (_reached(target, paging, on_call) for target in level.to)
    reached = tuple(dict.fromkeys(target for target in found if target))
    return reached or (CHANNEL, *dict.fromkeys(contacts))


def is_person(target: str) -> bool:
    """Whether a target is a person of Slack."""
    return target not in (CHANNEL, PAGERDUTY) and ":" not in target


def _fits(route: PageRoute, severity: Severity, at: Micros) -> bool:
    return severity in route.severities and (route.hours is None or is_within(route.hours, at))


def _reached(target: str, paging: PagingRules, on_call: OnCall) -> str:
    """A target as it can be reached; empty for one that leads nowhere."""
    if target.startswith(_SCHEDULE):
        return on_call.get(target.removeprefix(_SCHEDULE), "")
    if target == PAGERDUTY:
        return target if paging.pagerduty_secret else ""
    if target.startswith(_TOPIC):
        return target if target.removeprefix(_TOPIC) in paging.topics else ""
    if target.startswith(_WEBHOOK):
        return target if target.removeprefix(_WEBHOOK) in paging.webhooks else ""
    return target
