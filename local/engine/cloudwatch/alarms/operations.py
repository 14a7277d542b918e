"""PutMetricAlarm, PutCompositeAlarm, DeleteAlarms and SetAlarmState, with their events; the rest is ministack's."""

import json
from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch

from local import clock
from local.engine import lockstep
from local.engine.cloudwatch.alarms import alarm_events, records, watching
from local.engine.cloudwatch.alarms.evaluation import Finding
from local.engine.cloudwatch.errors import invalid
from local.engine.sagemaker.errors import ApiError

_SUPPRESSOR = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")
_STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")

type Next = Callable[[dict[str, Any]], dict[str, Any]]
"""What ministack does with the same request."""


def put_metric_alarm(request: dict[str, Any]) -> dict[str, Any]:
    """PutMetricAlarm; its tags count when it is created only."""
    if request.get("AlarmName") in cloudwatch._composite_alarms:
        raise invalid(f"An alarm of another type with the name {request['AlarmName']} exists.")
    is_new = request.get("AlarmName") not in cloudwatch._alarms
    record = records.from_request(request)
    keep(record)
    if is_new and request.get("Tags"):
        cloudwatch._resource_tags[record["AlarmArn"]] = {t["Key"]: t["Value"] for t in request["Tags"]}
    return {}


def keep(record: dict[str, Any]) -> None:
    """Keep an alarm, new or changed, and tell of it."""
    name = record["AlarmName"]
    before = cloudwatch._alarms.get(name)
    cloudwatch._alarms[name] = record
    watching.watch(record)
    _tell_configuration(record, "update" if before else "create", before)


def put_composite_alarm(request: dict[str, Any], proceed: Next) -> dict[str, Any]:
    """PutCompositeAlarm, evaluated by ministack; what suppresses its actions is kept and described."""
    lockstep.catch_up()
    before = cloudwatch._composite_alarms.get(request["AlarmName"])
    before = dict(before) if before else None
    answer = proceed(request)
    record = cloudwatch._composite_alarms[request["AlarmName"]]
    record |= {key: request[key] for key in _SUPPRESSOR if request.get(key) is not None}
    _tell_configuration(record, "update" if before else "create", before)
    return answer


def describe_alarms(request: dict[str, Any], proceed: Next) -> dict[str, Any]:
    """DescribeAlarms, after every evaluation that is due."""
    lockstep.catch_up()
    return proceed(request)


def delete_alarms(request: dict[str, Any], proceed: Next) -> dict[str, Any]:
    """DeleteAlarms; names that do not exist are passed over, as CloudWatch does."""
    names = list(request.get("AlarmNames") or [])
    gone = [a for name in names if (a := cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name))]
    answer = proceed(request)
    for alarm in gone:
        watching.forget(alarm["AlarmName"])
        _tell_configuration(alarm, "delete", None)
    return answer


def set_alarm_state(request: dict[str, Any]) -> dict[str, Any]:
    """SetAlarmState; the next evaluation may change the state back."""
    lockstep.catch_up()
    name, state = request.get("AlarmName"), request.get("StateValue")
    alarm = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name)
    if alarm is None:
        raise ApiError("ResourceNotFound", f"The alarm {name} does not exist.")
    if state not in _STATES:
        raise invalid(f"The value {state} for parameter StateValue is invalid.")
    data = str(request.get("StateReasonData") or "")
    try:
        json.loads(data or "{}")
    except ValueError as error:
        raise ApiError("InvalidFormat", "The parameter StateReasonData is not valid JSON.") from error
    watching.set_state(alarm, Finding(str(state), str(request.get("StateReason", "")), data), clock.now())
    return {}


def _tell_configuration(record: dict[str, Any], operation: str, before: dict[str, Any] | None) -> None:
    entry = alarm_events.configured(record, operation, before)
    watching.later(lambda: alarm_events.put(entry))
