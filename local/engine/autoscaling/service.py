"""The operations of Application Auto Scaling."""

from typing import Any

from local.engine.autoscaling import policies, schedules, targets
from local.engine.json_service import JsonService


def _deregister(request: dict[str, Any]) -> dict[str, Any]:
    answer = targets.deregister(request)
    policies.delete_all(request)
    schedules.delete_all(request)
    return answer


def _forget() -> None:
    targets.forget()
    policies.forget()
    schedules.forget()


service = JsonService(
    "application-autoscaling",
    {
        "RegisterScalableTarget": targets.register,
        "DeregisterScalableTarget": _deregister,
        "DescribeScalableTargets": targets.describe,
        "PutScalingPolicy": policies.put,
        "DescribeScalingPolicies": policies.describe,
        "DeleteScalingPolicy": policies.delete,
        "PutScheduledAction": schedules.put,
        "DescribeScheduledActions": schedules.describe,
        "DeleteScheduledAction": schedules.delete,
    },
    _forget,
)
"""What ministack calls."""
