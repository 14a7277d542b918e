"""The events of alarms on the default bus, shaped as the samples of the CloudWatch guide."""

import json
import uuid
from typing import Any

from ministack.services import eventbridge

from local.engine.cloudwatch.alarms.evaluation import timestamp

_SUPPRESSION = {
    "AlarmRule": "alarmRule",
    "ActionsSuppressor": "actionsSuppressor",
    "ActionsSuppressorWaitPeriod": "actionsSuppressorWaitPeriod",
    "ActionsSuppressorExtensionPeriod": "actionsSuppressorExtensionPeriod",
}
_RULE = {
    "EvaluationPeriods": "evaluationPeriods",
    "DatapointsToAlarm": "datapointsToAlarm",
    "Threshold": "threshold",
    "ComparisonOperator": "comparisonOperator",
    "TreatMissingData": "treatMissingData",
}


def state_of(alarm: dict[str, Any]) -> dict[str, Any]:
    """The state of an alarm as an event has it."""
    state = {"value": alarm["StateValue"], "reason": alarm["StateReason"]}
    if alarm.get("StateReasonData"):
        state["reasonData"] = alarm["StateReasonData"]
    return state | {"timestamp": timestamp(alarm["StateUpdatedTimestamp"])}


def state_changed(alarm: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """`CloudWatch Alarm State Change`."""
    detail = {
        "alarmName": alarm["AlarmName"],
        "state": state_of(alarm),
        "previousState": before,
        "configuration": _watched(alarm),
    }
    return _entry("CloudWatch Alarm State Change", alarm, detail)


def configured(alarm: dict[str, Any], operation: str, before: dict[str, Any] | None = None) -> dict[str, Any]:
    """`CloudWatch Alarm Configuration Change` for `create`, `update` (with what it was before) or `delete`."""
    state = {"value": alarm["StateValue"], "timestamp": timestamp(alarm["StateUpdatedTimestamp"])}
    detail = {"alarmName": alarm["AlarmName"], "operation": operation, "state": state}
    detail["configuration"] = _configuration(alarm)
    if before is not None:
        detail["previousConfiguration"] = _configuration(before)
    return _entry("CloudWatch Alarm Configuration Change", alarm, detail)


def put(entry: dict[str, Any]) -> None:
    """Put an event of CloudWatch on the default bus."""
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def _entry(kind: str, alarm: dict[str, Any], detail: dict[str, Any]) -> dict[str, Any]:
    resources = [alarm["AlarmArn"]]
    return {"Source": "aws.cloudwatch", "DetailType": kind, "Resources": resources, "Detail": json.dumps(detail)}


def _watched(alarm: dict[str, Any]) -> dict[str, Any]:
    description = {"description": alarm["AlarmDescription"]} if alarm.get("AlarmDescription") else {}
    if "AlarmRule" in alarm:
        return description | {ours: alarm[theirs] for theirs, ours in _SUPPRESSION.items() if alarm.get(theirs)}
    return description | {"metrics": _metrics(alarm)}


def _configuration(alarm: dict[str, Any]) -> dict[str, Any]:
    rule = {ours: alarm[theirs] for theirs, ours in _RULE.items() if alarm.get(theirs) is not None}
    return {
        **rule,
        **_watched(alarm),
        "alarmName": alarm["AlarmName"],
        "actionsEnabled": alarm["ActionsEnabled"],
        "timestamp": timestamp(alarm["AlarmConfigurationUpdatedTimestamp"]),
        "okActions": alarm["OKActions"],
        "alarmActions": alarm["AlarmActions"],
        "insufficientDataActions": alarm["InsufficientDataActions"],
    }


def _metrics(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    if alarm.get("Metrics"):
        return [_query(query) for query in alarm["Metrics"]]
    stat = alarm.get("ExtendedStatistic") or alarm.get("Statistic")
    metric_stat = {"metric": _metric(alarm), "period": alarm["Period"], "stat": stat}
    return [
        {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, alarm["AlarmArn"])), "metricStat": metric_stat, "returnData": True}
    ]


def _query(query: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": query["Id"]}
    if metric_stat := query.get("MetricStat"):
        metric = _metric(metric_stat["Metric"])
        shown["metricStat"] = {"metric": metric, "period": metric_stat["Period"], "stat": metric_stat["Stat"]}
    else:
        shown["expression"] = query["Expression"]
    if query.get("Label"):
        shown["label"] = query["Label"]
    return shown | {"returnData": bool(query.get("ReturnData", True))}


def _metric(metric: dict[str, Any]) -> dict[str, Any]:
    dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions") or []}
    return {"namespace": metric["Namespace"], "name": metric["MetricName"], "dimensions": dimensions}
