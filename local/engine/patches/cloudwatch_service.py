"""CloudWatch: our metrics and alarms in place of ministack's, on the simulated clock, under IAM."""

from typing import Any

from ministack.core import iam_actions, iam_evaluator, router
from ministack.core.responses import get_account_id
from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from local import clock
from local.engine import lockstep, ticking
from local.engine.cloudwatch import iam, publishing, series, service, wire
from local.engine.cloudwatch.alarms import operations, records, watching
from local.engine.patches.expected import PatchMismatch, replace
from local.engine.sagemaker.errors import ApiError

_SERVICE = "monitoring"
_original: dict[str, Any] = {}


class _Time:
    """The module `time` as ministack's part of the service sees it."""

    @staticmethod
    def time() -> float:
        """Simulated seconds since the epoch."""
        return clock.now()


def apply() -> None:
    """Replace the service, what writes into it, and what IAM knows of it; start the ticker of the alarms."""
    series.add_source(publishing.Published())
    replace(cloudwatch, "time", _Time)
    replace(cloudwatch, "handle_request", _handle_request, parameters="method path headers body query_params")
    replace(cloudwatch, "record_metric", _record_metric, parameters="namespace metric_name value unit dimensions")
    replace(cloudwatch, "_evaluate_alarm", lambda _alarm: None, parameters="alarm")
    _original["dispatch"] = replace(
        cloudwatch, "_dispatch_alarm_actions", _dispatch, parameters="alarm old_state new_state reason"
    )
    _original["reset"] = replace(cloudwatch, "reset", _reset, parameters="")
    replace(provisioners, "_cw_metric_alarm_record", records.from_properties, parameters="name props")
    replace(cloudwatch, "cloudformation_put_metric_alarm", operations.keep, parameters="alarm")
    _register_composite_alarms()
    _teach_iam()
    lockstep.join(watching.Alarms())
    ticking.each_tick(lockstep.tick)
    ticking.each_tick(watching.act)


async def _handle_request(method: str, path: str, headers: Any, body: bytes, query_params: Any) -> Any:
    asked = wire.call(path, headers, body, query_params)
    try:
        _check_further_alarms(asked, headers, query_params)
    except ApiError as error:
        return wire.refusal(asked, error)
    return await service.handle_request(method, path, headers, body, query_params)


def _record_metric(
    namespace: str, metric_name: str, value: float, unit: str = "None", dimensions: dict[str, str] | None = None
) -> None:
    publishing.record(namespace, metric_name, value, unit, dimensions)


def _dispatch(alarm: dict[str, Any], old_state: str, new_state: str, reason: str) -> None:
    kept = dict(alarm)
    watching.tell(kept, lambda: _original["dispatch"](kept, old_state, new_state, reason))


def _reset() -> None:
    _original["reset"]()
    service.reset()


def _register_composite_alarms() -> None:
    name = "AWS::CloudWatch::CompositeAlarm"
    if name in provisioners._RESOURCE_HANDLERS:
        raise PatchMismatch(f"this ministack knows {name} itself: look whether ours is still needed")
    provisioners._RESOURCE_HANDLERS[name] = {"create": _create_composite, "delete": _delete_composite}


def _create_composite(logical_id: str, props: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
    name = props.get("AlarmName") or provisioners._physical_name(stack, logical_id, max_len=255)
    service.perform(wire.Call("PutCompositeAlarm", {**props, "AlarmName": name}, "json"))
    return name, {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}


def _delete_composite(physical_id: str, _props: dict[str, Any]) -> None:
    service.perform(wire.Call("DeleteAlarms", {"AlarmNames": [physical_id]}, "json"))


def _teach_iam() -> None:
    _original["action"] = replace(
        iam_actions, "extract_iam_action", _action, parameters="service method path headers body query_params"
    )
    _original["resource"] = replace(
        iam_actions,
        "extract_resource_arn",
        _resource,
        parameters="service method path headers body query_params region account_id",
    )
    _original["context"] = replace(
        iam_actions, "request_tag_context", _context, parameters="service iam_action body params"
    )


def _action(service_name: str, method: str, path: str, headers: Any, body: bytes, query_params: Any) -> Any:  # noqa: PLR0913, PLR0917  # the signature of the function that it replaces
    if service_name == _SERVICE and "/operation/" in path:
        return f"cloudwatch:{path.rpartition('/operation/')[2]}"
    return _original["action"](service_name, method, path, headers, body, query_params)


def _resource(  # noqa: PLR0913, PLR0917  # the signature of the function that it replaces
    service: str, method: str, path: str, headers: Any, body: bytes, query_params: Any, region: str, account_id: str
) -> Any:
    if service != _SERVICE:
        return _original["resource"](service, method, path, headers, body, query_params, region, account_id)
    return iam.resources(wire.call(path, headers, body, query_params), region, account_id)[0]


def _context(service: str, iam_action: str, body: bytes, params: Any) -> Any:
    context = _original["context"](service, iam_action, body, params)
    if iam_action != "cloudwatch:PutMetricData":
        return context
    return {**context, **iam.conditions(wire.call_of("PutMetricData", body, params))}


def _check_further_alarms(asked: wire.Call, headers: Any, query_params: Any) -> None:
    """Ask IAM about every alarm of a request; ministack has asked about the first one."""
    key, region = router.extract_access_key_id(headers, query_params), router.extract_region(headers)
    for arn in iam.resources(asked, region, get_account_id())[1:]:
        action = f"cloudwatch:{asked.operation}"
        denied = iam_evaluator.enforce(key, action, _SERVICE, region, resource_arn=arn)
        if denied is not None:
            who = getattr(denied, "principal_arn", "the caller")
            raise ApiError("AccessDenied", f"User: {who} is not authorized to perform: {action} on resource: {arn}")
