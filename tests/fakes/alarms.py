"""CloudWatch alarms in memory."""

from collections.abc import Iterable, Mapping, Sequence

from sluice.model.metric_query import AlarmPlan, AlarmState
from tests.fakes.faults import Faulty


class FakeAlarms(Faulty):
    """`Alarms`: `plans` by name, `theirs` are the team's; a test lets one `ring`, or leaves it without data (`blind`); `effects` lists what changed something."""

    def __init__(self, theirs: Iterable[str] = ()) -> None:
        super().__init__()
        self.theirs = set(theirs)
        self.plans: dict[str, AlarmPlan] = {}
        self.ringing: set[str] = set()
        self.blind: set[str] = set()
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

    def states(self, names: Sequence[str]) -> Mapping[str, AlarmState]:
        self.check()
        there = self.theirs | self.plans.keys() | self.ringing | self.blind
        return {name: self._state(name) for name in names if name in there}

    def _state(self, name: str) -> AlarmState:
        if name in self.blind:
            return AlarmState.INSUFFICIENT_DATA
        return AlarmState.ALARM if name in self.ringing else AlarmState.OK
