"""An endpoint as the engine keeps it: layers of fleets, and the change that is under way."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

from local.engine.sagemaker import store
from local.engine.sagemaker.endpoints import models
from local.engine.sagemaker.serving import History, Serving

type Process = Generator[float, float]
"""A change under way: it yields the seconds until it goes on, and is sent the moment at which it does."""

BUSY = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")


@dataclass
class Fleet:
    """What runs one variant of one configuration."""

    settings: dict[str, Any]
    shadow: bool
    weight: float
    desired_weight: float
    count: int
    desired_count: int
    images: list[dict[str, Any]]
    model: dict[str, Any]
    serverless: dict[str, Any] | None = None
    desired_serverless: dict[str, Any] | None = None
    statuses: list[dict[str, Any]] = field(default_factory=list)

    @property
    def variant(self) -> str:
        """Name of the variant."""
        return str(self.settings["VariantName"])

    @property
    def instance_type(self) -> str:
        """Type of its instances, the first of a pool; empty for a serverless fleet."""
        pools = self.settings.get("InstancePools") or [{}]
        return str(self.settings.get("InstanceType") or pools[0].get("InstanceType") or "")


@dataclass
class Layer:
    """The fleets of one configuration, and the part of the endpoint's traffic that they take together."""

    config: dict[str, Any]
    fleets: list[Fleet]
    part: float = 1.0

    @property
    def name(self) -> str:
        """Name of the configuration."""
        return str(self.config["EndpointConfigName"])

    def fleet(self, variant: str) -> Fleet | None:
        """The fleet of a variant."""
        return next((f for f in self.fleets if f.variant == variant), None)


@dataclass
class Pending:
    """A deployment under way: the layer that is to serve, and since when."""

    layer: Layer
    started: float
    told: bool
    """Whether its steps are events: they are not for what deployment guardrails do not cover."""


@dataclass
class Endpoint:
    """One endpoint. `served` are the layers that serve: two only after a rolling update that could not be undone."""

    name: str
    arn: str
    config: dict[str, Any]
    created: float
    modified: float
    status: str = "Creating"
    failure: str | None = None
    served: list[Layer] = field(default_factory=list)
    pending: Pending | None = None
    deployment: dict[str, Any] | None = None
    capture: dict[str, Any] | None = None
    process: Process | None = None
    resumes: float = 0.0

    @property
    def layers(self) -> list[Layer]:
        """The layers that have instances."""
        return [*self.served, *([self.pending.layer] if self.pending else [])]

    def note(self, at: float) -> None:
        """Note what serves from this moment on."""
        history: History = store.served.setdefault(self.arn, History())
        history.note(at, tuple(self._serving()))

    def _serving(self) -> Iterator[Serving]:
        if not self.served or self.status in ("Creating", "Failed", "OutOfService", "Deleting"):
            return
        for layer in self.layers:
            total = sum(f.weight for f in layer.fleets if not f.shadow)
            for fleet in layer.fleets:
                yield self._one(layer, fleet, layer.part * (fleet.weight / total) if total > 0 else 0.0)

    def _one(self, layer: Layer, fleet: Fleet, share: float) -> Serving:
        return Serving(
            endpoint=self.name,
            config=layer.name,
            variant=fleet.variant,
            model=str(fleet.model["ModelName"]),
            model_package_arn=models.package_of(fleet.model),
            artefact=models.artefact_of(fleet.model),
            share=min(1.0, share),
            instances=fleet.count,
            instance_type=fleet.instance_type,
            shadow=fleet.shadow,
            config_dimension=self.pending is not None,
        )


def layer_of(config: dict[str, Any], at: float) -> Layer:
    """The fleets that a configuration asks for, none of their instances started yet."""
    kinds = (("ProductionVariants", False), ("ShadowProductionVariants", True))
    return Layer(config, [_fleet(v, at, shadow=shadow) for kind, shadow in kinds for v in config.get(kind) or []])


def _fleet(settings: dict[str, Any], at: float, *, shadow: bool) -> Fleet:
    model = models.find(settings["ModelName"])
    weight, serverless = float(settings["InitialVariantWeight"]), settings.get("ServerlessConfig")
    count = 0 if serverless else int(settings.get("InitialInstanceCount", 1))
    return Fleet(
        settings=settings,
        shadow=shadow,
        weight=weight,
        desired_weight=weight,
        count=0,
        desired_count=count,
        images=models.deployed_images(model, at),
        model=model,
        serverless=serverless,
        desired_serverless=serverless,
    )
