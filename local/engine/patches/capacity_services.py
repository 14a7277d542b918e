"""Application Auto Scaling and Service Quotas become services of the engine, under IAM."""

import sys
from typing import Any

from ministack import app
from ministack.core import iam_actions, router
from ministack.services import stepfunctions as sfn

from local.engine.autoscaling import targets
from local.engine.autoscaling.service import service as autoscaling
from local.engine.documents import document_of
from local.engine.json_service import JsonService
from local.engine.patches.expected import PatchMismatch, replace
from local.engine.quotas.service import service as quotas

_AUTOSCALING, _QUOTAS = "application-autoscaling", "servicequotas"
_SERVICES: dict[str, tuple[JsonService, str]] = {
    _AUTOSCALING: (autoscaling, "AnyScaleFrontendService"),
    _QUOTAS: (quotas, "ServiceQuotasV20190624"),
}
_original: dict[str, Any] = {}


def apply() -> None:
    """Register both with every table of ministack that names services."""
    for name, (service, prefix) in _SERVICES.items():
        if name in app.SERVICE_REGISTRY:
            raise PatchMismatch(f"this ministack has {name} itself: look whether ours is still needed")
        module = name.replace("-", "_")
        sys.modules[f"ministack.services.{module}"] = service  # type: ignore[assignment]  # as good as a module
        app.SERVICE_REGISTRY[name] = {"module": module}
        app.SERVICE_HANDLERS[name] = app._lazy_handler(module)
        pattern = {"target_prefixes": [f"{prefix}."], "host_patterns": [rf"{name}\."]}
        router.SERVICE_PATTERNS[name] = pattern
        iam_actions.SERVICE_TO_IAM_NAMESPACE[name] = name
        sfn._AWS_SDK_SERVICE_MAP[name.replace("-", "")] = {
            "target_prefix": prefix,
            "protocol": "json",
            "service_key": name,
        }
    _original["arn"] = replace(
        iam_actions,
        "extract_resource_arn",
        _resource,
        parameters="service method path headers body query_params region account_id",
    )
    _original["context"] = replace(
        iam_actions, "request_tag_context", _context, parameters="service iam_action body params"
    )


def _resource(  # noqa: PLR0913, PLR0917  # the signature of the function that it replaces
    service: str, method: str, path: str, headers: Any, body: bytes, query_params: Any, region: str, account_id: str
) -> Any:
    if service not in _SERVICES:
        return _original["arn"](service, method, path, headers, body, query_params, region, account_id)
    operation = str(headers.get("x-amz-target", "")).rsplit(".", 1)[-1]
    document = document_of(body)
    if service == _QUOTAS and "QuotaCode" in document and operation.startswith("Get"):
        return f"arn:aws:servicequotas:{region}:{account_id}:{document.get('ServiceCode')}/{document['QuotaCode']}"
    if service == _AUTOSCALING and not operation.startswith("Describe"):
        fresh = f"arn:aws:application-autoscaling:{region}:{account_id}:scalable-target/new"
        return targets.arn(document) or fresh
    return "*"


def _context(service: str, iam_action: str, body: bytes, params: Any) -> Any:
    context = _original["context"](service, iam_action, body, params)
    if service != _AUTOSCALING:
        return context
    document = document_of(body)
    keys = {
        "application-autoscaling:service-namespace": document.get("ServiceNamespace"),
        "application-autoscaling:scalable-dimension": document.get("ScalableDimension"),
    }
    return {**context, **{key: value for key, value in keys.items() if value is not None}}
