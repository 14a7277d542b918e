"""Step Functions in memory: executions by name, and task tokens that can be answered once."""

import json
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from sluice.model.codec import decode
from sluice.model.ids import Micros
from sluice.model.release import BrokenExecution, Release
from tests.fakes.faults import Faulty


class FakeExecutions(Faulty):
    """`Executions`: a name that was ever used starts nothing again, whatever its input."""

    def __init__(self) -> None:
        super().__init__()
        self.started: dict[str, dict[str, Any]] = {}
        self.broke: dict[str, str] = {}
        self.done: set[str] = set()
        self.asked = 0

    def start(self, name: str, given: Mapping[str, Any]) -> None:
        """Start once."""
        self.check()
        self.asked += 1
        self.started.setdefault(name, json.loads(json.dumps(given)))

    def status(self, name: str) -> str | None:
        """RUNNING until a test says otherwise: in `broke` for what failed, in `done` for what came to its end."""
        self.check()
        if name not in self.started:
            return None
        return self.broke.get(name, "SUCCEEDED" if name in self.done else "RUNNING")

    def broken(self, *, since: Micros) -> Iterator[BrokenExecution]:
        """Executions that a test broke, whenever that was."""
        del since
        self.check()
        yield from (BrokenExecution(decode(Release, self.started[name]), status) for name, status in self.broke.items())


class FakeWaiting(Faulty):
    """`Waiting`: tokens come from `wait`; `answers` holds what each got, `spent` those that nobody waits on."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, dict[str, Any]] = {}
        self.spent: set[str] = set()
        self.known: set[str] = set()
        self._numbers = count(1)

    def wait(self) -> str:
        """A task begins to wait; its token."""
        token = f"token-{next(self._numbers)}"
        self.known.add(token)
        return token

    def give_up(self, token: str) -> None:
        """The task timed out, or is tried again under another token."""
        self.spent.add(token)

    def resume(self, task_token: str, answer: Mapping[str, Any]) -> bool:
        """Hand over the one answer that a token takes."""
        self.check()
        if task_token not in self.known or task_token in self.spent:
            return False
        self.spent.add(task_token)
        self.answers[task_token] = json.loads(json.dumps(answer))
        return True
