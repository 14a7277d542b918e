"""Sluice's own event bus in memory."""

import json
from collections.abc import Mapping
from typing import Any

from tests.fakes.faults import Faulty


class FakeBus(Faulty):
    """`EventBus`; `events` keeps what was published."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[tuple[str, dict[str, Any]]] = []

    def publish(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        """Publish one event."""
        self.check()
        self.events.append((detail_type, json.loads(json.dumps(detail))))
