"""SageMaker: what a request needs beside its operation on its first resource, such as iam:PassRole."""

from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import tagging

from local.engine.patches.expected import PatchMismatch
from local.engine.sagemaker import iam, store
from local.engine.sagemaker.errors import ApiError


def apply() -> None:
    """Let policies see the tags of SageMaker's resources."""
    if "sagemaker" in tagging._RESOURCE_TAG_COLLECTORS:
        raise PatchMismatch("this ministack knows the tags of SageMaker itself: look whether ours are still needed")
    tagging._RESOURCE_TAG_COLLECTORS["sagemaker"] = _tags


def check(key: str, region: str, operation: str, document: dict[str, Any]) -> None:
    """Raise AccessDeniedException for the first right that the caller does not have."""
    config = store.endpoint_configs.get(store.key_of("endpoint-config", str(document.get("EndpointConfigName"))))
    volume_key = (config or {}).get("KmsKeyId")
    for right in iam.further(operation, document, region, get_account_id(), volume_key=volume_key):
        denied = refused(key, region, right)
        if denied:
            raise ApiError("AccessDeniedException", denied)


def refused(key: str, region: str, right: iam.Right) -> str:
    """Why the caller lacks a right; empty when it has it. Who is not known at all is refused by ministack."""
    service = right.action.partition(":")[0]
    denied = iam_evaluator.enforce(
        key, right.action, service, region, resource_arn=right.resource, service_context=right.context
    )
    if not isinstance(denied, iam_evaluator.EvalResult):
        return ""
    return f"User: {denied.principal_arn} is not authorized to perform: {right.action} on resource: {right.resource}"


def _tags() -> list[tuple[str, list[dict[str, str]]]]:
    return [(arn, [{"Key": k, "Value": v} for k, v in tags.items()]) for arn, tags in store.tags.items()]
