"""What IAM sees of a request to CloudWatch: its alarms, and the namespace that metrics are put into."""

from typing import Any

from local.engine.cloudwatch.wire import Call

_OF_ONE_ALARM = ("PutMetricAlarm", "PutCompositeAlarm", "SetAlarmState")
_OF_ALARMS = ("DescribeAlarms", "DeleteAlarms", "EnableAlarmActions", "DisableAlarmActions")


def resources(asked: Call, region: str, account: str) -> list[str]:
    """The ARNs that the caller's policies must allow, all of them."""
    prefix = f"arn:aws:cloudwatch:{region}:{account}:alarm:"
    document = asked.document
    if asked.operation in _OF_ONE_ALARM or asked.operation == "DescribeAlarmHistory":
        return [prefix + str(document.get("AlarmName") or "*")]
    if asked.operation in _OF_ALARMS:
        given = document.get("AlarmNames") or [f"{document.get('AlarmNamePrefix') or ''}*"]
        return [prefix + str(name) for name in given]
    if asked.operation in ("TagResource", "UntagResource", "ListTagsForResource"):
        return [str(document.get("ResourceARN") or "*")]
    return ["*"]


def conditions(asked: Call) -> dict[str, Any]:
    """Condition keys of a request."""
    if asked.operation == "PutMetricData":
        return {"cloudwatch:namespace": str(asked.document.get("Namespace", ""))}
    return {}
