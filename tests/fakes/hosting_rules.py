"""What SageMaker hosting refuses, by the content of a configuration or a deployment."""

from collections.abc import Collection, Mapping
from typing import Any

from sluice.errors import PermanentFailure
from sluice.model.endpoint import EndpointConfig
from tests.fakes.serving import Served, alarms_of


def confirm_shadows(config: EndpointConfig) -> None:
    if config.get("ShadowProductionVariants") and len(config["ProductionVariants"]) != 1:
        raise PermanentFailure("CreateEndpointConfig: a shadow variant goes with exactly one production variant")


def confirm_guardrails(deployment: Mapping[str, Any], config: EndpointConfig, served: Served) -> None:
    """The new configuration needs the same variants, and a part of the traffic a fleet that can be parted."""
    names = {v["VariantName"] for v in config["ProductionVariants"]}
    if names != {v.name for v in served.variants}:
        raise PermanentFailure("UpdateEndpoint: a guarded deployment needs the variants that serve now")
    routing = (deployment.get("BlueGreenUpdatePolicy") or {}).get("TrafficRoutingConfiguration") or {}
    if routing.get("Type") in ("CANARY", "LINEAR") and any(v.instances < 2 for v in served.variants):
        raise PermanentFailure("UpdateEndpoint: canary and linear need two instances")
    if len(alarms_of(deployment)) > 10:
        raise PermanentFailure("UpdateEndpoint: at most 10 alarms")


def confirm_models(config: EndpointConfig, models: Collection[str]) -> None:
    """A configuration is of models that are there."""
    missing = [name for name in models_of(config) if name not in models]
    if missing:
        raise PermanentFailure(f"CreateEndpointConfig: could not find model {missing[0]}")


def models_of(config: EndpointConfig) -> list[str]:
    """Names of the models of all variants."""
    variants = [*config["ProductionVariants"], *config.get("ShadowProductionVariants", ())]
    return [variant["ModelName"] for variant in variants]
