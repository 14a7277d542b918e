"""Scalable targets: what of an endpoint may be scaled, and between which numbers."""

import uuid
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region

from local import clock
from local.engine.autoscaling import paging
from local.engine.sagemaker.errors import ApiError, invalid
from local.engine.sagemaker.serving import serving

_INSTANCES = "sagemaker:variant:DesiredInstanceCount"
_CONCURRENCY = "sagemaker:variant:DesiredProvisionedConcurrency"
_ROLE = (
    "arn:aws:iam::{}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)
_SUSPENDED = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")

_targets: Any = AccountRegionScopedDict()  # (resource id, dimension) -> target


def register(request: dict[str, Any]) -> dict[str, Any]:
    """RegisterScalableTarget; of a known target it changes what is given and keeps the rest."""
    check_namespace(request)
    key = _key(request)
    known = _targets.get(key)
    if known is None:
        _check_new(request)
    target = dict(known or _fresh(request))
    target |= {name: request[name] for name in ("MinCapacity", "MaxCapacity") if request.get(name) is not None}
    target["SuspendedState"] |= request.get("SuspendedState") or {}
    if target["MinCapacity"] > target["MaxCapacity"]:
        raise invalid("Maximum capacity cannot be less than minimum capacity")
    _targets[key] = target
    return {"ScalableTargetARN": target["ScalableTargetARN"]}


def deregister(request: dict[str, Any]) -> dict[str, Any]:
    """DeregisterScalableTarget."""
    find(request, "No scalable target found")
    del _targets[_key(request)]
    return {}


def describe(request: dict[str, Any]) -> dict[str, Any]:
    """DescribeScalableTargets."""
    wanted, dimension = request.get("ResourceIds"), request.get("ScalableDimension")
    found = [
        target
        for target in _targets.values()
        if target["ServiceNamespace"] == request["ServiceNamespace"]
        and (not wanted or target["ResourceId"] in wanted)
        and dimension in (None, target["ScalableDimension"])
    ]
    return paging.page(found, request, "ScalableTargets")


def find(request: dict[str, Any], otherwise: str) -> dict[str, Any]:
    """The target that a request names."""
    found: dict[str, Any] | None = _targets.get(_key(request))
    if found is None or found["ServiceNamespace"] != request["ServiceNamespace"]:
        raise ApiError("ObjectNotFoundException", f"{otherwise} for {named(request)}")
    return found


def scaled_variants(endpoint: str) -> set[str]:
    """The variants of an endpoint that have a scalable target."""
    names = [str(target["ResourceId"]).split("/") for target in _targets.values()]
    return {variant for _, name, _, variant in names if name == endpoint}


def arn(request: dict[str, Any]) -> str | None:
    """ARN of the target that a request names, None if there is none yet."""
    target = _targets.get((request.get("ResourceId"), request.get("ScalableDimension")))
    return str(target["ScalableTargetARN"]) if target else None


def forget() -> None:
    """Forget all targets."""
    _targets.clear()


def named(request: dict[str, Any]) -> str:
    """What a request is about, in the words of the service's messages."""
    return (
        f"service namespace: {request['ServiceNamespace']}, resource ID: {request['ResourceId']}, "
        f"scalable dimension: {request['ScalableDimension']}"
    )


def check_namespace(request: dict[str, Any]) -> None:
    """Raise for what is no variant of an endpoint."""
    dimension = request["ScalableDimension"]
    if request["ServiceNamespace"] != "sagemaker" or dimension not in (_INSTANCES, _CONCURRENCY):
        raise invalid("Only variants of SageMaker endpoints can be scaled in the embedded cloud.")


def _key(request: dict[str, Any]) -> tuple[str, str]:
    return request["ResourceId"], request["ScalableDimension"]


def _check_new(request: dict[str, Any]) -> None:
    for name in ("MinCapacity", "MaxCapacity"):
        if request.get(name) is None:
            raise invalid(f"{name} is required when registering a new scalable target")
    parts = str(request["ResourceId"]).split("/")
    if len(parts) != 4 or (parts[0], parts[2]) != ("endpoint", "variant"):
        raise invalid(f"Unsupported resource ID: {request['ResourceId']}")
    by_instances = request["ScalableDimension"] == _INSTANCES
    for fleet in serving(clock.now()):
        if (fleet.endpoint, fleet.variant) == (parts[1], parts[3]) and bool(fleet.instance_type) == by_instances:
            return
    raise invalid(f"No scalable resource found for {named(request)}")


def _fresh(request: dict[str, Any]) -> dict[str, Any]:
    arn = f"arn:aws:application-autoscaling:{get_region()}:{get_account_id()}:scalable-target/{uuid.uuid4().hex[:32]}"
    return {
        **{name: request[name] for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")},
        "RoleARN": request.get("RoleARN") or _ROLE.format(get_account_id()),
        "CreationTime": clock.now(),
        "SuspendedState": dict.fromkeys(_SUSPENDED, False),
        "ScalableTargetARN": arn,
    }
