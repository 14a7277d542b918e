"""Alarms of a batch are read in one call: CloudWatch answers nine calls a second, and a storm is of thousands."""

from collections.abc import Iterator, Mapping, Sequence

from sluice.model.alarm_seen import AlarmSeen
from sluice.ports.signals import SeenAlarms


class SeenTogether:
    """`SeenAlarms` for the time of one batch: the first of its alarms that is asked for brings all of them.

    All events of the batch have come by then, so what is read is never older than what they tell.
    """

    def __init__(self, alarms: SeenAlarms, names: Sequence[str]) -> None:
        self._alarms = alarms
        self._names = tuple(dict.fromkeys(names))
        self._known: Mapping[str, AlarmSeen] | None = None

    def seen(self, names: Sequence[str]) -> Mapping[str, AlarmSeen]:
        """Each of these alarms that exists, by its name."""
        if not set(names) <= set(self._names):
            return self._alarms.seen(names)
        if self._known is None:
            self._known = self._alarms.seen(self._names)
        return {name: self._known[name] for name in names if name in self._known}

    def ringing(self) -> Iterator[AlarmSeen]:
        """Every alarm of the region that is in ALARM."""
        return self._alarms.ringing()

    def tags(self, arn: str) -> Mapping[str, str]:
        """The tags of an alarm; none for one that is gone."""
        return self._alarms.tags(arn)
