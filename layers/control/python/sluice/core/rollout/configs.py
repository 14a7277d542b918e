"""Endpoint configurations and names of a rollout, made from what serves: everything that is not about it survives.

A configuration has the shape of CreateEndpointConfig. Counts are those that serve now, for the count that a
configuration began with (InitialInstanceCount) may be far from what autoscaling has made of it since.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sluice.model.endpoint import EndpointConfig
from sluice.model.rollout_rules import EndpointKind, GuardrailKind, Guardrails, Target

CANDIDATE = "candidate"
"""Name of the variant with the new version beside the old one, be it served or given copies of requests."""

_MAX_NAME = 63
_DIGEST_CHARS = 8
# They say which hardware: with another instance type they would be wrong.
_OF_THE_HARDWARE = ("InstancePools", "CapacityReservationConfig", "AcceleratorType", "InferenceAmiVersion")
# A canary is sized by its share; scaling of its own would take back what the rollout asked for.
_OF_PRODUCTION_ALONE = ("ManagedInstanceScaling",)


@dataclass(frozen=True, slots=True)
class NewVersion:
    """What a new configuration is called, and which model it brings where."""

    config: str
    model: str
    target: Target


def candidate_config(serving: EndpointConfig, new: NewVersion, *, instances: int, candidate: int) -> EndpointConfig:
    """The old version with as many instances as now, and the new one beside it without traffic."""
    production = _sized(_production(serving, new.target), instances) | {"InitialVariantWeight": 1.0}
    variant = _brought(serving, new, CANDIDATE, candidate) | {"InitialVariantWeight": 0.0}
    return {**serving, "EndpointConfigName": new.config, "ProductionVariants": [production, variant]}


def shadow_config(
    serving: EndpointConfig, new: NewVersion, *, instances: int, shadow: int, percent: float
) -> EndpointConfig:
    """The old version with as many instances as now; the new one gets copies of `percent` of its requests.

    The share that is copied is the weight of the shadow variant over that of the production variant.
    """
    production = _sized(_production(serving, new.target), instances) | {"InitialVariantWeight": 1.0}
    variant = _brought(serving, new, CANDIDATE, shadow) | {"InitialVariantWeight": percent / 100}
    return {
        **serving,
        "EndpointConfigName": new.config,
        "ProductionVariants": [production],
        "ShadowProductionVariants": [variant],
    }


def final_config(serving: EndpointConfig, new: NewVersion, *, instances: int) -> EndpointConfig:
    """The new version alone, under the production variant's name."""
    production = _brought(serving, new, new.target.variant, instances)
    kept = {f: v for f, v in _production(serving, new.target).items() if f in _OF_PRODUCTION_ALONE}
    return {**serving, "EndpointConfigName": new.config, "ProductionVariants": [production | kept]}


def first_config(new: NewVersion) -> EndpointConfig:
    """The configuration of an endpoint that does not exist yet, from what the policy says."""
    target = new.target
    variant: dict[str, Any] = {"VariantName": target.variant, "ModelName": new.model, "InitialVariantWeight": 1.0}
    if target.kind is EndpointKind.SERVERLESS:
        variant["ServerlessConfig"] = {"MemorySizeInMB": target.memory_mb, "MaxConcurrency": target.max_concurrency}
    else:
        variant |= {"InstanceType": target.instance_type, "InitialInstanceCount": target.instances}
    config: dict[str, Any] = {"EndpointConfigName": new.config, "ProductionVariants": [variant]}
    if target.kind is EndpointKind.ASYNCHRONOUS:
        config["AsyncInferenceConfig"] = {"OutputConfig": {"S3OutputPath": target.output}}
    if target.capture_to is not None:
        config["DataCaptureConfig"] = {
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": target.capture_to,
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        }
    return config


def deployment_config(guardrails: Guardrails, alarms: Sequence[str]) -> Mapping[str, Any] | None:
    """DeploymentConfig of a guarded update that one of `alarms` takes back (from 1 to 10, each counted once).

    None where SageMaker has no guardrails (serverless): the update is a plain one, and watched all the same.
    """
    if not guardrails.managed:
        return None
    names = dict.fromkeys(alarms)
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": _routing(guardrails),
            "TerminationWaitInSeconds": guardrails.termination_wait_s,
            "MaximumExecutionTimeoutInSeconds": guardrails.max_execution_s,
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in names]},
    }


def candidate_instances(serving: int, percent: float, *, at_least: int = 1) -> int:
    """How many instances carry a share of the traffic as well as `serving` instances carry all of it."""
    needed = math.ceil(serving * percent / 100 - 1e-9)  # a third of three is one, however it is written
    return max(needed, at_least)


def config_name(endpoint: str, version: int, fence: int, part: str = "") -> str:
    """Name of a configuration: which endpoint and version, and which holder of the endpoint's lock made it."""
    return _name(endpoint, f"-v{version}-f{fence}{'-' if part else ''}{part}")


def model_name(endpoint: str, version: int, fence: int) -> str:
    """Name of the SageMaker model of a rollout."""
    return _name(endpoint, f"-v{version}-f{fence}")


def production_variant(config: EndpointConfig, name: str) -> Mapping[str, Any] | None:
    """The production variant of that name."""
    variants: Sequence[Mapping[str, Any]] = config["ProductionVariants"]
    return next((v for v in variants if v["VariantName"] == name), None)


def instance_type_of(config: EndpointConfig, target: Target) -> str | None:
    """The instance type that a new version gets; None for a serverless variant and for pools of several types."""
    variant = production_variant(config, target.variant) or {}
    if "ServerlessConfig" in variant:
        return None
    return target.instance_type or variant.get("InstanceType")


def _production(serving: EndpointConfig, target: Target) -> dict[str, Any]:
    found = production_variant(serving, target.variant)
    if found is None:
        raise LookupError(f"{serving['EndpointConfigName']} has no variant {target.variant}")
    return dict(found)


def _brought(serving: EndpointConfig, new: NewVersion, name: str, instances: int) -> dict[str, Any]:
    """The production variant as the new version has it: another name, model, size, and type where that is asked for."""
    old = _production(serving, new.target)
    wanted = instance_type_of(serving, new.target)
    dropped = set(_OF_PRODUCTION_ALONE)
    if wanted != old.get("InstanceType"):
        dropped |= set(_OF_THE_HARDWARE)
    variant = {f: v for f, v in old.items() if f not in dropped}
    if "InstancePools" in variant:  # a pool may name a model of its own, which would be the old one
        pools: Sequence[Mapping[str, Any]] = variant["InstancePools"]
        variant["InstancePools"] = [{f: v for f, v in p.items() if f != "ModelNameOverride"} for p in pools]
    if wanted is not None:
        variant["InstanceType"] = wanted
    return _sized(variant, instances) | {"VariantName": name, "ModelName": new.model}


def _sized(variant: Mapping[str, Any], instances: int) -> dict[str, Any]:
    """A serverless variant has no instances to count."""
    return dict(variant) if "ServerlessConfig" in variant else {**variant, "InitialInstanceCount": instances}


def _routing(guardrails: Guardrails) -> dict[str, Any]:
    routing: dict[str, Any] = {"Type": guardrails.kind.value, "WaitIntervalInSeconds": guardrails.wait_s}
    size = {"Type": "CAPACITY_PERCENT", "Value": guardrails.size_percent}
    match guardrails.kind:
        case GuardrailKind.CANARY:
            return routing | {"CanarySize": size}
        case GuardrailKind.LINEAR:
            return routing | {"LinearStepSize": size}
        case GuardrailKind.ALL_AT_ONCE:
            return routing


def _name(endpoint: str, suffix: str) -> str:
    """A long endpoint name is cut and told apart by its digest; a hyphen may end no part of a name."""
    if len(endpoint) + len(suffix) <= _MAX_NAME:
        return endpoint + suffix
    digest = hashlib.sha256(endpoint.encode()).hexdigest()[:_DIGEST_CHARS]
    room = _MAX_NAME - len(suffix) - _DIGEST_CHARS - 1
    return f"{endpoint[:room].rstrip('-')}-{digest}{suffix}"
