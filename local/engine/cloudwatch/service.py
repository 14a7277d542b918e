"""CloudWatch's operations: ours where ministack lacks something, ministack's for the rest."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch

from local.engine import lockstep
from local.engine.cloudwatch import getting, listing, publishing, wire
from local.engine.cloudwatch.alarms import operations, watching
from local.engine.cloudwatch.wire import Call
from local.engine.sagemaker.errors import ApiError

_OURS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "PutMetricData": publishing.put_metric_data,
    "GetMetricData": getting.get_metric_data,
    "GetMetricStatistics": getting.get_metric_statistics,
    "ListMetrics": listing.list_metrics,
    "PutMetricAlarm": operations.put_metric_alarm,
    "SetAlarmState": operations.set_alarm_state,
}
_AROUND: dict[str, Callable[[dict[str, Any], operations.Next], dict[str, Any]]] = {
    "PutCompositeAlarm": operations.put_composite_alarm,
    "DescribeAlarms": operations.describe_alarms,
    "DeleteAlarms": operations.delete_alarms,
}
_THEIRS = {
    "DescribeAlarmsForMetric": cloudwatch._describe_alarms_for_metric,
    "DescribeAlarmHistory": cloudwatch._describe_alarm_history,
    "EnableAlarmActions": cloudwatch._enable_alarm_actions,
    "DisableAlarmActions": cloudwatch._disable_alarm_actions,
    "TagResource": cloudwatch._tag_resource,
    "UntagResource": cloudwatch._untag_resource,
    "ListTagsForResource": cloudwatch._list_tags_for_resource,
    "PutDashboard": cloudwatch._put_dashboard,
    "GetDashboard": cloudwatch._get_dashboard,
    "DeleteDashboards": cloudwatch._delete_dashboards,
    "ListDashboards": cloudwatch._list_dashboards,
    "PutCompositeAlarm": cloudwatch._put_composite_alarm,
    "DescribeAlarms": cloudwatch._describe_alarms,
    "DeleteAlarms": cloudwatch._delete_alarms,
}


async def handle_request(_method: str, path: str, headers: Any, body: bytes, query: Any) -> wire.Answer:
    """Answer one request; alarms and long windows take a while, so that others are served meanwhile."""
    asked = wire.call(path, headers, body, query)
    try:
        return wire.answer(asked, await asyncio.to_thread(perform, asked))
    except ApiError as error:
        return wire.refusal(asked, error)


def perform(asked: Call) -> dict[str, Any]:
    """Carry out one request."""
    with lockstep.lock:
        return _perform(asked)


def _perform(asked: Call) -> dict[str, Any]:
    name = asked.operation
    if ours := _OURS.get(name):
        return ours(asked.document)
    if name not in _THEIRS:
        raise ApiError("InvalidAction", f"The action {name} is not part of the embedded CloudWatch.")

    def proceed(document: dict[str, Any]) -> dict[str, Any]:
        return _parsed(_THEIRS[name]({}, document, False, True))

    around = _AROUND.get(name)
    return around(asked.document, proceed) if around else proceed(asked.document)


def reset() -> None:
    """Forget every metric and alarm."""
    publishing.forget()
    watching.forget()


def _parsed(answer: tuple[int, Any, bytes]) -> dict[str, Any]:
    status, _, body = answer
    document: dict[str, Any] = json.loads(body or b"{}")
    if status >= 400:
        raise ApiError(str(document.get("__type", "InternalServiceError")), str(document.get("message", "")))
    return document
