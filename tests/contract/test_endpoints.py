"""What every `Endpoints` must do, the fake as well as SageMaker as moto plays it (which knows no UpdateEndpoint)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from sluice.adapters.endpoints import SageMakerEndpoints
from sluice.errors import PermanentFailure
from sluice.model.endpoint import EndpointSeen, EndpointStatus
from sluice.ports import Endpoints
from tests.contract.endpoint_world import PACKAGE, ROLE, TAGS, config, variant
from tests.fakes.clock import FakeClock
from tests.fakes.endpoints import FakeEndpoints

SETTINGS = {"ExecutionRoleArn": ROLE, "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}}


@dataclass
class Store:
    """An `Endpoints`, and time that passes until what is under way is done."""

    endpoints: Endpoints
    settle: Callable[[], None]

    def seen(self, name: str = "fraud") -> EndpointSeen:
        seen = self.endpoints.describe(name)
        assert seen is not None
        return seen


def _fake() -> Store:
    clock = FakeClock()
    return Store(FakeEndpoints(clock), lambda: clock.advance(3600))


@pytest.fixture
def sagemaker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield boto3.client("sagemaker", region_name="us-east-1")


@pytest.fixture(params=["fake", "sagemaker"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "fake":
        return _fake()
    return Store(SageMakerEndpoints(request.getfixturevalue("sagemaker")), lambda: None)


def _model(store: Store) -> None:
    store.endpoints.create_model("fraud-v6", package_arn=PACKAGE, settings=SETTINGS, tags=TAGS)


def _serving(store: Store, *variants: dict[str, Any]) -> None:
    _model(store)
    store.endpoints.create_config(config(ProductionVariants=list(variants) or [variant()]), tags=TAGS)
    store.endpoints.create("fraud", config="fraud-6", tags=TAGS)
    store.settle()


def test_what_is_not_there_is_none(store: Store) -> None:
    assert store.endpoints.describe("nobody") is None
    assert store.endpoints.config("nobody") is None
    assert store.endpoints.model_package_of("nobody") is None


def test_a_model_keeps_its_package_and_settings(store: Store) -> None:
    store.endpoints.create_model("fraud-v7", package_arn=PACKAGE, settings=SETTINGS, tags=TAGS)

    assert store.endpoints.model_package_of("fraud-v7") == PACKAGE
    assert store.endpoints.model_settings("fraud-v7") == SETTINGS


def test_a_configuration_needs_its_model(store: Store) -> None:
    with pytest.raises(PermanentFailure, match=r"(?i)could not find model"):
        store.endpoints.create_config(config(), tags=TAGS)


def test_settings_of_a_model_that_is_gone_are_not_guessed(store: Store) -> None:
    with pytest.raises(PermanentFailure):
        store.endpoints.model_settings("nobody")


def test_a_configuration_is_given_back_as_it_was_made(store: Store) -> None:
    made = config(
        DataCaptureConfig={
            "EnableCapture": True,
            "InitialSamplingPercentage": 20,
            "DestinationS3Uri": "s3://capture/fraud",
            "CaptureOptions": [{"CaptureMode": "Input"}],
        }
    )

    _model(store)
    store.endpoints.create_config(made, tags=TAGS)

    assert store.endpoints.config("fraud-6") == made


def test_a_new_endpoint_comes_to_serve_its_configuration(store: Store) -> None:
    _serving(store)

    seen = store.seen()
    assert (seen.name, seen.config, seen.status) == ("fraud", "fraud-6", EndpointStatus.IN_SERVICE)
    assert seen.settled
    assert [(v.name, v.weight, v.instances, v.desired_instances) for v in seen.variants] == [("AllTraffic", 1.0, 2, 2)]


def test_weights_and_counts_are_set_by_variant(store: Store) -> None:
    _serving(store, variant(InitialVariantWeight=100.0), variant("candidate", InitialVariantWeight=0.0))

    store.endpoints.set_counts("fraud", {"candidate": 1, "AllTraffic": 3})
    store.settle()
    store.endpoints.set_weights("fraud", {"AllTraffic": 90.0, "candidate": 10.0})
    store.settle()

    assert store.seen().share("candidate") == pytest.approx(0.1)


def test_a_configuration_that_is_gone_can_be_deleted(store: Store) -> None:
    _model(store)
    store.endpoints.create_config(config(), tags=TAGS)

    store.endpoints.delete_config("fraud-6")
    store.endpoints.delete_config("fraud-6")

    assert store.endpoints.config("fraud-6") is None
