"""What every `Scaling` must do, the fake and the real one over moto and the engine; Stubber word for word."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from sluice.adapters.scaling import ApplicationScaling
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.codec import decode, encode
from sluice.model.endpoint import ScalingSeen
from sluice.ports import Scaling
from tests.contract.endpoint_world import PACKAGE, config
from tests.contract.hosting import engine_hosting, forget
from tests.fakes.scaling import FakeScaling

RESOURCE = "endpoint/fraud/variant/AllTraffic"
TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": RESOURCE,
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
TRACKING = {
    "PolicyName": "invocations",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 70.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        "ScaleInCooldown": 300,
    },
}
NIGHT = {
    "ScheduledActionName": "night",
    "Schedule": "cron(0 22 * * ? *)",
    "Timezone": "Europe/Berlin",
    "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 2},
}
ALL_ON = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}
SEEN = ScalingSeen(RESOURCE, 2, 8, ALL_ON, (TRACKING,), (NIGHT,))
WHEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASE = "arn:aws:autoscaling:us-east-1:111122223333"


@pytest.fixture
def autoscaling(moto: None) -> Any:
    """Moto's, with the endpoint that is scaled."""
    sagemaker = boto3.client("sagemaker", region_name="us-east-1")
    sagemaker.create_model(ModelName="fraud-v6", PrimaryContainer={"ModelPackageName": PACKAGE})
    sagemaker.create_endpoint_config(**config())
    sagemaker.create_endpoint(EndpointName="fraud", EndpointConfigName="fraud-6")
    return boto3.client("application-autoscaling", region_name="us-east-1")


@dataclass
class Scaled:
    """A `Scaling`, and the endpoint whose variant is scaled."""

    port: Scaling
    endpoint: str = "fraud"

    def seen(self) -> ScalingSeen | None:
        return self.port.of_variant(self.endpoint, "AllTraffic")

    @property
    def wanted(self) -> ScalingSeen:
        return replace(SEEN, resource_id=f"endpoint/{self.endpoint}/variant/AllTraffic")


@pytest.fixture(params=["fake", "moto", "engine"])
def scaled(request: pytest.FixtureRequest) -> Iterator[Scaled]:
    match request.param:
        case "fake":
            yield Scaled(FakeScaling())
        case "moto":
            yield Scaled(ApplicationScaling(request.getfixturevalue("autoscaling")))
        case _:
            engine, fresh = request.getfixturevalue("engine"), request.getfixturevalue("fresh")
            hosting = engine_hosting(engine.root("sagemaker"), fresh)
            hosting.serve(hosting.config("one"))
            yield Scaled(ApplicationScaling(engine.root("application-autoscaling")), hosting.name)
            forget(engine.root("sagemaker"), hosting)


def test_a_variant_that_is_not_scaled_is_none(scaled: Scaled) -> None:
    assert scaled.seen() is None


def test_what_was_registered_is_seen_again_and_can_be_repeated(scaled: Scaled) -> None:
    scaled.port.register(scaled.wanted)
    scaled.port.register(scaled.wanted)

    assert scaled.seen() == scaled.wanted


def test_a_target_goes_with_all_that_belongs_to_it(scaled: Scaled) -> None:
    scaled.port.register(scaled.wanted)

    for _ in range(2):
        scaled.port.deregister(scaled.endpoint, "AllTraffic")

    assert scaled.seen() is None


def test_the_fake_counts_what_changed_something() -> None:
    fake = FakeScaling()

    for _ in range(2):
        fake.register(SEEN)
    for _ in range(2):
        fake.deregister("fraud", "AllTraffic")

    assert fake.effects == [("register", RESOURCE), ("deregister", RESOURCE)]


type Stubbed = tuple[Stubber, ApplicationScaling]


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    client = boto3.client(
        "application-autoscaling", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stubber:
        yield stubber, ApplicationScaling(client)
        stubber.assert_no_pending_responses()


def _told(item: dict[str, Any], arn: str, **more: Any) -> dict[str, Any]:
    return TARGET | item | {arn: f"{BASE}:x", "CreationTime": WHEN} | more


def test_everything_is_read_by_name_over_all_pages_and_can_be_kept_as_json(stubbed: Stubbed) -> None:
    stubber, scaling = stubbed
    suspended = ALL_ON | {"DynamicScalingInSuspended": True}
    role = "arn:aws:iam::111122223333:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/X"
    target = TARGET | {
        "MinCapacity": 2,
        "MaxCapacity": 8,
        "RoleARN": role,
        "CreationTime": WHEN,
        "SuspendedState": suspended,
    }
    asked = {key: value for key, value in TARGET.items() if key != "ResourceId"} | {"ResourceIds": [RESOURCE]}
    step = {"PolicyName": "a-step", "PolicyType": "StepScaling", "StepScalingPolicyConfiguration": {"Cooldown": 60}}
    policies = [_told(TRACKING, "PolicyARN", Alarms=[{"AlarmName": "n", "AlarmARN": "a"}])]
    stubber.add_response("describe_scalable_targets", {"ScalableTargets": [target]}, asked)
    stubber.add_response("describe_scaling_policies", {"ScalingPolicies": policies, "NextToken": "t"}, TARGET)
    more = TARGET | {"NextToken": "t"}
    stubber.add_response("describe_scaling_policies", {"ScalingPolicies": [_told(step, "PolicyARN")]}, more)
    actions = [_told(NIGHT, "ScheduledActionARN", StartTime=WHEN)]
    stubber.add_response("describe_scheduled_actions", {"ScheduledActions": actions}, TARGET)

    seen = scaling.of_variant("fraud", "AllTraffic")

    night = NIGHT | {"StartTime": "2026-03-01T12:00:00+00:00"}
    assert seen == ScalingSeen(RESOURCE, 2, 8, suspended, (step, TRACKING), (night,))
    assert decode(ScalingSeen, encode(seen)) == seen


def test_registering_puts_target_policies_and_actions_without_a_role(stubbed: Stubbed) -> None:
    stubber, scaling = stubbed
    night = NIGHT | {"StartTime": "2026-03-01T12:00:00+00:00"}
    bounds = {"MinCapacity": 2, "MaxCapacity": 8, "SuspendedState": ALL_ON}
    stubber.add_response("register_scalable_target", {}, TARGET | bounds)
    stubber.add_response("put_scaling_policy", {"PolicyARN": f"{BASE}:x"}, TARGET | TRACKING)
    stubber.add_response("put_scheduled_action", {}, TARGET | night)

    scaling.register(ScalingSeen(RESOURCE, 2, 8, ALL_ON, (TRACKING,), (night,)))


def test_a_target_that_does_not_show_yet_is_tried_again(stubbed: Stubbed) -> None:
    stubber, scaling = stubbed
    stubber.add_response("register_scalable_target", {})
    stubber.add_client_error("put_scaling_policy", "ObjectNotFoundException", "No scalable target registered")

    with pytest.raises(TransientFailure):
        scaling.register(SEEN)


@pytest.mark.parametrize("code,kind", [
    ("ConcurrentUpdateException", TransientFailure),
    ("LimitExceededException", TransientFailure),
    ("ValidationException", PermanentFailure),
    ("AccessDeniedException", PermanentFailure),
])  # fmt: skip
def test_refusals_say_whether_to_try_again(stubbed: Stubbed, code: str, kind: type[Exception]) -> None:
    stubber, scaling = stubbed
    stubber.add_client_error("register_scalable_target", code, http_status_code=400)
    stubber.add_client_error("deregister_scalable_target", code, http_status_code=400)

    with pytest.raises(kind, match=code):
        scaling.register(SEEN)
    with pytest.raises(kind, match=code):
        scaling.deregister("fraud", "AllTraffic")
