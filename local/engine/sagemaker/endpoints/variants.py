"""What CreateEndpointConfig allows of variants, beyond what the model of its request says."""

from typing import Any

from local.engine.sagemaker.endpoints import models
from local.engine.sagemaker.errors import invalid

_MEMORY_STEP_MB = 1024
_ONLY_WITH_INSTANCES = ("InstanceType", "InitialInstanceCount", "InstancePools", "ManagedInstanceScaling")


def check(request: dict[str, Any]) -> None:
    """Raise ValidationException for variants that no endpoint can have."""
    production, shadows = request["ProductionVariants"], request.get("ShadowProductionVariants") or []
    every = [*production, *shadows]
    names = [v["VariantName"] for v in every]
    if len(set(names)) < len(names):
        raise invalid(f"Variant names must be unique in an endpoint configuration, found: {', '.join(sorted(names))}.")
    for variant in every:
        _check_one(variant)
    serverless = [v for v in every if "ServerlessConfig" in v]
    if serverless:
        _check_serverless(request, every)
    if shadows:
        _check_shadows(request, production, shadows)
    if "AsyncInferenceConfig" in request and serverless:
        raise invalid("AsyncInferenceConfig cannot be used with a serverless variant.")


def complete(variant: dict[str, Any]) -> dict[str, Any]:
    """A variant with the defaults that DescribeEndpointConfig tells."""
    weight = float(variant.get("InitialVariantWeight", 1.0))
    return {**variant, "InitialVariantWeight": weight}


def _check_one(variant: dict[str, Any]) -> None:
    name = variant["VariantName"]
    if model := variant.get("ModelName"):
        models.find(model)
    else:
        raise invalid(f"ModelName is required for variant {name}: inference components are not part of this cloud.")
    if "ServerlessConfig" in variant:
        return
    if "InstancePools" not in variant and not (variant.get("InstanceType") and variant.get("InitialInstanceCount")):
        raise invalid(f"InstanceType and InitialInstanceCount are required for variant {name}.")


def _check_serverless(request: dict[str, Any], every: list[dict[str, Any]]) -> None:
    if len(every) > 1:
        raise invalid("Serverless endpoints support exactly one production variant and no shadow variant.")
    if (request.get("DataCaptureConfig") or {}).get("EnableCapture"):
        raise invalid("Data capture is not supported for serverless endpoints.")
    (variant,) = every
    extra = [f for f in _ONLY_WITH_INSTANCES if f in variant]
    if extra:
        raise invalid(f"{', '.join(extra)} cannot be specified together with ServerlessConfig.")
    memory = variant["ServerlessConfig"]["MemorySizeInMB"]
    if memory % _MEMORY_STEP_MB:
        raise invalid(f"MemorySizeInMB must be a multiple of {_MEMORY_STEP_MB}, found {memory}.")
    provisioned = variant["ServerlessConfig"].get("ProvisionedConcurrency", 0)
    if provisioned > variant["ServerlessConfig"]["MaxConcurrency"]:
        raise invalid("ProvisionedConcurrency must not be greater than MaxConcurrency.")


def _check_shadows(request: dict[str, Any], production: list[dict[str, Any]], shadows: list[dict[str, Any]]) -> None:
    if len(production) != 1 or len(shadows) != 1:
        raise invalid("A shadow endpoint configuration must have exactly one production and one shadow variant.")
    if "AsyncInferenceConfig" in request:
        raise invalid("Shadow variants are not supported for asynchronous endpoints.")
    for variant in (*production, *shadows):
        model = models.find(variant["ModelName"])
        if len(models.containers(model)) > 1 or models.containers(model)[0].get("Mode") == "MultiModel":
            raise invalid("Shadow variants are not supported for multi-container and multi-model endpoints.")
        if str(variant.get("InstanceType", "")).startswith("ml.inf1."):
            raise invalid("Shadow variants are not supported on Inf1 instances.")
