"""A CloudWatch alarm as it is now, and what is remembered of one that is to keep quiet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from sluice.model.ids import Micros
from sluice.model.metric_query import AlarmState


@dataclass(frozen=True, slots=True)
class AlarmMetric:
    """One metric that an alarm watches."""

    namespace: str
    name: str
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlarmSeen:
    """An alarm of any kind at one moment, as DescribeAlarms tells.

    `since` is when it came into its state. `metrics` is empty for a composite alarm, whose `rule` names others.
    `value` is the newest figure that it evaluated and `limit` what that was compared with, where it has such.
    `suppressed` is why its actions are held back, empty where they are not.
    """

    name: str
    arn: str
    state: AlarmState
    since: Micros
    reason: str = ""
    description: str = ""
    metrics: tuple[AlarmMetric, ...] = ()
    rule: str = ""
    value: float | None = None
    limit: float | None = None
    suppressed: str = ""


@dataclass(frozen=True, slots=True)
class QuietAlarm:
    """An alarm that rings while it is muted or suppressed (record kind `quiet_alarm`, id = the alarm's name).

    It is due when that may be over: whoever finds it then looks at the alarm again.
    """

    KIND: ClassVar[str] = "quiet_alarm"

    name: str
    until: Micros
    why: str
