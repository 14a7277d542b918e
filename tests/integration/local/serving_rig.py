"""What the tests of endpoints need: an endpoint of a test's own, and simulated time until it has settled."""

import contextlib
import uuid
from typing import Any

from botocore.exceptions import ClientError

from local import clock
from tests.integration.local.conftest import Rig

IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/fraud:7"
ROLE = "arn:aws:iam::111122223333:role/serving"

_BUSY = ("Creating", "Updating", "RollingBack", "Deleting")


class Serving:
    """One endpoint of the rig, and what it is made of."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.api = rig.client("sagemaker")
        self.name = f"Shop-{uuid.uuid4().hex[:10]}"
        self._seen: list[dict[str, Any]] = []

    def model(self, name: str, **more: Any) -> str:
        """Make a model; its name begins with the endpoint's."""
        container = {"Image": IMAGE, "ModelDataUrl": f"s3://models/{name}/model.tar.gz"}
        made = {"PrimaryContainer": container, "ExecutionRoleArn": ROLE, **more}
        self.api.create_model(ModelName=f"{self.name}-{name}", **made)
        return f"{self.name}-{name}"

    def variant(self, model: str, name: str = "AllTraffic", **more: Any) -> dict[str, Any]:
        """A variant of two instances."""
        return {
            "VariantName": name,
            "ModelName": f"{self.name}-{model}",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 2,
            **more,
        }

    def config(self, name: str, *variants: dict[str, Any], **more: Any) -> str:
        """Make a configuration; without variants it has one of a new model of the same name."""
        if not variants:
            self.model(name)
            variants = (self.variant(name),)
        given = {"ProductionVariants": list(variants), **more}
        self.api.create_endpoint_config(EndpointConfigName=f"{self.name}-{name}", **given)
        return f"{self.name}-{name}"

    def create(self, config: str, **more: Any) -> None:
        """Create the endpoint and let it come into service."""
        self.api.create_endpoint(EndpointName=self.name, EndpointConfigName=config, **more)
        self.settle()

    def update(self, config: str, **more: Any) -> None:
        """Begin an update."""
        self.api.update_endpoint(EndpointName=self.name, EndpointConfigName=config, **more)

    def weights(self, **shares: float) -> None:
        """Begin a change of weights."""
        wanted = [{"VariantName": name, "DesiredWeight": weight} for name, weight in shares.items()]
        self.api.update_endpoint_weights_and_capacities(EndpointName=self.name, DesiredWeightsAndCapacities=wanted)

    def seen(self) -> dict[str, Any]:
        """What DescribeEndpoint answers."""
        return dict(self.api.describe_endpoint(EndpointName=self.name))

    def status(self) -> str:
        """Status of the endpoint."""
        return str(self.seen()["EndpointStatus"])

    def settle(self, seconds: float = 900) -> dict[str, Any]:
        """Let time pass, and tell what the endpoint is then."""
        clock.advance(seconds)
        return self.seen()

    def events(self, kind: str, count: int) -> list[dict[str, Any]]:
        """Take the events about the endpoint or what it is made of until there are so many of a kind; their details."""
        wanted = f"SageMaker {kind} State Change"

        def details() -> list[dict[str, Any]]:
            self._seen += self.rig.events(self.name)
            return [e["detail"] for e in self._seen if e["detail-type"] == wanted]

        return self.rig.until(lambda: found if len(found := details()) >= count else [])

    def close(self) -> None:
        """End the endpoint, if there is one, so that its instances count no longer."""
        self.rig.admin("DELETE", "faults")
        with contextlib.suppress(ClientError):  # there is none
            while self.status() in _BUSY:
                clock.advance(900)
            self.api.delete_endpoint(EndpointName=self.name)
            clock.advance(60)
