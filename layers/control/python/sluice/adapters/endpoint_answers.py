"""What SageMaker answers about endpoints and configurations, read into the model's shapes."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sluice.adapters.moments import micros_of
from sluice.model.endpoint import EndpointConfig, EndpointSeen, EndpointStatus, VariantSeen

_ANSWER_ONLY = frozenset({"EndpointConfigArn", "CreationTime", "ResponseMetadata"})
"""What DescribeEndpointConfig tells and CreateEndpointConfig does not take; all else is in both (botocore's models)."""

_REASON_CHARS = 1024

_MODEL_SETTINGS = ("ExecutionRoleArn", "VpcConfig", "EnableNetworkIsolation")


def endpoint_of(answer: Mapping[str, Any]) -> EndpointSeen:
    """Read DescribeEndpoint's answer."""
    pending = answer.get("PendingDeploymentSummary") or {}
    return EndpointSeen(
        name=answer["EndpointName"],
        arn=answer["EndpointArn"],
        config=answer.get("EndpointConfigName", ""),
        status=EndpointStatus(answer["EndpointStatus"]),
        modified_at=micros_of(answer["LastModifiedTime"]),
        variants=_variants(answer.get("ProductionVariants") or ()),
        shadows=_variants(answer.get("ShadowProductionVariants") or ()),
        pending_config=pending.get("EndpointConfigName"),
        failure_reason=answer.get("FailureReason", "")[:_REASON_CHARS],
    )


def config_of(answer: Mapping[str, Any]) -> EndpointConfig:
    """DescribeEndpointConfig's answer in the shape that CreateEndpointConfig takes."""
    return {key: value for key, value in answer.items() if key not in _ANSWER_ONLY}


def package_of(answer: Mapping[str, Any]) -> str | None:
    """The package that a model was made of; None for one of several packages, or of none."""
    containers = [answer.get("PrimaryContainer") or {}, *(answer.get("Containers") or ())]
    packages = {c["ModelPackageName"] for c in containers if c.get("ModelPackageName")}
    return packages.pop() if len(packages) == 1 else None


def settings_of(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of a model, what is not its package's: its role, its network, its isolation."""
    return {key: answer[key] for key in _MODEL_SETTINGS if answer.get(key)}


def is_several(answer: Mapping[str, Any]) -> bool:
    """Whether a model is several: a multi-model container, or containers that requests choose between (Direct)."""
    containers = [answer.get("PrimaryContainer") or {}, *(answer.get("Containers") or ())]
    direct = (answer.get("InferenceExecutionConfig") or {}).get("Mode") == "Direct"
    return direct or any(c.get("Mode") == "MultiModel" or c.get("MultiModelConfig") for c in containers)


def is_made_as(found: EndpointConfig, wanted: EndpointConfig) -> bool:
    """Whether a configuration that is there is the wanted one; AWS may have filled in what was left open."""
    shadows = "ShadowProductionVariants"
    return _covers(found, wanted) and len(found.get(shadows) or ()) == len(wanted.get(shadows) or ())


def _covers(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(_covers(found.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        if not isinstance(found, Sequence) or len(found) != len(wanted):
            return False
        return all(_covers(f, w) for f, w in zip(_by_variant(found), _by_variant(wanted), strict=True))
    if isinstance(wanted, float) and isinstance(found, (int, float)):
        return math.isclose(found, wanted, rel_tol=1e-6)  # SageMaker keeps weights in single precision
    return bool(found == wanted)


def _by_variant(items: Sequence[Any]) -> list[Any]:
    """Variants by name, whatever order AWS gives them; other lists as they are."""
    return sorted(items, key=lambda item: str(item.get("VariantName", "")) if isinstance(item, Mapping) else "")


def _variants(given: Iterable[Mapping[str, Any]]) -> tuple[VariantSeen, ...]:
    return tuple(_variant(variant) for variant in given)


def _variant(given: Mapping[str, Any]) -> VariantSeen:
    """Serverless variants have no counts, and a variant that is being made may lack what it has not reached yet."""
    weight, instances = float(given.get("CurrentWeight", 0.0)), int(given.get("CurrentInstanceCount", 0))
    return VariantSeen(
        name=given["VariantName"],
        weight=weight,
        desired_weight=float(given.get("DesiredWeight", weight)),
        instances=instances,
        desired_instances=int(given.get("DesiredInstanceCount", instances)),
        images=tuple(i["ResolvedImage"] for i in given.get("DeployedImages") or () if i.get("ResolvedImage")),
    )
