"""SageMaker becomes one more service of the engine: routing, IAM, and the AWS SDK integration of Step Functions."""

import sys
from typing import Any

from ministack import app
from ministack.core import iam_actions, router
from ministack.services import stepfunctions as sfn

from local.engine.documents import document_of
from local.engine.patches.expected import PatchMismatch, replace
from local.engine.sagemaker import iam
from local.engine.sagemaker import service as sagemaker
from local.engine.sagemaker.endpoints import timeline

_original: dict[str, Any] = {}
_MODELLED = {
    "ResourceNotFound": "ResourceNotFoundException",
    "ResourceInUse": "ResourceInUseException",
    "ResourceLimitExceeded": "ResourceLimitExceededException",
    "ConflictException": "ConflictException",
}


def apply() -> None:
    """Register the service with every table of ministack that names services."""
    if "sagemaker" in app.SERVICE_REGISTRY:
        raise PatchMismatch("this ministack has a SageMaker of its own: look whether ours is still needed")
    timeline.start()
    sys.modules["ministack.services.sagemaker"] = sagemaker  # where ministack imports services from
    app.SERVICE_REGISTRY["sagemaker"] = {"module": "sagemaker"}
    app.SERVICE_HANDLERS["sagemaker"] = app._lazy_handler("sagemaker")
    router.SERVICE_PATTERNS["sagemaker"] = {"target_prefixes": ["SageMaker."], "host_patterns": [r"api\.sagemaker\."]}
    iam_actions.SERVICE_TO_IAM_NAMESPACE["sagemaker"] = "sagemaker"
    sfn._AWS_SDK_SERVICE_MAP["sagemaker"] = {"target_prefix": "SageMaker", "protocol": "json"}
    sfn._AWS_SDK_ERROR_PREFIX["sagemaker"] = "SageMaker"
    _original["arn"] = replace(
        iam_actions,
        "extract_resource_arn",
        _extract_resource_arn,
        parameters="service method path headers body query_params region account_id",
    )
    _original["context"] = replace(
        iam_actions, "request_tag_context", _request_context, parameters="service iam_action body params"
    )
    _original["error"] = replace(sfn, "_prefix_sdk_error", _sdk_error, parameters="service_name error_code")
    _original["dispatch"] = replace(
        sfn,
        "_dispatch_aws_sdk_json",
        _dispatch_with_identity,
        parameters="service_info service_name action input_data",
    )


def _extract_resource_arn(  # noqa: PLR0913, PLR0917  # the signature of the function that it replaces
    service: str, method: str, path: str, headers: Any, body: bytes, query_params: Any, region: str, account_id: str
) -> Any:
    if service != "sagemaker":
        return _original["arn"](service, method, path, headers, body, query_params, region, account_id)
    operation = str(headers.get("x-amz-target", "")).rsplit(".", 1)[-1]
    return iam.resource(operation, document_of(body), region, account_id)


def _request_context(service: str, iam_action: str, body: bytes, params: Any) -> Any:
    context = _original["context"](service, iam_action, body, params)
    if service == "sagemaker":
        context = {**context, **iam.conditions(iam_action.split(":", 1)[-1], document_of(body))}
    return context


def _sdk_error(service_name: str, error_code: str) -> Any:
    # The Java SDK has a class for modelled errors only; every other error is the service's own exception.
    if service_name == "sagemaker" and not error_code.startswith("States."):
        return f"SageMaker.{_MODELLED.get(error_code, 'SageMakerException')}"
    return _original["error"](service_name, error_code)


def _dispatch_with_identity(service_info: Any, service_name: str, action: str, input_data: Any) -> Any:
    if service_name != "sagemaker":
        return _original["dispatch"](service_info, service_name, action, input_data)
    from local.engine.patches.step_functions_role import current_role_arn

    with sagemaker.calling_as(current_role_arn("states")):
        return _original["dispatch"](service_info, service_name, action, input_data)
