"""`CloudWatch Alarm State Change` as a hint: which alarm to look at; its state is read from CloudWatch."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from sluice.errors import InvalidInput
from sluice.model.ids import EPOCH, Micros, RolloutId
from sluice.model.iso_time import iso_moment
from sluice.model.metric_query import AlarmState

DETAIL_TYPE = "CloudWatch Alarm State Change"
OWN_PREFIX = "sluice-canary-"
"""With what the names of alarms begin that a rollout makes for its own time."""
TRIPWIRE_PREFIX = f"{OWN_PREFIX}tripwire-"

_TRIPWIRE = re.compile(re.escape(TRIPWIRE_PREFIX) + r"(?P<rollout>[0-9a-f]{32})", re.ASCII)


@dataclass(frozen=True, slots=True)
class AlarmEvent:
    """An alarm of whatever kind (metric, metric math, anomaly, several series, composite) that changed its state.

    `muted_until` is the end of the mute that it says it is under, 0 without one: CloudWatch tells of it nowhere else.
    `tags` are there only where the account lets alarms carry them.
    """

    account: str
    region: str
    name: str
    state: AlarmState = AlarmState.ALARM
    muted_until: Micros = EPOCH
    tags: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, envelope: Any) -> Self:
        """Read an EventBridge envelope; raises InvalidInput for anything that is not this event."""
        if not isinstance(envelope, Mapping):
            raise InvalidInput("not an EventBridge event")
        if envelope.get("source") != "aws.cloudwatch" or envelope.get("detail-type") != DETAIL_TYPE:
            raise InvalidInput(f"not a {DETAIL_TYPE} of aws.cloudwatch: {str(envelope.get('detail-type'))[:100]!r}")
        detail = _object(envelope.get("detail"))
        account, region, name = envelope.get("account"), envelope.get("region"), detail.get("alarmName")
        if not all(isinstance(each, str) and each for each in (account, region, name)):
            raise InvalidInput("an alarm event that lacks its account, region or alarm")
        state = _object(detail.get("state")).get("value")
        if state not in list(AlarmState):
            raise InvalidInput(f"not a state of an alarm: {str(state)[:50]!r}")
        # A mute whose end cannot be read is none: an alarm is rather heard than muted for ever.
        muted_until = iso_moment(_object(detail.get("muteDetail")).get("muteWindowEnd")) or EPOCH
        return cls(
            str(account), str(region), str(name), AlarmState(state), muted_until, _texts(detail.get("alarmTags"))
        )


def tripped_rollout(envelope: Mapping[str, Any]) -> RolloutId:
    """Whose trip wire it is, by the alarm's name; raises InvalidInput for anything that is not this event.

    What it says is not believed: the judge reads the metrics itself.
    """
    told = AlarmEvent.parse(envelope)
    if told.state is not AlarmState.ALARM:
        raise InvalidInput("not an alarm that went to ALARM")
    match = _TRIPWIRE.fullmatch(told.name)
    if match is None:
        raise InvalidInput(f"not the trip wire of a rollout: {told.name[:100]!r}")
    return RolloutId(match["rollout"])


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: Any) -> Mapping[str, str]:
    return {str(key): text for key, text in _object(value).items() if isinstance(text, str)}
