"""Models and endpoint configurations of the embedded SageMaker: what is kept, what is refused, what is told."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local.conftest import Rig
from tests.integration.local.serving_rig import IMAGE, ROLE, Serving

_SERVERLESS = {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}
_CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 50,
    "DestinationS3Uri": "s3://captured/shop",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}
_MODEL_EVENT = (
    "ModelName",
    "PrimaryContainer",
    "Containers",
    "ExecutionRoleArn",
    "CreationTime",
    "ModelArn",
    "Tags",
)
_CONFIG_EVENT = (
    "EndpointConfigName",
    "EndpointConfigArn",
    "ProductionVariants",
    "DataCaptureConfig",
    "KmsKeyId",
    "CreationTime",
    "AsyncInferenceConfig",
    "ExplainerConfig",
    "ShadowProductionVariants",
    "Tags",
)
_ASYNC = {"OutputConfig": {"S3OutputPath": "s3://answers/shop"}}


def package(rig: Rig, group: str, **more: Any) -> str:
    """Register a version with an image, in a group that is made for it."""
    api = rig.client("sagemaker")
    api.create_model_package_group(ModelPackageGroupName=group)
    container = {"Image": IMAGE, "ModelDataUrl": "s3://models/packaged.tar.gz"}
    specification = {"Containers": [container], "SupportedContentTypes": ["text/csv"]}
    answer = api.create_model_package(ModelPackageGroupName=group, InferenceSpecification=specification, **more)
    return str(answer["ModelPackageArn"])


def serverless(shop: Serving, model: str, **more: Any) -> dict[str, Any]:
    """A serverless variant."""
    return {"VariantName": "AllTraffic", "ModelName": f"{shop.name}-{model}", **_SERVERLESS, **more}


def test_a_model_of_a_package_is_refused_until_the_package_is_approved(shop: Serving) -> None:
    arn = package(shop.rig, shop.name, ModelApprovalStatus="PendingManualApproval")
    wanted = {"PrimaryContainer": {"ModelPackageName": arn}}

    with pytest.raises(ClientError, match=r"ValidationException.*approval status is PendingManualApproval"):
        shop.model("pending", **wanted)
    shop.api.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    shop.model("approved", **wanted)

    seen = shop.api.describe_model(ModelName=f"{shop.name}-approved")
    assert seen["PrimaryContainer"] == {"ModelPackageName": arn}
    assert seen["ExecutionRoleArn"] == ROLE


def test_a_model_of_a_package_that_is_not_complete_is_refused(shop: Serving) -> None:
    arn = package(shop.rig, shop.name, ModelApprovalStatus="Approved")
    shop.rig.admin("POST", "package-status", {"arn": arn, "status": "Failed"})

    with pytest.raises(ClientError, match="its status is Failed"):
        shop.model("failed", PrimaryContainer={"ModelPackageName": arn})


def test_who_serves_is_told_with_the_package_and_its_artefact(shop: Serving) -> None:
    arn = package(shop.rig, shop.name, ModelApprovalStatus="Approved")
    shop.model("packaged", PrimaryContainer={"ModelPackageName": arn})
    shop.create(shop.config("one", shop.variant("packaged")))

    (fleet,) = (f for f in shop.rig.admin("GET", "serving")["serving"] if f["endpoint"] == shop.name)

    assert (fleet["model_package_arn"], fleet["artefact"]) == (arn, "s3://models/packaged.tar.gz")
    assert (fleet["share"], fleet["instances"], fleet["instance_type"]) == (1.0, 2, "ml.m5.large")


def test_a_configuration_is_described_as_it_was_made(shop: Serving) -> None:
    shop.model("one")
    more = {"DataCaptureConfig": _CAPTURE, "AsyncInferenceConfig": _ASYNC, "ExecutionRoleArn": ROLE}
    name = shop.config("all", shop.variant("one", InitialVariantWeight=0.5, VolumeSizeInGB=10), **more)

    seen = shop.api.describe_endpoint_config(EndpointConfigName=name)

    assert {key: seen[key] for key in more} == more
    assert seen["ProductionVariants"] == [shop.variant("one", InitialVariantWeight=0.5, VolumeSizeInGB=10)]
    assert seen["EndpointConfigArn"].endswith(f":endpoint-config/{name.lower()}")


def test_data_capture_of_the_configuration_shows_on_the_endpoint(shop: Serving) -> None:
    shop.model("one")
    shop.create(shop.config("captured", shop.variant("one"), DataCaptureConfig=_CAPTURE))

    capture = shop.seen()["DataCaptureConfig"]

    assert capture["CaptureStatus"] == "Started"
    assert capture["CurrentSamplingPercentage"] == 50


def test_a_shadow_variant_gets_copies_and_is_told_apart(shop: Serving) -> None:
    shop.model("old")
    shop.model("new")
    shadow = shop.variant("new", "shadow", InitialVariantWeight=0.2)
    shop.create(shop.config("shadowed", shop.variant("old"), ShadowProductionVariants=[shadow]))

    fleets = [f for f in shop.rig.admin("GET", "serving")["serving"] if f["endpoint"] == shop.name]

    assert [(f["variant"], f["shadow"], f["share"]) for f in fleets] == [
        ("AllTraffic", False, 1.0),
        ("shadow", True, 0.2),
    ]
    assert shop.seen()["ShadowProductionVariants"][0]["VariantName"] == "shadow"


def test_a_serverless_endpoint_has_no_instances(shop: Serving) -> None:
    shop.model("one")
    shop.create(shop.config("light", serverless(shop, "one")))

    (variant,) = shop.seen()["ProductionVariants"]

    assert variant["CurrentServerlessConfig"] == _SERVERLESS["ServerlessConfig"]
    assert variant["CurrentInstanceCount"] == 0
    with pytest.raises(ClientError, match="DesiredInstanceCount cannot be specified for the serverless variant"):
        shop.api.update_endpoint_weights_and_capacities(
            EndpointName=shop.name,
            DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredInstanceCount": 2}],
        )


def test_a_configuration_that_no_endpoint_can_have_is_refused(shop: Serving) -> None:
    shop.model("one")
    one, light = shop.variant("one"), serverless(shop, "one")
    shadow = shop.variant("one", "shadow")
    bare = {"VariantName": "AllTraffic", "ModelName": f"{shop.name}-one"}
    odd_memory = {"ServerlessConfig": {"MemorySizeInMB": 2000, "MaxConcurrency": 5}}

    for variants, more, words in (
        ([one, one], {}, "Variant names must be unique"),
        ([bare], {}, "InstanceType and InitialInstanceCount are required"),
        ([one, {**light, "VariantName": "b"}], {}, "exactly one production variant"),
        ([{**light, "InstanceType": "ml.m5.large"}], {}, "cannot be specified together with ServerlessConfig"),
        ([{**light, **odd_memory}], {}, "must be a multiple of 1024"),
        ([light], {"DataCaptureConfig": _CAPTURE}, "Data capture is not supported"),
        ([light], {"AsyncInferenceConfig": _ASYNC}, "cannot be used with a serverless variant"),
        ([one], {"ShadowProductionVariants": [shadow, {**shadow, "VariantName": "c"}]}, "exactly one production and"),
        ([one], {"ShadowProductionVariants": [shadow], "AsyncInferenceConfig": _ASYNC}, "not supported for async"),
        ([{**one, "InstanceType": "ml.m5.tiny"}], {}, "Member must satisfy enum value set"),
        ([{**one, "VariantName": "-x"}], {}, "Member must satisfy regular expression pattern"),
        ([shop.variant("one", f"v{n}") for n in range(11)], {}, "Member must have length less than or equal to 10"),
    ):
        with pytest.raises(ClientError) as refused:
            shop.config("refused", *variants, **more)
        assert refused.value.response["Error"]["Code"] == "ValidationException"
        assert words in refused.value.response["Error"]["Message"]


def test_an_endpoint_whose_configuration_was_deleted_cannot_be_updated(shop: Serving) -> None:
    first, second = shop.config("one"), shop.config("two")
    shop.create(first)
    shop.api.delete_endpoint_config(EndpointConfigName=first)

    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        shop.update(second)


def test_the_events_have_the_members_of_the_real_ones(shop: Serving) -> None:
    samples = {"Model": _MODEL_EVENT, "Endpoint Config": _CONFIG_EVENT}
    shop.config("one")

    found = {kind: shop.events(kind, 1)[0] for kind in samples}

    assert {kind: sorted(detail) for kind, detail in found.items()} == {k: sorted(m) for k, m in samples.items()}


@pytest.mark.parametrize("during", ["Creating", "Updating", "Shadow"])
def test_every_member_of_an_answer_is_in_the_model(shop: Serving, during: str) -> None:
    shop.model("new")
    shadow = {"ShadowProductionVariants": [shop.variant("new", "shadow")]} if during == "Shadow" else {}
    shop.model("old")
    config = shop.config("first", shop.variant("old"), DataCaptureConfig=_CAPTURE, **shadow)
    raw: list[Any] = []
    shop.api.meta.events.register(
        "after-call.sagemaker.DescribeEndpoint",
        lambda http_response, **_: raw.append(json.loads(http_response.content)),
    )
    if during == "Creating":
        shop.api.create_endpoint(EndpointName=shop.name, EndpointConfigName=config)
    else:
        shop.create(config)
    if during == "Updating":
        shop.update(shop.config("second", shop.variant("new")))

    shop.seen()

    shape = shop.api.meta.service_model.operation_model("DescribeEndpoint").output_shape
    assert list(unknown(shape, raw[-1])) == []


def unknown(shape: Any, value: Any, path: str = "") -> Iterator[str]:
    """Members of an answer that its shape does not have, or must have."""
    if shape.type_name == "structure":
        yield from (f"{path}{name}" for name in set(value) - set(shape.members))
        yield from (f"{path}{name} is missing" for name in set(shape.required_members) - set(value))
        for name in set(value) & set(shape.members):
            yield from unknown(shape.members[name], value[name], f"{path}{name}.")
    elif shape.type_name == "list":
        for item in value:
            yield from unknown(shape.member, item, path)
