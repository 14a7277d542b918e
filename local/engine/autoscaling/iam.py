"""What Application Auto Scaling asks of its caller beside its own operation."""

from collections.abc import Iterator
from typing import Any

from local.engine.sagemaker.iam import Right

_OF_TARGET = ("sagemaker:DescribeEndpoint", "sagemaker:UpdateEndpointWeightsAndCapacities")
_OF_ALARMS = ("cloudwatch:PutMetricAlarm", "cloudwatch:DescribeAlarms", "cloudwatch:DeleteAlarms")


def needed(operation: str, document: dict[str, Any], region: str, account: str) -> Iterator[Right]:
    """The rights that are tried before a target is registered, and before the alarms of a policy are made."""
    resource = str(document.get("ResourceId"))
    if operation == "RegisterScalableTarget" and resource.startswith("endpoint/"):
        endpoint = f"arn:aws:sagemaker:{region}:{account}:endpoint/{resource.split('/')[1].lower()}"
        yield from (Right(action, endpoint) for action in _OF_TARGET)
    if operation == "PutScalingPolicy":
        alarm = f"arn:aws:cloudwatch:{region}:{account}:alarm:TargetTracking-{resource}-AlarmHigh"
        yield from (Right(action, alarm) for action in _OF_ALARMS)
