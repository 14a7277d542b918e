"""`CloudWatch Alarm State Change`: a hint that the judge should look at once; the state is read from CloudWatch."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sluice.errors import InvalidInput
from sluice.model.ids import RolloutId
from sluice.model.metric_query import AlarmState

DETAIL_TYPE = "CloudWatch Alarm State Change"
OWN_PREFIX = "sluice-canary-"
"""With what the names of alarms begin that a rollout makes for its own time."""
TRIPWIRE_PREFIX = f"{OWN_PREFIX}tripwire-"

_TRIPWIRE = re.compile(re.escape(TRIPWIRE_PREFIX) + r"(?P<rollout>[0-9a-f]{32})", re.ASCII)


@dataclass(frozen=True, slots=True)
class AlarmEvent:
    """An alarm of whatever kind, metric, metric-math or composite, that went to ALARM."""

    account: str
    region: str
    name: str

    @classmethod
    def parse(cls, envelope: Any) -> Self:
        """Read an EventBridge envelope; raises InvalidInput for anything that is not this event."""
        if not isinstance(envelope, Mapping):
            raise InvalidInput("not an EventBridge event")
        if envelope.get("source") != "aws.cloudwatch" or envelope.get("detail-type") != DETAIL_TYPE:
            raise InvalidInput(f"not a {DETAIL_TYPE} of aws.cloudwatch: {str(envelope.get('detail-type'))[:100]!r}")
        detail = envelope.get("detail")
        detail = detail if isinstance(detail, Mapping) else {}
        state = detail.get("state")
        if not isinstance(state, Mapping) or state.get("value") != AlarmState.ALARM:
            raise InvalidInput("not an alarm that went to ALARM")
        told = (envelope.get("account"), envelope.get("region"), detail.get("alarmName"))
        if not all(isinstance(each, str) and each for each in told):
            raise InvalidInput("an alarm event that lacks its account, region or alarm")
        return cls(*map(str, told))


def tripped_rollout(envelope: Mapping[str, Any]) -> RolloutId:
    """Whose trip wire it is, by the alarm's name; raises InvalidInput for anything that is not this event.

    What it says is not believed: the judge reads the metrics itself.
    """
    name = AlarmEvent.parse(envelope).name
    match = _TRIPWIRE.fullmatch(name)
    if match is None:
        raise InvalidInput(f"not the trip wire of a rollout: {name[:100]!r}")
    return RolloutId(match["rollout"])
