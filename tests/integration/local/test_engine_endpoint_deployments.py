"""Blue/green and rolling updates of the engine's endpoints: traffic by steps, alarms that take them back."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import clock
from tests.integration.local.serving_rig import Serving


def canary(*, percent: int = 50, wait_s: int = 600, bake_s: int = 300, alarm: str | None = None) -> dict[str, Any]:
    """A DeploymentConfig with a canary."""
    routing = {
        "Type": "CANARY",
        "WaitIntervalInSeconds": wait_s,
        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": percent},
    }
    policy = {
        "TrafficRoutingConfiguration": routing,
        "TerminationWaitInSeconds": bake_s,
        "MaximumExecutionTimeoutInSeconds": 7200,
    }
    rollback = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm}]}} if alarm else {}
    return {"BlueGreenUpdatePolicy": policy, **rollback}


def rolling(percent: int = 50, wait_s: int = 60) -> dict[str, Any]:
    """A DeploymentConfig of batches."""
    size = {"Type": "CAPACITY_PERCENT", "Value": percent}
    return {"RollingUpdatePolicy": {"MaximumBatchSize": size, "WaitIntervalInSeconds": wait_s}}


def alarm_of(shop: Serving) -> str:
    """An alarm that is fine; the test sets it off."""
    name = f"{shop.name}-bad"
    shop.rig.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="Sluice",
        MetricName=name,
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0.5,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    return name


def set_off(shop: Serving, alarm: str) -> None:
    """Publish what the alarm watches for, and let it be evaluated."""
    datum = {"MetricName": alarm, "Value": 1.0}
    shop.rig.client("cloudwatch").put_metric_data(Namespace="Sluice", MetricData=[datum])
    clock.advance(120)


def two_configs(shop: Serving, **more: Any) -> tuple[str, str]:
    """An endpoint in service with four instances, and the configuration that it is to be updated to."""
    shop.model("old")
    shop.model("new")
    size = {"InitialInstanceCount": 4, **more}
    old, new = (shop.config(f"to-{name}", shop.variant(name, **size)) for name in ("old", "new"))
    shop.create(old)
    return old, new


def step(shop: Serving) -> tuple[str, int]:
    """Status and instances of the new fleet."""
    (variant,) = shop.seen()["PendingDeploymentSummary"]["ProductionVariants"]
    return variant["VariantStatus"][0]["Status"], variant["CurrentInstanceCount"]


def shares(shop: Serving) -> dict[str, float]:
    """The part of the traffic that each configuration takes."""
    found = shop.rig.admin("GET", "serving")["serving"]
    return {f["config"].removeprefix(f"{shop.name}-"): f["share"] for f in found if f["endpoint"] == shop.name}


def test_a_canary_takes_its_part_bakes_and_then_the_rest_follows(shop: Serving) -> None:
    _, new = two_configs(shop)
    shop.update(new, DeploymentConfig=canary(percent=25))

    starting = step(shop)
    clock.advance(240)
    baking, early = step(shop), shares(shop)
    clock.advance(600)
    growing = step(shop)
    clock.advance(180)
    full, late = step(shop), shares(shop)
    seen = shop.settle(900)

    assert (starting, baking, growing, full) == (("Creating", 0), ("Baking", 1), ("Creating", 1), ("Baking", 4))
    assert early == {"to-old": 0.75, "to-new": 0.25}
    assert late == {"to-old": 0.0, "to-new": 1.0}
    assert (seen["EndpointStatus"], seen["EndpointConfigName"]) == ("InService", new)
    assert seen["LastDeploymentConfig"] == canary(percent=25)
    assert shares(shop) == {"to-new": 1.0}


def test_an_alarm_while_baking_brings_the_old_configuration_back_without_a_word(shop: Serving) -> None:
    old, new = two_configs(shop)
    alarm = alarm_of(shop)
    shop.update(new, DeploymentConfig=canary(alarm=alarm))
    clock.advance(240)
    assert step(shop)[0] == "Baking"

    set_off(shop, alarm)
    seen = shop.settle(300)

    assert (seen["EndpointStatus"], seen["EndpointConfigName"]) == ("InService", old)
    assert "PendingDeploymentSummary" not in seen
    assert "FailureReason" not in seen
    assert shares(shop) == {"to-old": 1.0}


def test_an_alarm_in_the_last_bake_brings_the_old_configuration_back_too(shop: Serving) -> None:
    old, new = two_configs(shop)
    alarm = alarm_of(shop)
    shop.update(new, DeploymentConfig=canary(alarm=alarm, bake_s=1200))
    clock.advance(240 + 600 + 240)
    assert step(shop) == ("Baking", 4)

    set_off(shop, alarm)

    assert shop.settle(300)["EndpointConfigName"] == old


def test_an_alarm_that_went_off_in_the_middle_of_a_jump_of_the_clock_still_counts(shop: Serving) -> None:
    old, new = two_configs(shop)
    alarm = alarm_of(shop)
    later = clock.now() + 500
    datum = {"MetricName": alarm, "Value": 1.0, "Timestamp": later}
    shop.rig.client("cloudwatch").put_metric_data(Namespace="Sluice", MetricData=[datum])
    shop.update(new, DeploymentConfig=canary(alarm=alarm))

    assert shop.settle(7000)["EndpointConfigName"] == old


def test_traffic_moves_in_equal_steps_with_linear(shop: Serving) -> None:
    _, new = two_configs(shop)
    routing = {
        "Type": "LINEAR",
        "WaitIntervalInSeconds": 300,
        "LinearStepSize": {"Type": "INSTANCE_COUNT", "Value": 1},
    }
    shop.update(new, DeploymentConfig={"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}})

    found = []
    for _ in range(4):
        clock.advance(220)
        found.append(shares(shop).get("to-new"))
        clock.advance(280)

    assert found == [0.25, 0.5, 0.75, 1.0]
    assert shop.settle(300)["EndpointConfigName"] == new


def test_a_rolling_update_replaces_batches(shop: Serving) -> None:
    _, new = two_configs(shop)
    shop.update(new, DeploymentConfig=rolling())

    clock.advance(200)
    half = shop.seen()
    shared = shares(shop)

    assert half["ProductionVariants"][0]["CurrentInstanceCount"] == 2
    assert half["PendingDeploymentSummary"]["ProductionVariants"][0]["CurrentInstanceCount"] == 2
    assert shared == {"to-old": 0.5, "to-new": 0.5}
    assert shop.settle()["EndpointConfigName"] == new


def test_a_rolling_update_that_cannot_be_undone_leaves_a_mix_which_another_update_mends(shop: Serving) -> None:
    old, new = two_configs(shop)
    shop.rig.admin("POST", "faults", {"endpoint": {"outcome": "rollback_failed", "endpoint": shop.name}})
    shop.update(new, DeploymentConfig=rolling())

    mixed = shop.settle()
    mix = shares(shop)
    shop.update(old)
    mended = shop.settle()

    assert mixed["EndpointStatus"] == "UpdateRollbackFailed"
    assert "ping health check" in mixed["FailureReason"]
    assert mix == {"to-old": 0.5, "to-new": 0.5}
    assert (mended["EndpointStatus"], shares(shop)) == ("InService", {"to-old": 1.0})


def test_steps_of_a_deployment_are_events(shop: Serving) -> None:
    old, new = two_configs(shop)
    shop.update(new, DeploymentConfig=canary())
    clock.advance(300)

    events = shop.events("Endpoint Deployment", 3)

    statuses = [e["PendingDeploymentSummary"]["ProductionVariants"][0]["VariantStatus"][0] for e in events]
    assert [s["Status"] for s in statuses] == ["Creating", "ActivatingTraffic", "Baking"]
    assert statuses[2]["StatusMessage"] == (
        "Baking for 600 seconds (WaitIntervalInSeconds) with traffic enabled on canary capacity of 2 instance(s)."
    )
    assert (events[0]["EndpointConfigName"], events[0]["EndpointStatus"]) == (old, "UPDATING")
    assert events[0]["PendingDeploymentSummary"]["EndpointConfigName"] == new


def test_other_variant_names_are_deployed_all_at_once_without_baking(shop: Serving) -> None:
    old, _ = two_configs(shop)
    other = shop.config("renamed", shop.variant("new", "Other", InitialInstanceCount=4))
    shop.update(other, DeploymentConfig=canary(bake_s=3600))

    seen = shop.settle(300)

    assert old != seen["EndpointConfigName"] == other


@pytest.mark.parametrize(
    "deployment, words",
    [
        (canary(percent=51), "CanarySize must be between 0 and 50 percent"),
        ({**canary(), **rolling()}, "either BlueGreenUpdatePolicy or RollingUpdatePolicy"),
        (rolling(percent=60), "MaximumBatchSize must be between 5 and 50 percent"),
        (canary(wait_s=3600, bake_s=3600), "MaximumExecutionTimeoutInSeconds must be greater"),
        (canary(alarm="no-such-alarm"), "Could not find the alarm no-such-alarm"),
        (canary(wait_s=3601), "Member must have value less than or equal to 3600"),
    ],
)
def test_what_guardrails_do_not_allow_is_refused(shop: Serving, deployment: dict[str, Any], words: str) -> None:
    _, new = two_configs(shop)

    with pytest.raises(ClientError) as refused:
        shop.update(new, DeploymentConfig=deployment)

    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert words in refused.value.response["Error"]["Message"]


def test_one_instance_has_no_canary(shop: Serving) -> None:
    _, new = two_configs(shop, InitialInstanceCount=1)

    with pytest.raises(ClientError, match="CanarySize must be between 0 and 50 percent"):
        shop.update(new, DeploymentConfig=canary(percent=10))


@pytest.mark.parametrize(
    "outcome, status, reason",
    [
        ("failed", "Failed", "ping health check"),
        ("returned", "InService", None),
        ("capacity", "InService", "InsufficientInstanceCapacity"),
    ],
)
def test_an_update_can_be_planned_to_end_badly(shop: Serving, outcome: str, status: str, reason: str | None) -> None:
    old, new = two_configs(shop)
    shop.rig.admin("POST", "faults", {"endpoint": {"outcome": outcome, "endpoint": shop.name}})
    shop.update(new)

    seen = shop.settle()

    assert (seen["EndpointStatus"], seen["EndpointConfigName"]) == (status, old)
    assert (reason or "") in seen.get("FailureReason", "")


def test_a_failed_endpoint_can_only_be_deleted(shop: Serving) -> None:
    config = shop.config("one")
    other = shop.config("two")
    shop.rig.admin("POST", "faults", {"endpoint": {"outcome": "capacity", "endpoint": shop.name}})
    shop.create(config)

    with pytest.raises(ClientError, match="in status Failed"):
        shop.update(other)
    shop.api.delete_endpoint(EndpointName=shop.name)

    assert shop.status() == "Deleting"


def test_a_stuck_update_goes_on_when_the_faults_are_cleared(shop: Serving) -> None:
    _, new = two_configs(shop)
    shop.rig.admin("POST", "faults", {"endpoint": {"outcome": "stuck", "endpoint": shop.name}})
    shop.update(new)

    stuck = shop.settle(7200)["EndpointStatus"]
    shop.rig.admin("DELETE", "faults")

    assert stuck == "Updating"
    assert shop.settle()["EndpointConfigName"] == new


def test_weights_that_fail_roll_back_to_what_they_were(shop: Serving) -> None:
    two_configs(shop)
    shop.rig.admin("POST", "faults", {"endpoint": {"outcome": "returned", "endpoint": shop.name}})
    shop.weights(AllTraffic=5.0)

    clock.advance(40)
    back = shop.status()
    seen = shop.settle()

    assert back == "RollingBack"
    assert (seen["EndpointStatus"], seen["ProductionVariants"][0]["DesiredWeight"]) == ("InService", 1.0)


def test_sagemaker_can_update_an_endpoint_by_itself(shop: Serving) -> None:
    _, new = two_configs(shop)
    shop.rig.admin("POST", "endpoint-status", {"endpoint": shop.name, "status": "SystemUpdating"})

    with pytest.raises(ClientError, match="in-progress"):
        shop.update(new)
    shop.rig.admin("POST", "endpoint-status", {"endpoint": shop.name, "status": "InService"})
    shop.update(new)

    assert shop.settle()["EndpointConfigName"] == new


def test_how_long_things_take_can_be_set(shop: Serving) -> None:
    before = shop.rig.admin("POST", "endpoint-timing")
    shop.rig.admin("POST", "endpoint-timing", {"create_s": 5, "fleet_s": 5, "traffic_s": 0, "delete_s": 0})
    try:
        _, new = two_configs(shop)
        shop.update(new)
        assert shop.settle(6)["EndpointConfigName"] == new
    finally:
        shop.rig.admin("POST", "endpoint-timing", before)
