"""Scaling policies of scalable targets."""

import uuid
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region

from local import clock
from local.engine.autoscaling import paging, targets
from local.engine.sagemaker.errors import ApiError, invalid

_CONFIGURATIONS = {
    "StepScaling": "StepScalingPolicyConfiguration",
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
}

_policies: Any = AccountRegionScopedDict()  # (resource id, dimension, name) -> policy


def put(request: dict[str, Any]) -> dict[str, Any]:
    """PutScalingPolicy; one of the same name is changed and keeps its ARN."""
    target = targets.find(request, "No scalable target registered")
    known = _policies.get(_key(request))
    kind = request.get("PolicyType") or (known or {}).get("PolicyType") or "StepScaling"
    configuration = _CONFIGURATIONS.get(kind)
    if configuration is None or not (request.get(configuration) or known):
        raise invalid(f"A {kind} policy needs its configuration.")
    policy = {
        "PolicyARN": known["PolicyARN"] if known else _arn(request),
        "PolicyName": request["PolicyName"],
        "ServiceNamespace": target["ServiceNamespace"],
        "ResourceId": target["ResourceId"],
        "ScalableDimension": target["ScalableDimension"],
        "PolicyType": kind,
        configuration: request.get(configuration) or (known or {})[configuration],
        "Alarms": [],
        "CreationTime": known["CreationTime"] if known else clock.now(),
    }
    _policies[_key(request)] = policy
    return {"PolicyARN": policy["PolicyARN"], "Alarms": []}


def describe(request: dict[str, Any]) -> dict[str, Any]:
    """DescribeScalingPolicies."""
    fields = ("ResourceId", "ScalableDimension")
    names = request.get("PolicyNames")
    found = [
        policy
        for policy in _policies.values()
        if policy["ServiceNamespace"] == request["ServiceNamespace"]
        and all(request.get(field) in (None, policy[field]) for field in fields)
        and (not names or policy["PolicyName"] in names or policy["PolicyARN"] in names)
    ]
    return paging.page(found, request, "ScalingPolicies")


def delete(request: dict[str, Any]) -> dict[str, Any]:
    """DeleteScalingPolicy."""
    if _policies.pop(_key(request), None) is None:
        what = f"{targets.named(request)}: {request['PolicyName']}"
        raise ApiError("ObjectNotFoundException", f"No scaling policy found for {what}")
    return {}


def delete_all(request: dict[str, Any]) -> None:
    """Delete the policies of a target that is deregistered."""
    for key in list(_policies):
        if key[:2] == (request["ResourceId"], request["ScalableDimension"]):
            _policies.pop(key)


def forget() -> None:
    """Forget all policies."""
    _policies.clear()


def _key(request: dict[str, Any]) -> tuple[str, str, str]:
    return request["ResourceId"], request["ScalableDimension"], request["PolicyName"]


def _arn(request: dict[str, Any]) -> str:
    resource = f"resource/{request['ServiceNamespace']}/{request['ResourceId']}:policyName/{request['PolicyName']}"
    return f"arn:aws:autoscaling:{get_region()}:{get_account_id()}:scalingPolicy:{uuid.uuid4()}:{resource}"
