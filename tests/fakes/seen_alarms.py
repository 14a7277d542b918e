"""CloudWatch alarms as they are read, in memory."""

from collections.abc import Iterator, Mapping, Sequence

from sluice.model.alarm_seen import AlarmSeen
from sluice.model.metric_query import AlarmState
from tests.fakes.faults import Faulty


class FakeSeenAlarms(Faulty):
    """`SeenAlarms`: `alarms` by name, `tagged` by ARN; `calls` are the calls that CloudWatch counts."""

    def __init__(self, *alarms: AlarmSeen) -> None:
        super().__init__()
        self.alarms = {alarm.name: alarm for alarm in alarms}
        self.tagged: dict[str, Mapping[str, str]] = {}
        self.calls: list[str] = []

    def put(self, *alarms: AlarmSeen) -> None:
        """Alarms are made, or are by now as given."""
        self.alarms |= {alarm.name: alarm for alarm in alarms}

    def seen(self, names: Sequence[str]) -> Mapping[str, AlarmSeen]:
        self.check()
        self.calls.append("DescribeAlarms")
        return {name: self.alarms[name] for name in names if name in self.alarms}

    def ringing(self) -> Iterator[AlarmSeen]:
        self.check()
        self.calls.append("DescribeAlarms")
        yield from [alarm for alarm in self.alarms.values() if alarm.state is AlarmState.ALARM]

    def tags(self, arn: str) -> Mapping[str, str]:
        self.check()
        self.calls.append("ListTagsForResource")
        return self.tagged.get(arn, {})
