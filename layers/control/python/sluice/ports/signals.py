"""What is read of those who watch production: alarms and monitors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sluice.model.alarm_seen import AlarmSeen


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
