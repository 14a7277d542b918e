"""EventBridge Scheduler in memory."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sluice.errors import PermanentFailure
from sluice.model.ids import Micros
from tests.fakes.faults import Faulty

_NAME = re.compile(r"[0-9a-zA-Z_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class SetTimer:
    """One schedule."""

    at: Micros
    command: dict[str, Any]


class FakeTimers(Faulty):
    """`Timers`; `waiting` is there to be looked at. A timer that fired is gone, as with ActionAfterCompletion DELETE."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: dict[str, SetTimer] = {}

    def set(self, name: str, *, at: Micros, command: Mapping[str, Any]) -> None:
        """Set a timer, once a name."""
        self.check()
        if not _NAME.fullmatch(name):
            raise PermanentFailure(f"CreateSchedule: ValidationException: {name}")
        self.waiting.setdefault(name, SetTimer(at, json.loads(json.dumps(command))))

    def cancel(self, name: str) -> None:
        """Take a timer back."""
        self.check()
        self.waiting.pop(name, None)

    def fire(self, *, before: Micros) -> list[dict[str, Any]]:
        """The commands that come due before a moment, the earliest first."""
        due = sorted((t.at, name) for name, t in self.waiting.items() if t.at < before)
        return [self.waiting.pop(name).command for _, name in due]
