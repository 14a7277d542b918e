"""Scheduled actions of scalable targets: kept and told, never carried out, for nothing here scales by itself."""

import uuid
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region

from local import clock
from local.engine.autoscaling import paging, targets
from local.engine.sagemaker.errors import ApiError, invalid

_GIVEN = ("Schedule", "Timezone", "StartTime", "EndTime", "ScalableTargetAction")

_actions: Any = AccountRegionScopedDict()  # (resource id, dimension, name) -> action


def put(request: dict[str, Any]) -> dict[str, Any]:
    """PutScheduledAction; of one of the same name what is given is changed."""
    target = targets.find(request, "No scalable target registered")
    known = _actions.get(_key(request))
    if known is None and not request.get("Schedule"):
        raise invalid("Schedule is required when creating a new scheduled action")
    fresh = {
        **{name: target[name] for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")},
        "ScheduledActionName": request["ScheduledActionName"],
        "ScheduledActionARN": _arn(request),
        "CreationTime": clock.now(),
    }
    _actions[_key(request)] = (known or fresh) | {name: request[name] for name in _GIVEN if name in request}
    return {}


def describe(request: dict[str, Any]) -> dict[str, Any]:
    """DescribeScheduledActions."""
    names = request.get("ScheduledActionNames")
    found = [
        action
        for action in _actions.values()
        if action["ServiceNamespace"] == request["ServiceNamespace"]
        and all(request.get(field) in (None, action[field]) for field in ("ResourceId", "ScalableDimension"))
        and (not names or action["ScheduledActionName"] in names)
    ]
    return paging.page(found, request, "ScheduledActions")


def delete(request: dict[str, Any]) -> dict[str, Any]:
    """DeleteScheduledAction."""
    if _actions.pop(_key(request), None) is None:
        what = f"{targets.named(request)}, scheduled action name: {request['ScheduledActionName']}"
        raise ApiError("ObjectNotFoundException", f"No scheduled action found for {what}")
    return {}


def delete_all(request: dict[str, Any]) -> None:
    """Delete the scheduled actions of a target that is deregistered."""
    for key in list(_actions):
        if key[:2] == (request["ResourceId"], request["ScalableDimension"]):
            _actions.pop(key)


def forget() -> None:
    """Forget all scheduled actions."""
    _actions.clear()


def _key(request: dict[str, Any]) -> tuple[str, str, str]:
    return request["ResourceId"], request["ScalableDimension"], request["ScheduledActionName"]


def _arn(request: dict[str, Any]) -> str:
    name = f"scheduledActionName/{request['ScheduledActionName']}"
    resource = f"resource/{request['ServiceNamespace']}/{request['ResourceId']}:{name}"
    return f"arn:aws:autoscaling:{get_region()}:{get_account_id()}:scheduledAction:{uuid.uuid4()}:{resource}"
