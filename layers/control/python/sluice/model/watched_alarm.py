"""Who is concerned by an alarm or a monitor that a policy names, found by one read of its name."""

from dataclasses import dataclass
from typing import ClassVar

from sluice.model.ids import RolloutId


@dataclass(frozen=True, slots=True)
class WatchedAlarm:
    """Whom an alarm concerns (record kind `watched_alarm`, id = the alarm's name).

    `rollouts` are those under way that it takes back: written with a rollout's plan and with its end. `groups` are
    those whose policy names it, or did once: what the policy says now is read from the policy. So an event of any
    alarm of the account costs one read.
    """

    KIND: ClassVar[str] = "watched_alarm"

    name: str
    rollouts: tuple[RolloutId, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WatchedMonitor:
    """The groups whose policy names a monitor, or did once (record kind `watched_monitor`, id = lower-case name)."""

    KIND: ClassVar[str] = "watched_monitor"

    name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WatchAlarms:
    """The alarms that Sluice makes for a policy's own metrics (record kind `watch_alarms`, id = lower-case group name).

    `names` are those that may stand in CloudWatch: noted before they are made, and until they are deleted. `made` is
    the digest of what was made last, empty while that is due.
    """

    KIND: ClassVar[str] = "watch_alarms"

    group: str
    names: tuple[str, ...] = ()
    made: str = ""
