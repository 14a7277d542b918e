"""What goes to SageMaker and comes back, word for word, checked against botocore's models."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from sluice.adapters.endpoints import SageMakerEndpoints
from sluice.model.endpoint import EndpointStatus
from tests.contract.endpoint_world import (
    BASE,
    PACKAGE,
    ROLE,
    TAGS,
    WHEN,
    config,
    config_told,
    endpoint_told,
    model_told,
    variant,
)

MARKED = [{"Key": "stack", "Value": "sluice"}]


@pytest.fixture
def stubbed() -> Iterator[tuple[Stubber, SageMakerEndpoints]]:
    client = boto3.client("sagemaker", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield stubber, SageMakerEndpoints(client)
        stubber.assert_no_pending_responses()


type Stubbed = tuple[Stubber, SageMakerEndpoints]


def test_an_endpoint_is_read_with_what_is_pending(stubbed: Stubbed) -> None:
    stubber, endpoints = stubbed
    serving = {"CurrentWeight": 1.0, "DesiredWeight": 2.0, "CurrentInstanceCount": 2, "DesiredInstanceCount": 3}
    image = {"SpecifiedImage": "fraud:7", "ResolvedImage": "fraud@sha256:abab"}
    answer = endpoint_told(
        "Updating",
        ProductionVariants=[{"VariantName": "AllTraffic", "DeployedImages": [image, {}], **serving}],
        ShadowProductionVariants=[{"VariantName": "shadow", "CurrentWeight": 1.0}],
        PendingDeploymentSummary={"EndpointConfigName": "fraud-7", "StartTime": WHEN},
        FailureReason="why",
    )
    stubber.add_response("describe_endpoint", answer, {"EndpointName": "fraud"})

    seen = endpoints.describe("fraud")

    assert seen is not None
    assert (seen.status, seen.pending_config, seen.settled) == (EndpointStatus.UPDATING, "fraud-7", False)
    assert seen.modified_at == 1772366400123000
    (told,) = seen.variants
    assert (told.weight, told.desired_weight, told.instances, told.desired_instances) == (1.0, 2.0, 2, 3)
    assert told.images == ("fraud@sha256:abab",)
    assert [(v.name, v.images) for v in seen.shadows] == [("shadow", ())]
    assert seen.failure_reason == "why"


def test_a_serverless_variant_has_no_instances(stubbed: Stubbed) -> None:
    stubber, endpoints = stubbed
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    told = {"VariantName": "AllTraffic", "CurrentWeight": 1.0, "CurrentServerlessConfig": serverless}
    stubber.add_response("describe_endpoint", endpoint_told(ProductionVariants=[told]))

    seen = endpoints.describe("fraud")

    assert seen is not None
    assert (seen.variants[0].instances, seen.variants[0].desired_instances) == (0, 0)
    assert seen.variants[0].desired_weight == 1.0


def test_a_configuration_keeps_every_field_that_can_be_given(stubbed: Stubbed) -> None:
    stubber, endpoints = stubbed
    more: dict[str, Any] = {
        "KmsKeyId": "key",
        "ExecutionRoleArn": ROLE,
        "EnableNetworkIsolation": True,
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["s-1"]},
        "AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://out"}},
        "ShadowProductionVariants": [variant("shadow")],
        "MetricsConfig": {"EnableEnhancedMetrics": True},
    }
    stubber.add_response("describe_endpoint_config", config_told(**more), {"EndpointConfigName": "fraud-7"})

    assert endpoints.config("fraud-7") == config("fraud-7", **more)


def test_a_model_of_several_containers_and_no_package_has_none(stubbed: Stubbed) -> None:
    stubber, endpoints = stubbed
    answer = model_told() | {"PrimaryContainer": {"Image": "i"}, "Containers": [{"Image": "i"}, {"Image": "j"}]}
    stubber.add_response("describe_model", answer)

    assert endpoints.model_package_of("m") is None


def test_a_model_is_made_of_its_package_with_role_network_and_tags(stubbed: Stubbed) -> None:
    stubber, endpoints = stubbed
    settings = {"ExecutionRoleArn": ROLE, "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["s-1"]}}
    request = {"ModelName": "m", "PrimaryContainer": {"ModelPackageName": PACKAGE}, "Tags": MARKED, **settings}
    stubber.add_response("create_model", {"ModelArn": f"{BASE}:model/m"}, request)

    endpoints.create_model("m", package_arn=PACKAGE, settings=settings, tags=TAGS)


def test_an_endpoint_is_made_with_tags(stubbed: Stubbed) -> None:
    stubber, endpoints = stubbed
    request = {"EndpointName": "fraud", "EndpointConfigName": "fraud-7", "Tags": MARKED}
    stubber.add_response("create_endpoint", {"EndpointArn": f"{BASE}:endpoint/fraud"}, request)

    endpoints.create("fraud", config="fraud-7", tags=TAGS)


def test_an_update_says_what_it_retains_and_how_it_is_guarded(stubbed: Stubbed) -> None:
    stubber, endpoints = stubbed
    deployment = {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
            "TerminationWaitInSeconds": 600,
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "verdict"}]},
    }
    plain = {"EndpointName": "fraud", "EndpointConfigName": "fraud-7"}
    answer = {"EndpointArn": f"{BASE}:endpoint/fraud"}
    for more in ({}, {"RetainAllVariantProperties": True}, {"DeploymentConfig": deployment}):
        stubber.add_response("update_endpoint", answer, plain | more)

    endpoints.update("fraud", config="fraud-7")
    endpoints.update("fraud", config="fraud-7", retain=True)
    endpoints.update("fraud", config="fraud-7", deployment=deployment)


def test_weights_and_counts_go_by_variant(stubbed: Stubbed) -> None:
    stubber, endpoints = stubbed
    answer = {"EndpointArn": f"{BASE}:endpoint/fraud"}
    for wanted in ({"DesiredWeight": 0.0}, {"DesiredInstanceCount": 3}):
        changes = [{"VariantName": "candidate", **wanted}]
        request = {"EndpointName": "fraud", "DesiredWeightsAndCapacities": changes}
        stubber.add_response("update_endpoint_weights_and_capacities", answer, request)

    endpoints.set_weights("fraud", {"candidate": 0.0})
    endpoints.set_counts("fraud", {"candidate": 3})
