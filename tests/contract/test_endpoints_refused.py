"""What a refusal of SageMaker's means: told by its code, or by what is there when one looks again."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from sluice.adapters.endpoints import SageMakerEndpoints
from sluice.errors import CapacityRefused, EndpointBusy, PermanentFailure, TransientFailure
from tests.contract.endpoint_world import (
    ABSENT,
    BASE,
    PACKAGE,
    TAGS,
    config,
    config_told,
    endpoint_told,
    model_told,
    refuse,
    variant,
)


@pytest.fixture
def stubbed() -> Iterator[tuple[Stubber, SageMakerEndpoints]]:
    client = boto3.client("sagemaker", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield stubber, SageMakerEndpoints(client)
        stubber.assert_no_pending_responses()


type Stubbed = tuple[Stubber, SageMakerEndpoints]


def test_a_model_that_is_there_of_the_same_package_is_fine_whatever_the_case(stubbed: Stubbed) -> None:
    stubber, endpoints = stubbed
    refuse(stubber, "create_model", 'Cannot create already existing model "m".')
    stubber.add_response("describe_model", model_told())

    endpoints.create_model("m", package_arn=PACKAGE, settings={}, tags={})


def test_a_model_that_is_there_of_another_package_is_a_failure(stubbed: Stubbed) -> None:
    stubber, endpoints = stubbed
    refuse(stubber, "create_model", 'Cannot create already existing model "m".')
    stubber.add_response("describe_model", model_told(PACKAGE + "1"))

    with pytest.raises(PermanentFailure, match="another package"):
        endpoints.create_model("m", package_arn=PACKAGE, settings={}, tags={})


def test_a_configuration_that_is_there_is_fine_with_what_aws_filled_in(stubbed: Stubbed) -> None:
    stubber, endpoints = stubbed
    wanted = config(ProductionVariants=[variant("b", InitialVariantWeight=0.1), variant("a")])
    filled = [variant("a", ModelDataDownloadTimeoutInSeconds=60), variant("b", InitialVariantWeight=0.10000000149)]
    refuse(stubber, "create_endpoint_config", "Cannot create already existing endpoint configuration")
    stubber.add_response("describe_endpoint_config", config_told("fraud-6", ProductionVariants=filled))

    endpoints.create_config(wanted, tags={})


@pytest.mark.parametrize("there", [
    {"ProductionVariants": [variant(InitialInstanceCount=3)]},
    {"ProductionVariants": [variant(), variant("b")]},
    {"ShadowProductionVariants": [variant("shadow")]},
])  # fmt: skip
def test_a_configuration_that_is_there_with_other_content_is_a_failure(stubbed: Stubbed, there: dict[str, Any]) -> None:
    stubber, endpoints = stubbed
    refuse(stubber, "create_endpoint_config", "Cannot create already existing endpoint configuration")
    stubber.add_response("describe_endpoint_config", config_told("fraud-6", **there))

    with pytest.raises(PermanentFailure, match="other content"):
        endpoints.create_config(config(), tags={})


def test_a_configuration_of_a_model_that_does_not_show_yet_is_tried_again(stubbed: Stubbed) -> None:
    stubber, endpoints = stubbed
    refuse(stubber, "create_endpoint_config", 'Could not find model "fraud-v6".')
    refuse(stubber, "describe_endpoint_config", ABSENT.format("fraud-6"))
    stubber.add_response("describe_model", model_told())

    with pytest.raises(TransientFailure):
        endpoints.create_config(config(), tags=TAGS)


def test_a_configuration_of_a_model_that_is_not_there_is_a_failure(stubbed: Stubbed) -> None:
    stubber, endpoints = stubbed
    refuse(stubber, "create_endpoint_config", 'Could not find model "fraud-v6".')
    refuse(stubber, "describe_endpoint_config", ABSENT.format("fraud-6"))
    refuse(stubber, "describe_model", 'Could not find model "fraud-v6".')

    with pytest.raises(PermanentFailure, match="Could not find model"):
        endpoints.create_config(config(), tags=TAGS)


@pytest.mark.parametrize("there,fine", [("fraud-7", True), ("fraud-6", False)])
def test_an_endpoint_that_is_there_is_fine_with_the_same_configuration(
    stubbed: Stubbed, there: str, *, fine: bool
) -> None:
    stubber, endpoints = stubbed
    refuse(stubber, "create_endpoint", 'Cannot create already existing endpoint "fraud".')
    stubber.add_response("describe_endpoint", endpoint_told("Creating", there))

    if fine:
        endpoints.create("fraud", config="fraud-7", tags={})
    else:
        with pytest.raises(PermanentFailure, match="fraud-6"):
            endpoints.create("fraud", config="fraud-7", tags={})


def test_a_configuration_that_does_not_show_yet_is_tried_again(stubbed: Stubbed) -> None:
    """CreateEndpoint reads it eventually consistent, says its own documentation."""
    stubber, endpoints = stubbed
    refuse(stubber, "create_endpoint", ABSENT.format(f"{BASE}:endpoint-config/fraud-7"))
    refuse(stubber, "describe_endpoint", 'Could not find endpoint "fraud".')
    stubber.add_response("describe_endpoint_config", config_told())

    with pytest.raises(TransientFailure):
        endpoints.create("fraud", config="fraud-7", tags={})


@pytest.mark.parametrize("seen", [
    endpoint_told(serving="fraud-7"),
    endpoint_told("Updating", PendingDeploymentSummary={"EndpointConfigName": "fraud-7"}),
])  # fmt: skip
def test_an_update_that_was_made_already_is_fine(stubbed: Stubbed, seen: dict[str, Any]) -> None:
    stubber, endpoints = stubbed
    refuse(stubber, "update_endpoint", "whatever AWS says")
    stubber.add_response("describe_endpoint", seen)

    endpoints.update("fraud", config="fraud-7")


@pytest.mark.parametrize("seen,message", [
    (endpoint_told("Updating", PendingDeploymentSummary={"EndpointConfigName": "theirs"}), "whatever"),
    (endpoint_told("SystemUpdating"), "whatever"),
    (endpoint_told("RollingBack", serving="fraud-7"), "whatever"),
    (endpoint_told(), 'Cannot update in-progress endpoint "fraud".'),  # idle again by our look
])  # fmt: skip
def test_an_update_of_a_busy_endpoint_says_so(stubbed: Stubbed, seen: dict[str, Any], message: str) -> None:
    stubber, endpoints = stubbed
    refuse(stubber, "update_endpoint", message)
    stubber.add_response("describe_endpoint", seen)

    with pytest.raises(EndpointBusy):
        endpoints.update("fraud", config="fraud-7")


def test_an_update_to_a_configuration_that_does_not_show_yet_is_tried_again(stubbed: Stubbed) -> None:
    stubber, endpoints = stubbed
    refuse(stubber, "update_endpoint", ABSENT.format(f"{BASE}:endpoint-config/fraud-7"))
    stubber.add_response("describe_endpoint", endpoint_told())
    stubber.add_response("describe_endpoint_config", config_told())

    with pytest.raises(TransientFailure):
        endpoints.update("fraud", config="fraud-7")


def test_an_endpoint_whose_serving_configuration_was_deleted_cannot_be_updated(stubbed: Stubbed) -> None:
    """Repeating does not help: terraform-provider-aws issue 40048 met it."""
    stubber, endpoints = stubbed
    refuse(stubber, "update_endpoint", ABSENT.format(f"{BASE}:endpoint-config/fraud-6"))
    stubber.add_response("describe_endpoint", endpoint_told())

    with pytest.raises(PermanentFailure, match="fraud-6"):
        endpoints.update("fraud", config="fraud-7")


@pytest.mark.parametrize("code,kind", [
    ("ResourceLimitExceeded", CapacityRefused),
    ("ThrottlingException", TransientFailure),
    ("AccessDeniedException", PermanentFailure),
])  # fmt: skip
def test_other_refusals_are_told_apart_by_their_code(stubbed: Stubbed, code: str, kind: type[Exception]) -> None:
    stubber, endpoints = stubbed
    calls: dict[str, Callable[[], None]] = {
        "create_model": lambda: endpoints.create_model("m", package_arn=PACKAGE, settings={}, tags={}),
        "create_endpoint_config": lambda: endpoints.create_config(config(), tags={}),
        "create_endpoint": lambda: endpoints.create("fraud", config="fraud-7", tags={}),
        "update_endpoint": lambda: endpoints.update("fraud", config="fraud-7"),
        "update_endpoint_weights_and_capacities": lambda: endpoints.set_counts("fraud", {"AllTraffic": 9}),
    }
    for method, call in calls.items():
        refuse(stubber, method, "the account-level service limit is 2 Instances", code)

        with pytest.raises(kind, match=code) as caught:
            call()

        assert type(caught.value) is kind


@pytest.mark.parametrize("status,kind", [("Updating", EndpointBusy), ("Failed", PermanentFailure)])
def test_refused_weights_are_explained_by_what_the_endpoint_shows(
    stubbed: Stubbed, status: str, kind: type[Exception]
) -> None:
    stubber, endpoints = stubbed
    refuse(stubber, "update_endpoint_weights_and_capacities", "whatever")
    stubber.add_response("describe_endpoint", endpoint_told(status))

    with pytest.raises(kind):
        endpoints.set_weights("fraud", {"AllTraffic": 1.0})


def test_a_configuration_that_is_gone_is_deleted_without_a_word(stubbed: Stubbed) -> None:
    stubber, endpoints = stubbed
    stubber.add_response("delete_endpoint_config", {}, {"EndpointConfigName": "fraud-7"})
    refuse(stubber, "delete_endpoint_config", ABSENT.format("fraud-7"))

    endpoints.delete_config("fraud-7")
    endpoints.delete_config("fraud-7")
