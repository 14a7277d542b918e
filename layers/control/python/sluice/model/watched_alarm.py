"""What is remembered of a team's alarm while rollouts name it."""

from dataclasses import dataclass
from typing import ClassVar

from sluice.model.ids import RolloutId


@dataclass(frozen=True, slots=True)
class WatchedAlarm:
    """The rollouts under way that an alarm takes back (record kind `watched_alarm`, id = the alarm's name).

    It is written with a rollout's plan and with its end, so that an event of any alarm of the account costs one read.
    """

    KIND: ClassVar[str] = "watched_alarm"

    name: str
    rollouts: tuple[RolloutId, ...] = ()
