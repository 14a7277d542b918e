"""What CloudWatch answers about alarms, read into the model's shape."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from sluice.adapters.moments import micros_of
from sluice.model.alarm_seen import AlarmMetric, AlarmSeen
from sluice.model.metric_query import AlarmState

_TEXT_CHARS = 1024


def alarm_of(answer: Mapping[str, Any]) -> AlarmSeen:
    """Read one alarm of DescribeAlarms, whatever kind it is."""
    told = _told(answer.get("StateReasonData", ""))
    return AlarmSeen(
        name=answer["AlarmName"],
        arn=answer["AlarmArn"],
        state=AlarmState(answer["StateValue"]),
        # An alarm that has never changed its state has no moment of transition.
        since=micros_of(answer.get("StateTransitionedTimestamp") or answer["StateUpdatedTimestamp"]),
        reason=str(answer.get("StateReason", ""))[:_TEXT_CHARS],
        description=str(answer.get("AlarmDescription", ""))[:_TEXT_CHARS],
        metrics=tuple(_metrics(answer)),
        rule=answer.get("AlarmRule", ""),
        value=_newest(told.get("recentDatapoints")),
        limit=_number(answer.get("Threshold")),
        suppressed=answer.get("ActionsSuppressedBy", ""),
    )


def _metrics(answer: Mapping[str, Any]) -> Iterator[AlarmMetric]:
    """Its one metric, or those that its expression is made of."""
    if answer.get("MetricName"):
        yield _metric(answer)
    for query in answer.get("Metrics") or ():
        if query.get("MetricStat"):
            yield _metric(query["MetricStat"]["Metric"])


def _metric(answer: Mapping[str, Any]) -> AlarmMetric:
    dimensions = {d["Name"]: d["Value"] for d in answer.get("Dimensions") or ()}
    return AlarmMetric(answer.get("Namespace", ""), answer.get("MetricName", ""), dimensions)


def _told(reason_data: str) -> Mapping[str, Any]:
    """The figures of the last evaluation; nothing where there are none (alarms on several series) or none are read."""
    try:
        told = json.loads(reason_data or "{}")
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, Mapping) else {}


def _newest(points: Any) -> float | None:
    """The last of the evaluated figures that there is: CloudWatch lists them by time."""
    numbers = [n for n in map(_number, points if isinstance(points, list) else ()) if n is not None]
    return numbers[-1] if numbers else None


def _number(value: Any) -> float | None:
    usable = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if usable else None
