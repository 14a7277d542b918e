"""SQS in memory: the decisions queue, and the place for what cannot be handled."""

import json
from collections.abc import Mapping
from typing import Any

from sluice.errors import PermanentFailure
from tests.fakes.faults import Faulty

MAX_BYTES = 262_144
"""The size that every SQS queue takes, whatever larger limit a Region offers."""


class FakeQueue(Faulty):
    """`CommandQueue`; `sent` keeps everything, `take` hands over what waits, in the order of arrival."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, Any]] = []
        self.waiting: list[dict[str, Any]] = []

    def send(self, command: Mapping[str, Any]) -> None:
        """Put one command on the queue."""
        self.check()
        text = json.dumps(command)
        if len(text.encode()) > MAX_BYTES:
            raise PermanentFailure("SendMessage: InvalidParameterValue: the message is too long")
        self.sent.append(json.loads(text))
        self.waiting.append(json.loads(text))

    def take(self) -> list[dict[str, Any]]:
        """Everything that waits."""
        waiting, self.waiting = self.waiting, []
        return waiting


class FakeAside(Faulty):
    """Dead letters with their reasons."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[tuple[str, str]] = []

    def put(self, body: str, *, error: Exception) -> None:
        """Keep a message."""
        self.check()
        self.letters.append((body, f"{type(error).__name__}: {error}"))
