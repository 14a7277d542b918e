"""Every request passes here before its service sees it: planned faults, rights that nobody else asks for, counts."""

import json
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator, router

from local.engine import tally
from local.engine.cloudwatch import wire
from local.engine.documents import document_of
from local.engine.patches import sagemaker_rights, scaling_rights
from local.engine.patches.expected import replace
from local.engine.sagemaker import faults
from local.engine.sagemaker.errors import ApiError

_original: dict[str, Any] = {}


def apply() -> None:
    """Wrap ministack's dispatcher."""
    _original["dispatch"] = replace(
        app,
        "_dispatch_service_request",
        _dispatch,
        parameters="method path headers body query_params request_id",
    )


async def _dispatch(  # noqa: PLR0913, PLR0917  # the signature of the function that it replaces
    method: str, path: str, headers: Any, body: bytes, query_params: Any, request_id: str
) -> Any:
    params = app._routing_params(method, path, headers, body, query_params)
    service = router.detect_service(method, path, headers, params)
    action = iam_actions.extract_iam_action(service, method, path, headers, body, params)
    if action and tally.is_running():
        _count(action, path, headers, body, query_params)
    try:
        if action and service != "sagemaker":  # its faults are raised by the service, also for state machines
            faults.raise_planned(action)
        if action in ("scheduler:CreateSchedule", "scheduler:UpdateSchedule"):
            _check_pass_role(headers, query_params, body)
        if action and service == "sagemaker":
            key, region = router.extract_access_key_id(headers, query_params), router.extract_region(headers)
            sagemaker_rights.check(key, region, action.partition(":")[2], document_of(body))
        if action and service == "application-autoscaling":
            key, region = router.extract_access_key_id(headers, query_params), router.extract_region(headers)
            scaling_rights.check(key, region, action.partition(":")[2], document_of(body))
    except ApiError as error:
        return _refusal(service, error)
    return await _original["dispatch"](method, path, headers, body, query_params, request_id)


def _count(action: str, path: str, headers: Any, body: bytes, query_params: Any) -> None:
    asked = document_of(body)
    if action == "cloudwatch:GetMetricData":  # in whichever of CloudWatch's protocols
        asked = wire.call(path, headers, body, query_params).document
    target = str(headers.get("x-amz-target", ""))
    operation = f"dynamodb:{target.rpartition('.')[2]}" if target.startswith("DynamoDB_") else action
    tally.requested(iam_evaluator.request_caller_arn(headers, query_params), operation, asked)


def _check_pass_role(headers: Any, query_params: Any, body: bytes) -> None:
    role = str((json.loads(body or b"{}").get("Target") or {}).get("RoleArn", ""))
    key = router.extract_access_key_id(headers, query_params)
    denied = iam_evaluator.enforce(
        key,
        "iam:PassRole",
        "iam",
        router.extract_region(headers),
        resource_arn=role,
        service_context={"iam:PassedToService": "scheduler.amazonaws.com"},
    )
    if denied is not None:
        who = getattr(denied, "principal_arn", "the caller")
        message = f"User: {who} is not authorized to perform: iam:PassRole on resource: {role}"
        raise ApiError("AccessDeniedException", message)


def _refusal(service: str, error: ApiError) -> Any:
    if service == "s3":
        text = f"<Error><Code>{error.code}</Code><Message>{error}</Message></Error>"
        return 503, {"Content-Type": "application/xml"}, text.encode()
    document = {"__type": error.code, "message": str(error), "Message": str(error)}
    headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-errortype": error.code}
    return 400, headers, json.dumps(document).encode()
