"""`CloudWatch Alarm State Change` of a rollout's trip wire: only a hint that the judge should look at once."""

import re
from collections.abc import Mapping
from typing import Any

from sluice.errors import InvalidInput
from sluice.model.ids import RolloutId

DETAIL_TYPE = "CloudWatch Alarm State Change"
TRIPWIRE_PREFIX = "sluice-canary-tripwire-"

_NAME = re.compile(re.escape(TRIPWIRE_PREFIX) + r"(?P<rollout>[0-9a-f]{32})", re.ASCII)


def tripped_rollout(envelope: Mapping[str, Any]) -> RolloutId:
    """Whose trip wire it is, by the alarm's name; raises InvalidInput for anything that is not this event.

    What it says is not believed: the judge reads the metrics itself.
    """
    if envelope.get("source") != "aws.cloudwatch" or envelope.get("detail-type") != DETAIL_TYPE:
        raise InvalidInput(f"not a {DETAIL_TYPE} of aws.cloudwatch: {str(envelope.get('detail-type'))[:100]!r}")
    detail = envelope.get("detail")
    name = detail.get("alarmName") if isinstance(detail, Mapping) else None
    match = _NAME.fullmatch(name) if isinstance(name, str) else None
    if match is None:
        raise InvalidInput(f"not the trip wire of a rollout: {str(name)[:100]!r}")
    return RolloutId(match["rollout"])
