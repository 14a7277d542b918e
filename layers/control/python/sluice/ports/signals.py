"""What is read of those who watch production: alarms and monitors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sluice.model.alarm_seen import AlarmSeen
    from sluice.model.ids import Micros
    from sluice.model.monitor_seen import MonitorJob, MonitorRun, MonitorSchedule


class SeenAlarms(Protocol):
    """CloudWatch alarms of any kind, as they are now."""

    def seen(self, names: Sequence[str]) -> Mapping[str, AlarmSeen]:
        """Each of these alarms that exists, by its name."""
        ...

    def ringing(self) -> Iterator[AlarmSeen]:
        """Every alarm of the region that is in ALARM."""
        ...

    def tags(self, arn: str) -> Mapping[str, str]:
        """The tags of an alarm; none for one that is gone."""
        ...


class Monitors(Protocol):
    """SageMaker Model Monitor: its schedules and what their runs have found."""

    def job(self, name: str) -> MonitorJob | None:
        """A processing job, whether it is a monitor's or not; None when there is none."""
        ...

    def schedule(self, name: str) -> MonitorSchedule | None:
        """A monitoring schedule, or None when there is none."""
        ...

    def runs(self, schedule: str) -> Sequence[MonitorRun]:
        """The last runs of a schedule, the newest first; none for one that is gone."""
        ...

    def violated(self, *, since: Micros) -> Iterator[MonitorRun]:
        """Runs of every schedule of the region that were due since a moment and found violations."""
        ...
