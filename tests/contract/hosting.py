"""SageMaker hosting as the suites of `Endpoints` use it: names of a test's own, and time that passes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from local import clock
from sluice.adapters.endpoints import SageMakerEndpoints
from sluice.model.endpoint import EndpointSeen
from sluice.ports import Endpoints
from tests.contract.endpoint_world import PACKAGE, ROLE, TAGS, variant
from tests.fakes.clock import FakeClock
from tests.fakes.endpoints import FakeEndpoints

IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/fraud:7"
SETTINGS = {"ExecutionRoleArn": ROLE, "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}}


@dataclass
class Hosting:
    """An `Endpoints`; all its names end in `suffix`. `pass_time` lets some seconds go by."""

    endpoints: Endpoints
    pass_time: Callable[[float], None]
    suffix: str = ""
    package: str = PACKAGE

    @property
    def name(self) -> str:
        """Name of the endpoint."""
        return self.named("Fraud")

    def named(self, name: str) -> str:
        """A name of this test's own."""
        return name + self.suffix

    def model(self, name: str = "v6") -> str:
        """Make a model."""
        made = self.named(name)
        self.endpoints.create_model(made, package_arn=self.package, settings=SETTINGS, tags=TAGS)
        return made

    def config(self, name: str, variants: Sequence[dict[str, Any]] = (), **more: Any) -> str:
        """Make a configuration of one model."""
        self.endpoints.create_config(self.content(name, variants, **more), tags=TAGS)
        return self.named(name)

    def content(self, name: str, variants: Sequence[dict[str, Any]] = (), **more: Any) -> dict[str, Any]:
        """What a configuration is made of."""
        model = self.model()
        given = [{**told, "ModelName": model} for told in variants or (variant(),)]
        return {"EndpointConfigName": self.named(name), "ProductionVariants": given, **more}

    def serve(self, config: str) -> None:
        """Make the endpoint and let it come into service."""
        self.endpoints.create(self.name, config=config, tags=TAGS)
        self.settle()

    def seen(self) -> EndpointSeen:
        """The endpoint."""
        seen = self.endpoints.describe(self.name)
        assert seen is not None
        return seen

    def settle(self) -> EndpointSeen:
        """Let pass what anything takes."""
        self.pass_time(900)
        return self.seen()


def fake_hosting() -> Hosting:
    """The fake."""
    now = FakeClock()
    return Hosting(FakeEndpoints(now), now.advance)


def moto_hosting(client: Any) -> Hosting:
    """Moto's SageMaker, where nothing takes time."""
    return Hosting(SageMakerEndpoints(client), lambda _: None)


def engine_hosting(client: Any, suffix: str) -> Hosting:
    """The embedded cloud's engine, with an approved package."""
    group = f"hosting{suffix}"
    client.create_model_package_group(ModelPackageGroupName=group)
    container = {"Image": IMAGE, "ModelDataUrl": "s3://models/fraud/model.tar.gz"}
    types = {"SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}
    package = client.create_model_package(
        ModelPackageGroupName=group,
        ModelApprovalStatus="Approved",
        InferenceSpecification={"Containers": [container], **types},
    )["ModelPackageArn"]

    def pass_time(seconds: float) -> None:
        clock.advance(seconds)

    return Hosting(SageMakerEndpoints(client), pass_time, suffix, package)


def forget(client: Any, hosting: Hosting) -> None:
    """Give the engine's instances back: its quota is for all tests together."""
    hosting.pass_time(900)
    if hosting.endpoints.describe(hosting.name) is not None:
        client.delete_endpoint(EndpointName=hosting.name)
