"""CloudWatch alarms in memory."""

from collections.abc import Sequence

from sluice.model.metric_query import AlarmPlan
from tests.fakes.faults import Faulty


class FakeAlarms(Faulty):
    """`Alarms`: `plans` by name; a test puts names into `ringing`; `effects` lists what changed something."""

    def __init__(self) -> None:
        super().__init__()
        self.plans: dict[str, AlarmPlan] = {}
        self.ringing: set[str] = set()
        self.effects: list[tuple[str, str]] = []

    def ring(self, name: str) -> None:
        """An alarm, ours or somebody else's, goes to ALARM."""
        self.ringing.add(name)

    def put(self, alarm: AlarmPlan) -> None:
        self.check()
        if self.plans.get(alarm.name) != alarm:
            self.plans[alarm.name] = alarm
            self.effects.append(("put", alarm.name))

    def delete(self, names: Sequence[str]) -> None:
        self.check()
        for name in names:
            self.ringing.discard(name)
            if self.plans.pop(name, None) is not None:
                self.effects.append(("delete", name))

    def in_alarm(self, names: Sequence[str]) -> frozenset[str]:
        self.check()
        return frozenset(names) & self.ringing
