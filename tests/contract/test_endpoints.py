"""What every `Endpoints` must do: the fake, and the real one over moto (which knows no UpdateEndpoint) and the engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from sluice.adapters.endpoints import SageMakerEndpoints
from sluice.errors import EndpointBusy, PermanentFailure
from sluice.model.endpoint import EndpointStatus, ModelSeen
from tests.contract.endpoint_world import TAGS, variant
from tests.contract.hosting import IMAGE, SETTINGS, Hosting, engine_hosting, fake_hosting, forget, moto_hosting


@pytest.fixture
def sagemaker(moto: None) -> Any:
    return boto3.client("sagemaker", region_name="us-east-1")


@contextmanager
def _hosting(request: pytest.FixtureRequest) -> Iterator[Hosting]:
    match request.param:
        case "fake":
            yield fake_hosting()
        case "moto":
            yield moto_hosting(request.getfixturevalue("sagemaker"))
        case _:
            client = request.getfixturevalue("engine").root("sagemaker")
            hosting = engine_hosting(client, request.getfixturevalue("fresh"))
            yield hosting
            forget(client, hosting)


@pytest.fixture(params=["fake", "moto", "engine"])
def hosting(request: pytest.FixtureRequest) -> Iterator[Hosting]:
    with _hosting(request) as made:
        yield made


@pytest.fixture(params=["fake", "engine"])
def updating(request: pytest.FixtureRequest) -> Iterator[Hosting]:
    """`one` serves two instances; `two` is ready."""
    with _hosting(request) as made:
        made.serve(made.config("one"))
        made.config("two")
        yield made


def test_what_is_not_there_is_none(hosting: Hosting) -> None:
    assert hosting.endpoints.describe("nobody") is None
    assert hosting.endpoints.config("nobody") is None
    assert hosting.endpoints.model_package_of("nobody") is None


def test_a_model_keeps_its_package_and_settings(hosting: Hosting) -> None:
    model = hosting.model()

    assert hosting.endpoints.model_package_of(model) == hosting.package
    assert hosting.endpoints.model_settings(model) == SETTINGS


def test_a_model_of_one_package_is_not_several_and_one_that_is_gone_is_none(hosting: Hosting) -> None:
    assert hosting.endpoints.model(hosting.model()) == ModelSeen(SETTINGS)
    assert hosting.endpoints.model("nobody") is None


@pytest.mark.parametrize(
    "content",
    [
        {"PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": "s3://models/", "Mode": "MultiModel"}},
        {"Containers": [{"Image": IMAGE}, {"Image": IMAGE}], "InferenceExecutionConfig": {"Mode": "Direct"}},
    ],
)
def test_a_model_of_which_each_request_names_one_is_several(sagemaker: Any, content: dict[str, Any]) -> None:
    """The API's own shapes, answered as SageMaker does: moto forgets how the containers of a model are run."""
    answer = {"ModelName": "many", "CreationTime": 0, "ModelArn": f"arn:aws:sagemaker:us-east-1:{'1' * 12}:model/many"}
    with Stubber(sagemaker) as stubber:
        stubber.add_response("describe_model", answer | content, {"ModelName": "many"})

        assert SageMakerEndpoints(sagemaker).model("many") == ModelSeen({}, several=True)


def test_settings_of_a_model_that_is_gone_are_not_guessed(hosting: Hosting) -> None:
    with pytest.raises(PermanentFailure):
        hosting.endpoints.model_settings("nobody")


def test_a_configuration_needs_its_model(hosting: Hosting) -> None:
    content = {"EndpointConfigName": hosting.named("one"), "ProductionVariants": [variant(ModelName="nobody")]}

    with pytest.raises(PermanentFailure, match=r"(?i)could not find model"):
        hosting.endpoints.create_config(content, tags=TAGS)


def test_a_configuration_is_given_back_as_it_was_made(hosting: Hosting) -> None:
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 20,
        "DestinationS3Uri": "s3://capture/fraud",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    made = hosting.content("one", DataCaptureConfig=capture)

    hosting.endpoints.create_config(made, tags=TAGS)

    found = hosting.endpoints.config(hosting.named("one"))
    assert found is not None
    assert {key: found[key] for key in made} == made
    # What was found can be made again, under another name.
    hosting.endpoints.create_config({**found, "EndpointConfigName": hosting.named("again")}, tags=TAGS)


def test_a_new_endpoint_comes_to_serve_its_configuration(hosting: Hosting) -> None:
    config = hosting.config("one")

    hosting.serve(config)

    seen = hosting.seen()
    assert (seen.name, seen.config, seen.status) == (hosting.name, config, EndpointStatus.IN_SERVICE)
    assert seen.settled
    assert [(v.name, v.weight, v.instances, v.desired_instances) for v in seen.variants] == [("AllTraffic", 1.0, 2, 2)]


def test_weights_and_counts_are_set_by_variant(hosting: Hosting) -> None:
    variants = (variant(InitialVariantWeight=100.0), variant("candidate", InitialVariantWeight=0.0))
    hosting.serve(hosting.config("both", variants))

    hosting.endpoints.set_counts(hosting.name, {"candidate": 1})
    hosting.settle()
    hosting.endpoints.set_weights(hosting.name, {"AllTraffic": 90.0, "candidate": 10.0})
    seen = hosting.settle()

    assert seen.share("candidate") == pytest.approx(0.1)
    assert seen.settled


def test_deleting_a_configuration_is_repeatable(hosting: Hosting) -> None:
    config = hosting.config("one")

    for _ in range(2):
        hosting.endpoints.delete_config(config)

    assert hosting.endpoints.config(config) is None


def test_an_update_takes_its_time_and_tells_what_is_pending(updating: Hosting) -> None:
    one, two, before = updating.named("one"), updating.named("two"), updating.seen()

    updating.endpoints.update(updating.name, config=two)

    during = updating.seen()
    assert (during.status, during.config, during.pending_config) == (EndpointStatus.UPDATING, one, two)
    assert during.modified_at > before.modified_at
    assert (updating.settle().config, updating.seen().settled) == (two, True)


def test_a_repeated_call_is_fine(updating: Hosting) -> None:
    two = updating.named("two")

    for _ in range(2):
        updating.config("two")
        updating.endpoints.create(updating.name, config=updating.named("one"), tags=TAGS)
        updating.endpoints.update(updating.name, config=two)
    updating.settle()
    updating.endpoints.update(updating.name, config=two)

    assert (updating.seen().config, updating.seen().settled) == (two, True)


def test_a_name_that_is_taken_by_something_else_is_refused(updating: Hosting) -> None:
    other = updating.content("two", [variant(InitialInstanceCount=3)])

    with pytest.raises(PermanentFailure):
        updating.endpoints.create_config(other, tags=TAGS)
    with pytest.raises(PermanentFailure):
        updating.endpoints.create(updating.name, config=updating.named("two"), tags=TAGS)


def test_a_busy_endpoint_takes_no_other_change(updating: Hosting) -> None:
    three = updating.config("three")
    updating.endpoints.update(updating.name, config=updating.named("two"))

    with pytest.raises(EndpointBusy):
        updating.endpoints.update(updating.name, config=three)
    with pytest.raises(EndpointBusy):
        updating.endpoints.set_weights(updating.name, {"AllTraffic": 2.0})
    with pytest.raises(EndpointBusy):
        updating.endpoints.set_counts(updating.name, {"AllTraffic": 3})


def test_retaining_keeps_counts_and_otherwise_the_new_ones_hold(updating: Hosting) -> None:
    updating.endpoints.set_counts(updating.name, {"AllTraffic": 3})
    updating.settle()

    updating.endpoints.update(updating.name, config=updating.named("two"), retain=True)
    kept = updating.settle()
    updating.endpoints.update(updating.name, config=updating.named("one"))
    fresh = updating.settle()

    assert (kept.variants[0].instances, fresh.variants[0].instances) == (3, 2)


def test_a_shadow_is_seen_beside_the_production_variant(updating: Hosting) -> None:
    shadowed = updating.content("shadowed")
    shadow = {**shadowed["ProductionVariants"][0], "VariantName": "shadow", "InitialInstanceCount": 1}
    updating.endpoints.create_config({**shadowed, "ShadowProductionVariants": [shadow]}, tags=TAGS)

    updating.endpoints.update(updating.name, config=updating.named("shadowed"))
    seen = updating.settle()

    assert ([v.name for v in seen.variants], [v.name for v in seen.shadows]) == (["AllTraffic"], ["shadow"])


def test_what_is_not_there_cannot_be_changed(updating: Hosting) -> None:
    with pytest.raises(PermanentFailure):
        updating.endpoints.update("nobody", config=updating.named("two"))
    with pytest.raises(PermanentFailure):
        updating.endpoints.update(updating.name, config="nobody")
    with pytest.raises(PermanentFailure):
        updating.endpoints.set_weights(updating.name, {"nobody": 1.0})


def test_a_deployment_configuration_is_taken(updating: Hosting) -> None:
    before = updating.seen()
    routing = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    deployment = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": 300}}

    updating.endpoints.update(updating.name, config=updating.named("two"), deployment=deployment)

    assert updating.seen().pending_config == updating.named("two")
    assert updating.settle().config != before.config
