"""Who is on call at a moment.

Hand-overs are at fixed times of the clock on the wall, also across daylight saving: a shift may then be an hour
longer or shorter. A hand-over in an hour that the clock skips happens when it has skipped; in an hour that it
repeats, the first time round.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sluice.model.ids import Micros, SlackUserId
from sluice.model.schedule import Schedule

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def on_call(schedule: Schedule, at: Micros) -> SlackUserId | None:
    """The person on call, or None before the first shift."""
    zone = ZoneInfo(schedule.time_zone)
    for override in schedule.overrides:
        if _moment(override.start, zone) <= at < _moment(override.end, zone):
            return override.person
    shift = _shift(schedule, zone, at)
    return None if shift < 0 else schedule.people[shift % len(schedule.people)]


def _shift(schedule: Schedule, zone: ZoneInfo, at: Micros) -> int:
    """Number of the shift at a moment, from 0; negative before the first.

    The wall clock gives a first guess; it can be one too high while an hour repeats, one too low after one was skipped.
    """
    start, length = datetime.fromisoformat(schedule.start), timedelta(seconds=schedule.shift_s)
    wall = (_EPOCH + timedelta(microseconds=at)).astimezone(zone).replace(tzinfo=None)
    guess = (wall - start) // length
    begun = (n for n in range(guess + 2, guess - 3, -1) if _instant(start + n * length, zone) <= at)
    return next(begun, guess)


def _moment(wall_time: str, zone: ZoneInfo) -> Micros:
    return _instant(datetime.fromisoformat(wall_time), zone)


def _instant(wall: datetime, zone: ZoneInfo) -> Micros:
    """When a clock on the wall shows this (for the first time)."""
    return Micros((wall.replace(tzinfo=zone, fold=0) - _EPOCH) // _MICROSECOND)
