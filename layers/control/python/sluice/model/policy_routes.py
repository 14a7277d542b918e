"""The `paging.routes` part of a policy document: which incidents call whom, at which hours, and who comes next."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from sluice.model.document_fields import DAY_S, Document, Duration, Spelled
from sluice.model.refusal import FieldErrors, FieldPath
from sluice.model.response_rules import Hours, Level, PageRoute, Severity
from sluice.model.schedule_document import ZoneName

MOST_TARGETS = 20
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = f"({'|'.join(_DAYS)})"
_NAME = r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}"

Target = Annotated[
    str,
    Spelled(
        rf"^([UW][A-Z0-9]{{1,20}}|channel|pagerduty|(schedule|sns|webhook):{_NAME})$",
        "a Slack id of a person, channel, pagerduty, schedule:NAME, sns:NAME or webhook:NAME",
    ),
]
TargetName = Annotated[
    str, Spelled(f"^{_NAME}$", "a name of letters, digits, '_', '.' and '-', beginning with a letter or digit")
]
DaySpan = Annotated[str, Spelled(f"^{_DAY}(-{_DAY})?$", "a day such as mon, or days such as mon-fri")]
ClockTime = Annotated[
    str, Spelled("^([01][0-9]|2[0-3]):[0-5][0-9]$", "a time of day such as 08:00, from 00:00 to 23:59")
]


class RouteHours(Document):
    """A time of the week, on the clock on the wall. Daylight saving does not move it."""

    model_config = ConfigDict(serialize_by_alias=True)

    time_zone: ZoneName
    """Time zone, such as `Europe/Zurich`."""
    days: Annotated[tuple[DaySpan, ...], Field(min_length=1, max_length=7)] = ("mon-sun",)
    """Days on which it begins: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`, or spans such as `mon-fri`."""
    from_: Annotated[ClockTime, Field(alias="from")]
    """When it begins, such as `08:00`."""
    to: ClockTime
    """When it ends. Not after `from` it lies on the next day; equal to it, it lasts a whole day."""

    def hours(self) -> Hours:
        """The hours as decisions read them."""
        days = {day for span in self.days for day in _days_of(span)}
        return Hours(self.time_zone, tuple(sorted(days)), self.from_, self.to)


class RouteLevel(Document):
    """Who is called at the same time."""

    after: Duration | None = None
    """How long after the level before, while nobody has acknowledged; at most 24h. The first level calls at once if it
    does not say."""
    to: Annotated[tuple[Target, ...], Field(min_length=1, max_length=MOST_TARGETS)]
    """Slack ids of people, `schedule:NAME` for who is on call in `/sluice/schedules/NAME` at that moment, `channel`,
    `pagerduty`, `sns:NAME` and `webhook:NAME` for what is named beside the routes."""

    @model_validator(mode="after")
    def _calls_each_once(self) -> Self:
        errors: list[tuple[FieldPath, str]] = [
            (("to", i), f"{target} is there already") for i, target in enumerate(self.to) if target in self.to[:i]
        ]
        if self.after is not None and self.after > DAY_S:
            errors.append((("after",), "must be at most 24h"))
        if errors:
            raise FieldErrors(*errors)
        return self


class Route(Document):
    """Some incidents, and who is called for them, level by level."""

    severity: Annotated[tuple[Severity, ...], Field(min_length=1)] = tuple(Severity)
    """Which incidents: `critical`, `error`, `warning`, `info`. Default: all."""
    hours: RouteHours | None = None
    """When it counts. Default: at any time."""
    levels: Annotated[tuple[RouteLevel, ...], Field(min_length=1, max_length=5)]
    """Who is called first, and who then. The last level is called again until somebody acknowledges."""

    @model_validator(mode="after")
    def _levels_come_one_after_the_other(self) -> Self:
        errors: list[tuple[FieldPath, str]] = [
            (("levels", i, "after"), "is needed: how long after the level before")
            for i, level in enumerate(self.levels)
            if i and level.after is None
        ]
        if errors:
            raise FieldErrors(*errors)
        return self

    @property
    def targets(self) -> Iterator[tuple[FieldPath, str]]:
        """Everything that it calls, and where that is said."""
        for i, level in enumerate(self.levels):
            for j, target in enumerate(level.to):
                yield ("levels", i, "to", j), target

    def route(self) -> PageRoute:
        """The route as decisions read it."""
        levels = tuple(Level(level.after or 0, level.to) for level in self.levels)
        return PageRoute(self.severity, levels, self.hours.hours() if self.hours else None)


def _days_of(span: str) -> Iterator[int]:
    """Numbers of the days, from 0 for Monday; a span may go over the end of the week."""
    first, _, last = span.partition("-")
    start, end = _DAYS.index(first), _DAYS.index(last or first)
    return ((start + n) % len(_DAYS) for n in range((end - start) % len(_DAYS) + 1))
