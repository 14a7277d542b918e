"""An on-call schedule as decisions read it. Times are local wall time without offset (`2026-01-05T09:00:00`)."""

from dataclasses import dataclass
from typing import ClassVar

from sluice.model.ids import Digest, SlackUserId


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody else is on call from `start` until before `end`."""

    person: SlackUserId
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """A rotation: from `start` each of `people` in turn for `shift_s`, and again from the first."""

    name: str
    time_zone: str
    start: str
    shift_s: int
    people: tuple[SlackUserId, ...]
    overrides: tuple[Override, ...] = ()
    digest: Digest | None = None


@dataclass(frozen=True, slots=True)
class ScheduleRecord:
    """The schedule in force (record kind `schedule`, id = its name). `text` is the canonical JSON."""

    KIND: ClassVar[str] = "schedule"

    in_force: Schedule
    text: str
