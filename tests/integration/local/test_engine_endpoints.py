"""Endpoints of the embedded SageMaker, through the real boto3: created, updated, resized, deleted."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import clock
from tests.integration.local.serving_rig import Serving


def production(seen: dict[str, Any]) -> dict[str, tuple[float, int]]:
    """Weights and counts of the variants that serve."""
    return {v["VariantName"]: (v["CurrentWeight"], v["CurrentInstanceCount"]) for v in seen["ProductionVariants"]}


def test_an_endpoint_is_creating_for_some_minutes_and_then_in_service(shop: Serving) -> None:
    config = shop.config("one")
    shop.api.create_endpoint(EndpointName=shop.name, EndpointConfigName=config)

    assert shop.status() == "Creating"
    clock.advance(100)
    assert shop.status() == "Creating"
    seen = shop.settle()

    assert seen["EndpointStatus"] == "InService"
    assert seen["EndpointConfigName"] == config
    assert production(seen) == {"AllTraffic": (1.0, 2)}
    assert seen["ProductionVariants"][0]["DeployedImages"][0]["ResolvedImage"].startswith(
        "111122223333.dkr.ecr.us-east-1.amazonaws.com/fraud@sha256:"
    )


def test_an_update_keeps_the_old_configuration_until_the_new_fleet_serves(shop: Serving) -> None:
    first, second = shop.config("one"), shop.config("two")
    shop.create(first)

    shop.update(second)
    during = shop.seen()
    after = shop.settle()

    assert (during["EndpointStatus"], during["EndpointConfigName"]) == ("Updating", first)
    assert during["PendingDeploymentSummary"]["EndpointConfigName"] == second
    assert during["PendingDeploymentSummary"]["ProductionVariants"][0]["VariantStatus"][0]["Status"] == "Creating"
    assert (after["EndpointStatus"], after["EndpointConfigName"]) == ("InService", second)
    assert "PendingDeploymentSummary" not in after
    assert after["LastModifiedTime"] > during["LastModifiedTime"]


def test_each_status_is_an_event_with_the_name_of_the_configuration(shop: Serving) -> None:
    first, second = shop.config("one"), shop.config("two")
    shop.create(first)
    shop.update(second)
    shop.settle()

    events = shop.events("Endpoint", 4)

    assert [(e["EndpointStatus"], e["EndpointConfigName"]) for e in events] == [
        ("CREATING", first),
        ("IN_SERVICE", first),
        ("UPDATING", first),
        ("IN_SERVICE", second),
    ]
    assert events[0]["EndpointArn"] == f"arn:aws:sagemaker:us-east-1:111122223333:endpoint/{shop.name.lower()}"
    assert events[0]["FailureReason"] is None
    assert isinstance(events[0]["CreationTime"], int)


def test_weights_change_within_a_minute_and_counts_later(shop: Serving) -> None:
    shop.model("old")
    shop.model("new")
    config = shop.config("both", shop.variant("old"), shop.variant("new", "candidate", InitialVariantWeight=0.0))
    shop.create(config)
    wanted = [
        {"VariantName": "candidate", "DesiredWeight": 0.25, "DesiredInstanceCount": 3},
        {"VariantName": "AllTraffic", "DesiredWeight": 0.75},
    ]

    shop.api.update_endpoint_weights_and_capacities(EndpointName=shop.name, DesiredWeightsAndCapacities=wanted)
    begun = shop.seen()
    soon, late = shop.settle(60), shop.settle(120)

    assert begun["EndpointStatus"] == "Updating"
    assert begun["ProductionVariants"][1]["DesiredWeight"] == 0.25
    assert production(begun) == {"AllTraffic": (1.0, 2), "candidate": (0.0, 2)}
    assert production(soon) == {"AllTraffic": (0.75, 2), "candidate": (0.25, 2)}
    assert production(late) == {"AllTraffic": (0.75, 2), "candidate": (0.25, 3)}
    assert late["EndpointStatus"] == "InService"


def test_counts_and_weights_are_kept_through_an_update_where_asked_for(shop: Serving) -> None:
    first, second, third = shop.config("one"), shop.config("two"), shop.config("three")
    shop.create(first)
    resize = [{"VariantName": "AllTraffic", "DesiredInstanceCount": 4, "DesiredWeight": 2.0}]
    shop.api.update_endpoint_weights_and_capacities(EndpointName=shop.name, DesiredWeightsAndCapacities=resize)
    shop.settle()

    excluded = [{"VariantPropertyType": "DesiredWeight"}]
    shop.update(second, RetainAllVariantProperties=True, ExcludeRetainedVariantProperties=excluded)
    kept = shop.settle()
    shop.update(third)
    fresh = shop.settle()

    assert production(kept) == {"AllTraffic": (1.0, 4)}
    assert production(fresh) == {"AllTraffic": (1.0, 2)}


def test_a_busy_endpoint_takes_no_change(shop: Serving) -> None:
    first, second, third = shop.config("one"), shop.config("two"), shop.config("three")
    shop.create(first)
    shop.update(second)

    for change in (
        lambda: shop.update(third),
        lambda: shop.weights(AllTraffic=1.0),
        lambda: shop.api.delete_endpoint(EndpointName=shop.name),
    ):
        with pytest.raises(ClientError, match=r"ValidationException.*Cannot update in-progress endpoint"):
            change()


def test_what_does_not_exist_or_exists_already_is_refused_in_the_words_of_sagemaker(shop: Serving) -> None:
    config = shop.config("one")
    shop.create(config)
    prefix = "arn:aws:sagemaker:us-east-1:111122223333"

    for call, words in (
        (lambda: shop.create(config), f'Cannot create already existing endpoint "{prefix}:endpoint/'),
        (lambda: shop.config("one", shop.variant("one")), "Cannot create already existing endpoint configuration"),
        (lambda: shop.model("one"), "Cannot create already existing model"),
        (lambda: shop.update("no-such"), f'Could not find endpoint configuration "{prefix}:endpoint-config/no-such"'),
        (lambda: shop.update(config), "already uses endpoint configuration"),
        (lambda: shop.api.describe_endpoint(EndpointName="none"), f'Could not find endpoint "{prefix}:endpoint/none"'),
        (lambda: shop.config("x", shop.variant("absent")), "Could not find model"),
        (lambda: shop.weights(Other=1.0), 'Variant "Other" does not exist'),
    ):
        with pytest.raises(ClientError) as refused:
            call()
        assert refused.value.response["Error"]["Code"] == "ValidationException"
        assert words in refused.value.response["Error"]["Message"]


def test_both_fleets_of_an_update_count_towards_the_quota(shop: Serving) -> None:
    shop.model("big")
    big = shop.variant("big", InstanceType="ml.c5.xlarge", InitialInstanceCount=2)
    first, second = shop.config("one", big), shop.config("two", {**big, "InitialInstanceCount": 3})
    shop.rig.admin("POST", "quota", {"name": "ml.c5.xlarge for endpoint usage", "value": 4})
    shop.create(first)

    with pytest.raises(
        shop.api.exceptions.ResourceLimitExceeded, match=r"ml\.c5\.xlarge for endpoint usage' is 4 Inst"
    ):
        shop.update(second)

    assert shop.status() == "InService"


def test_a_deleted_endpoint_is_deleting_for_a_while_and_then_gone(shop: Serving) -> None:
    shop.create(shop.config("one"))

    shop.api.delete_endpoint(EndpointName=shop.name)
    assert shop.status() == "Deleting"
    clock.advance(60)

    with pytest.raises(ClientError, match="Could not find endpoint"):
        shop.seen()
    assert shop.events("Endpoint", 3)[-1]["EndpointStatus"] == "DELETING"


def test_endpoints_configurations_and_models_are_listed_with_filters(shop: Serving) -> None:
    config = shop.config("one")
    shop.create(config)
    digits = shop.name.removeprefix("Shop-")

    endpoints = shop.api.list_endpoints(NameContains=digits, StatusEquals="InService")["Endpoints"]
    configs = shop.api.list_endpoint_configs(NameContains=digits)["EndpointConfigs"]
    models = shop.api.list_models(NameContains=digits)["Models"]

    assert [e["EndpointName"] for e in endpoints] == [shop.name]
    assert [c["EndpointConfigName"] for c in configs] == [config]
    assert [m["ModelName"] for m in models] == [f"{shop.name}-one"]
    assert shop.api.list_endpoints(NameContains=digits, StatusEquals="Failed")["Endpoints"] == []


def test_tags_are_kept_and_told_with_the_events(shop: Serving) -> None:
    config = shop.config("one", Tags=[{"Key": "team", "Value": "risk"}])
    shop.create(config, Tags=[{"Key": "team", "Value": "fraud"}])
    arn = shop.seen()["EndpointArn"]

    assert shop.api.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "fraud"}]
    assert shop.events("Endpoint", 1)[0]["Tags"] == {"team": "fraud"}
