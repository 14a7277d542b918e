"""`/sluice/schedules/{name}` as it is written: who is on call when."""

from datetime import datetime
from itertools import pairwise
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from sluice.model.document_fields import DAY_S, Document, Duration, SlackPerson, WholeDocument
from sluice.model.ids import SlackUserId
from sluice.model.refusal import FieldErrors, FieldPath
from sluice.model.schedule import Override, Schedule

HOUR_S = 3600


def _wall_time(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ValueError("should be a local date and time, such as 2026-01-05T09:00") from error
    if moment.tzinfo is not None or moment.second or moment.microsecond:
        raise ValueError("should be local time to the minute, without offset: time_zone says where")
    if not 2000 <= moment.year <= 2100:
        raise ValueError("should lie in the years 2000 to 2100")
    return moment


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("should be the name of a time zone, such as Europe/Berlin") from error
    return name


WallTime = Annotated[
    datetime,
    BeforeValidator(_wall_time),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$", "examples": ["2026-01-05T09:00"]}),
]
ZoneName = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$"), AfterValidator(_zone)]


class OverrideEntry(Document):
    """For a while somebody else is on call."""

    person: SlackPerson
    """Slack id of who is on call instead; need not be in the rotation."""
    start: WallTime
    """When it begins, in the schedule's time zone."""
    end: WallTime
    """When it ends."""


class ScheduleDocument(WholeDocument):
    """Who is on call: people take turns of equal length, in one time zone."""

    version: Annotated[int, Field(strict=True, ge=1, le=1)] = 1
    """Version of this format: 1."""
    time_zone: ZoneName
    """Time zone of all times here, such as `Europe/Berlin`."""
    start: WallTime
    """When the first shift begins; before it nobody is on call."""
    shift: Duration
    """Length of a shift on the clock on the wall: from 1h to 28d, in whole hours. Daylight saving does not move it."""
    people: Annotated[tuple[SlackPerson, ...], Field(min_length=1, max_length=50)]
    """Slack ids, in the order of their turns."""
    overrides: Annotated[tuple[OverrideEntry, ...], Field(max_length=50)] = ()
    """Exceptions. They may not overlap."""

    @model_validator(mode="after")
    def _times_make_sense(self) -> Self:
        errors: list[tuple[FieldPath, str]] = []
        if not HOUR_S <= self.shift <= 28 * DAY_S or self.shift % HOUR_S:
            errors.append((("shift",), "must be from 1h to 28d, in whole hours"))
        by_start = sorted(enumerate(self.overrides), key=lambda item: item[1].start)
        errors += [(("overrides", i, "end"), "must be after start") for i, o in by_start if o.end <= o.start]
        for (_, before), (i, after) in pairwise(by_start):
            if after.start < before.end:
                errors.append((("overrides", i, "start"), "overlaps another override"))
        if errors:
            raise FieldErrors(*errors)
        return self

    def in_force(self, name: str) -> Schedule:
        """The view that decisions read."""
        return Schedule(
            name=name,
            time_zone=self.time_zone,
            start=self.start.isoformat(),
            shift_s=self.shift,
            people=tuple(SlackUserId(p) for p in self.people),
            overrides=tuple(
                Override(SlackUserId(o.person), o.start.isoformat(), o.end.isoformat()) for o in self.overrides
            ),
            digest=self.digest,
        )
