"""The fake SageMaker where an ordinary day has nothing to show: busy, failing, returning, changed by others."""

import pytest

from sluice.errors import CapacityRefused, EndpointBusy, PermanentFailure, TransientFailure
from sluice.model.endpoint import EndpointSeen, EndpointStatus, ScalingSeen
from tests.contract.endpoint_world import PACKAGE, TAGS, config, variant
from tests.fakes.alarms import FakeAlarms
from tests.fakes.clock import FakeClock
from tests.fakes.endpoints import Effect, FakeEndpoints
from tests.fakes.scaling import FakeScaling
from tests.fakes.serving import End


@pytest.fixture
def fake() -> FakeEndpoints:
    """`fraud` serves two instances, and another configuration is ready."""
    endpoints = FakeEndpoints(FakeClock(), alarms=FakeAlarms(), scaling=FakeScaling())
    endpoints.serve("fraud", config())
    endpoints.create_config(config("fraud-7"), tags=TAGS)
    endpoints.effects.clear()
    return endpoints


def _seen(fake: FakeEndpoints) -> EndpointSeen:
    seen = fake.describe("fraud")
    assert seen is not None
    return seen


def test_an_update_takes_its_time_and_tells_what_is_pending(fake: FakeEndpoints) -> None:
    before = _seen(fake)

    fake.update("fraud", config="fraud-7")

    during = _seen(fake)
    assert (during.status, during.config, during.pending_config) == (EndpointStatus.UPDATING, "fraud-6", "fraud-7")
    assert during.modified_at > before.modified_at
    fake.clock.advance(fake.takes_s + 1)
    assert (_seen(fake).config, _seen(fake).settled) == ("fraud-7", True)


def test_a_repeated_call_is_one_effect(fake: FakeEndpoints) -> None:
    for _ in range(2):
        fake.create_model("fraud-v7", package_arn=PACKAGE, settings={}, tags=TAGS)
        fake.create_config(config("fraud-8"), tags=TAGS)
        fake.create("other", config="fraud-8", tags=TAGS)
        fake.update("fraud", config="fraud-7")
    fake.clock.advance(fake.takes_s + 1)
    fake.update("fraud", config="fraud-7")

    assert fake.effects == [
        Effect("create_model", "fraud-v7", PACKAGE),
        Effect("create_config", "fraud-8", ""),
        Effect("create", "other", "fraud-8"),
        Effect("update", "fraud", "fraud-7"),
    ]
    assert not fake.repeated()


def test_a_name_that_is_taken_by_something_else_is_refused(fake: FakeEndpoints) -> None:
    fake.create_model("fraud-v7", package_arn=PACKAGE, settings={}, tags=TAGS)

    with pytest.raises(PermanentFailure):
        fake.create_model("fraud-v7", package_arn=PACKAGE + "1", settings={}, tags=TAGS)
    with pytest.raises(PermanentFailure):
        fake.create_config(config("fraud-7", KmsKeyId="k"), tags=TAGS)
    with pytest.raises(PermanentFailure):
        fake.create("fraud", config="fraud-7", tags=TAGS)


def test_a_busy_endpoint_takes_no_change(fake: FakeEndpoints) -> None:
    fake.create_config(config("fraud-8"), tags=TAGS)
    fake.update("fraud", config="fraud-7")

    with pytest.raises(EndpointBusy):
        fake.update("fraud", config="fraud-8")
    with pytest.raises(EndpointBusy):
        fake.set_weights("fraud", {"AllTraffic": 2.0})

    assert fake.count("update") == 1


@pytest.mark.parametrize("end,status", [
    (End.RETURNS, EndpointStatus.IN_SERVICE),
    (End.FAILS, EndpointStatus.FAILED),
    (End.MIXED, EndpointStatus.UPDATE_ROLLBACK_FAILED),
])  # fmt: skip
def test_an_update_can_end_otherwise(fake: FakeEndpoints, end: End, status: EndpointStatus) -> None:
    fake.end_next(end, "no capacity")

    fake.update("fraud", config="fraud-7")
    fake.clock.advance(fake.takes_s + 1)

    seen = _seen(fake)
    assert (seen.status, seen.config, seen.failure_reason) == (status, "fraud-6", "no capacity")
    assert seen.pending_config is None


def test_a_want_of_capacity_has_no_effect(fake: FakeEndpoints) -> None:
    fake.refuse()

    with pytest.raises(CapacityRefused):
        fake.update("fraud", config="fraud-7")

    assert not fake.effects
    fake.update("fraud", config="fraud-7")


def test_an_answer_can_be_lost_after_the_effect(fake: FakeEndpoints) -> None:
    fake.lose_answer()

    with pytest.raises(TransientFailure):
        fake.update("fraud", config="fraud-7")
    fake.update("fraud", config="fraud-7")

    assert fake.count("update") == 1


def test_an_alarm_turns_a_guarded_deployment_back(fake: FakeEndpoints) -> None:
    routing = {"Type": "CANARY", "WaitIntervalInSeconds": 600, "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50}}
    fake.update(
        "fraud",
        config="fraud-7",
        deployment={
            "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": 300},
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "verdict"}]},
        },
    )
    fake.clock.advance(fake.takes_s + 600 + 299)
    assert fake.alarms is not None
    assert _seen(fake).pending_config == "fraud-7"

    fake.alarms.ring("verdict")
    assert _seen(fake).pending_config == "fraud-7"
    fake.clock.advance(fake.takes_s + 1)

    assert (_seen(fake).config, _seen(fake).settled) == ("fraud-6", True)


def test_retaining_keeps_counts_and_weights(fake: FakeEndpoints) -> None:
    fake.set_counts("fraud", {"AllTraffic": 5})
    fake.clock.advance(fake.resize_s + 1)

    fake.update("fraud", config="fraud-7", retain=True)
    fake.clock.advance(fake.takes_s + 1)

    assert _seen(fake).variants[0].instances == 5


def test_a_scaled_variant_cannot_change_its_instance_type(fake: FakeEndpoints) -> None:
    assert fake.scaling is not None
    fake.scaling.register(ScalingSeen("endpoint/fraud/variant/AllTraffic", 2, 8))
    fake.create_config(config("fraud-8", ProductionVariants=[variant(InstanceType="ml.c5.large")]), tags=TAGS)

    with pytest.raises(PermanentFailure):
        fake.update("fraud", config="fraud-8")
    fake.scaling.deregister("fraud", "AllTraffic")
    fake.update("fraud", config="fraud-8")


def test_others_change_endpoints_too(fake: FakeEndpoints) -> None:
    before = _seen(fake)
    fake.somebody_updates("fraud", config("theirs"))
    fake.clock.advance(fake.takes_s + 1)

    assert _seen(fake).config == "theirs"
    assert _seen(fake).modified_at > before.modified_at
    fake.somebody_deletes("fraud")
    assert fake.describe("fraud") is None
    assert not fake.effects


def test_maintenance_of_aws_is_busy_without_anything_pending(fake: FakeEndpoints) -> None:
    fake.maintain("fraud", 60)

    assert (_seen(fake).status, _seen(fake).pending_config) == (EndpointStatus.SYSTEM_UPDATING, None)
    fake.clock.advance(61)
    assert _seen(fake).settled


def test_a_configuration_in_use_must_not_be_deleted(fake: FakeEndpoints) -> None:
    with pytest.raises(AssertionError, match="in use"):
        fake.delete_config("fraud-6")


def test_a_shadow_goes_with_exactly_one_production_variant(fake: FakeEndpoints) -> None:
    shadowed = config("shadowed", ShadowProductionVariants=[variant("shadow")])

    fake.create_config(shadowed, tags=TAGS)

    two = {"EndpointConfigName": "two", "ProductionVariants": [variant(), variant("candidate")]}
    with pytest.raises(PermanentFailure):
        fake.create_config(shadowed | two, tags=TAGS)
