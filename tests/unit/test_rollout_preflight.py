"""What is checked before the first change: each refusal with what to do, and no refusal for what cannot be told."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sluice.core.rollout.pledge import images_of
from sluice.core.rollout.preflight import CheckStatus, Facts, Quota, blocking, instances_needed, preflight
from sluice.model.approval import Mode
from sluice.model.endpoint import EndpointSeen, EndpointStatus, ScalingSeen, VariantSeen
from sluice.model.ids import Micros
from sluice.model.metric_query import AlarmState
from sluice.model.package import Container, ModelPackage, PackageStatus, RegistryStatus
from sluice.model.rollout import RolloutOutcome, Snapshot
from sluice.model.rollout_rules import (
    Autoscaling,
    EndpointKind,
    GuardrailKind,
    Guardrails,
    RolloutRules,
    Step,
    Strategy,
    Target,
)
from tests.packages import a_package
from tests.rollout_records import REQUEST, a_rollout, rules
from tests.rollouts import RolloutWorld

TYPE, OTHER_TYPE = "ml.m5.large", "ml.c5.large"
PLENTY = {TYPE: Quota(100, 10), "ml.c5.large": Quota(100, 0)}
SETTINGS = {"ExecutionRoleArn": "arn:aws:iam::111122223333:role/serving"}
SCALED = ScalingSeen("endpoint/fraud-prod/variant/AllTraffic", 2, 8)
CONTAINERS = (Container("111122223333.dkr.ecr.us-east-1.amazonaws.com/fraud", "sha256:" + "ab" * 32, "s3://m/7"),)
CANARY = Guardrails(GuardrailKind.CANARY, 10)


def approved(**changes: Any) -> ModelPackage:
    ordinary: dict[str, Any] = {"status": RegistryStatus.APPROVED, "containers": CONTAINERS}
    return a_package(**(ordinary | changes))


def a_config(variant: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    ordinary: dict[str, Any] = {
        "VariantName": "AllTraffic",
        "ModelName": "old",
        "InstanceType": TYPE,
        "InitialInstanceCount": 1,
    }
    return {"EndpointConfigName": "fraud-v6", "ProductionVariants": [{**ordinary, **(variant or {})}], **changes}


def seen(status: EndpointStatus = EndpointStatus.IN_SERVICE, *, instances: int = 4, **changes: Any) -> EndpointSeen:
    variant = VariantSeen("AllTraffic", 1.0, 1.0, instances, instances)
    ordinary: dict[str, Any] = {"variants": (variant,)}
    return EndpointSeen("fraud-prod", "arn", "fraud-v6", status, Micros(1), **(ordinary | changes))


def facts(**changes: Any) -> Facts:
    """An endpoint of four instances to which everything can be rolled out."""
    package = changes.get("package", approved())
    images = images_of(approved())
    ordinary: dict[str, Any] = {
        "package": package,
        "rollout": a_rollout(request=replace(REQUEST, images=images)),
        "rules": rules(min_instances=2),
        "seen": seen(),
        "snapshot": Snapshot(a_config(), 4),
        "quotas": PLENTY,
        "settings": SETTINGS,
    }
    return Facts(**(ordinary | changes))


def first(target: Target, **changes: Any) -> Facts:
    """The endpoint does not exist yet."""
    return facts(seen=None, snapshot=Snapshot(None), rules=rules(target=target, **changes))


def found(checked: Facts) -> dict[str, tuple[CheckStatus, str]]:
    return {check.name: (check.status, check.sentence) for check in preflight(checked)}


def refusals(checked: Facts) -> list[str]:
    return [f"{check.name}: {check.sentence}" for check in blocking(preflight(checked))]


def test_an_endpoint_in_order_passes_every_check() -> None:
    assert {status for status, _ in found(facts()).values()} == {CheckStatus.PASSED}


def test_every_check_is_named_once_and_says_something() -> None:
    checks = preflight(facts())

    assert len({check.name for check in checks}) == len(checks)
    assert all(check.sentence for check in checks)


@pytest.mark.parametrize(
    "package, reason",
    [
        (None, "package: The package is not in the registry any more."),
        (approved(status=RegistryStatus.REJECTED), "package: The registry says Rejected, no longer Approved."),
        (approved(package_status=PackageStatus.FAILED), "package: The package is Failed, not Completed."),
        (
            approved(containers=(replace(CONTAINERS[0], image_digest="sha256:" + "cd" * 32),)),
            "images: An image or artefact is no longer what people approved: register it as a new version.",
        ),
    ],
)
def test_only_the_package_that_people_approved_is_rolled_out(package: ModelPackage | None, reason: str) -> None:
    assert refusals(facts(package=package)) == [reason]


def test_images_that_nobody_noted_are_no_refusal() -> None:
    checked = facts(rollout=a_rollout(request=replace(REQUEST, images=())))

    assert found(checked)["images"][0] is CheckStatus.UNKNOWN
    assert refusals(checked) == []


@pytest.mark.parametrize("status", list(EndpointStatus))
def test_each_state_of_an_endpoint_is_gone_on_from_waited_for_or_refused(status: EndpointStatus) -> None:
    outcome, sentence = found(facts(seen=seen(status)))["endpoint"]

    assert outcome is {
        EndpointStatus.IN_SERVICE: CheckStatus.PASSED,
        EndpointStatus.FAILED: CheckStatus.FAILED,
        EndpointStatus.OUT_OF_SERVICE: CheckStatus.FAILED,
        EndpointStatus.UPDATE_ROLLBACK_FAILED: CheckStatus.FAILED,
    }.get(status, CheckStatus.WAIT)
    assert sentence.startswith("fraud-prod is ")


def test_a_deployment_under_way_is_waited_for() -> None:
    assert found(facts(seen=seen(pending_config="theirs")))["endpoint"][0] is CheckStatus.WAIT


def test_an_endpoint_with_a_mix_of_configurations_is_left_to_a_person() -> None:
    (reason,) = refusals(facts(seen=seen(EndpointStatus.UPDATE_ROLLBACK_FAILED)))

    assert reason.endswith("serves a mix of two configurations: update it to the one that is wanted, and start again.")


TWO: dict[str, Any] = {
    "ProductionVariants": [{"VariantName": "a", "ModelName": "x"}, {"VariantName": "AllTraffic", "ModelName": "y"}]
}


@pytest.mark.parametrize(
    "config, reason",
    [
        (None, "The configuration that serves has been deleted, so there would be no way back."),
        (a_config(**TWO), "It serves 2 variants (a, AllTraffic): leave it one, and start again."),
        (a_config({"VariantName": "v1"}), "Its variant is v1, the policy says AllTraffic (rollout.target.variant)."),
        (a_config(ShadowProductionVariants=[{}]), "A shadow test runs on it: end that first."),
        (a_config({"ModelName": None}), "It hosts inference components, which Sluice does not roll out."),
    ],
)
def test_an_endpoint_of_another_shape_is_refused(config: Mapping[str, Any] | None, reason: str) -> None:
    assert f"variant: {reason}" in refusals(facts(snapshot=Snapshot(config, 4)))


def test_a_multi_model_endpoint_is_refused() -> None:
    assert refusals(facts(several_models=True)) == [
        "variant: It is a multi-model endpoint: one version there is not one model to replace."
    ]


def test_what_serves_is_asked_whether_it_is_several_models_before_anything_is_changed() -> None:
    world = RolloutWorld()
    world.endpoints.several.add("fraud-v6")
    rollout_id = world.request()

    ended = world.finish(rollout_id)

    assert (ended.outcome, world.endpoints.effects) == (RolloutOutcome.REFUSED, [])
    assert "multi-model endpoint" in ended.because


@pytest.mark.parametrize(
    "config, kind",
    [
        (a_config({"ServerlessConfig": {}, "InstanceType": None}), "serverless"),
        (a_config(AsyncInferenceConfig={}), "asynchronous"),
    ],
)
def test_a_policy_that_takes_the_endpoint_for_another_kind_is_refused(config: Mapping[str, Any], kind: str) -> None:
    assert f"kind: It is {kind}, the policy says realtime (rollout.target.kind)." in refusals(
        facts(snapshot=Snapshot(config, 4))
    )


@pytest.mark.parametrize("instances, enough", [(1, False), (2, True), (3, True)])
def test_the_policy_says_how_many_instances_there_are_at_least(instances: int, *, enough: bool) -> None:
    reason = "instances: It has 1 instance(s); 2 are wanted (rollout.min_instances)."

    assert refusals(facts(seen=seen(instances=instances))) == ([] if enough else [reason])


def test_scaling_that_may_go_below_the_least_is_refused() -> None:
    snapshot = Snapshot(a_config(), 4, replace(SCALED, minimum=1))

    assert refusals(facts(snapshot=snapshot)) == [
        "instances: Its scaling may go down to 1: raise that minimum to 2 (rollout.min_instances)."
    ]


@pytest.mark.parametrize(
    "network, told",
    [
        ({}, CheckStatus.PASSED),
        ({"VpcConfig": {"Subnets": ["subnet-1"]}}, CheckStatus.FAILED),
        ({"VpcConfig": {"Subnets": ["subnet-1", "subnet-2"]}}, CheckStatus.UNKNOWN),
    ],
)
def test_instances_of_one_subnet_are_all_in_one_zone_and_of_two_nobody_knows(
    network: dict[str, Any], told: CheckStatus
) -> None:
    """Two subnets passed as two zones, though both may be in one."""
    settings = SETTINGS | network

    status, sentence = found(facts(settings=settings))["zones"]

    assert status is told
    assert ("subnet-1" in sentence) == bool(network)
    assert refusals(facts(settings=settings, rules=rules(min_instances=1))) == []


def test_without_the_serving_model_the_policy_has_to_say_the_role() -> None:
    role = Target("fraud-prod", execution_role=SETTINGS["ExecutionRoleArn"])

    assert refusals(facts(settings={})) == [
        "role: The model that serves is gone, and its role with it: say rollout.target.execution_role."
    ]
    assert refusals(facts(settings={}, rules=rules(target=role))) == []


def test_what_could_not_be_read_is_no_refusal() -> None:
    checked = facts(settings=None, quotas={})

    assert refusals(checked) == []
    assert {name for name, (status, _) in found(checked).items() if status is CheckStatus.UNKNOWN} == {
        "role",
        "zones",
        "quota",
    }


@pytest.mark.parametrize("free, enough", [(5, False), (6, True), (7, True)])
def test_both_versions_have_to_find_room_beside_what_serves(free: int, *, enough: bool) -> None:
    """Four serve. Promotion makes four more while two of the last step's candidate still serve."""
    reason = (
        "quota: 6 more ml.m5.large are needed while both versions are there, and 95 of 100 are in use: raise the quota "
        "“ml.m5.large for endpoint usage”, or free instances."
    )

    assert refusals(facts(quotas={TYPE: Quota(100, 100 - free)})) == ([] if enough else [reason])


@pytest.mark.parametrize("quota", [Quota(None, 3), Quota(3, None)])
def test_a_quota_that_cannot_be_told_is_no_refusal(quota: Quota) -> None:
    assert refusals(facts(quotas={TYPE: quota})) == []


HALF = (Step(10, 60, 60), Step(50, 60, 60))


@pytest.mark.parametrize(
    "ruled, needed",
    [
        (rules(steps=HALF), {TYPE: 6}),
        (rules(steps=(Step(10, 60, 60),)), {TYPE: 5}),
        (rules(strategy=Strategy.GUARDRAILS, guardrails=CANARY, steps=()), {TYPE: 4}),
        (rules(strategy=Strategy.GUARDRAILS, guardrails=CANARY, steps=(), shadow=Step(50, 60, 60)), {TYPE: 6}),
        (rules(steps=HALF, shadow=Step(100, 60, 60)), {TYPE: 9}),
        (rules(steps=HALF, target=Target("e", instance_type="ml.c5.large")), {TYPE: 4, "ml.c5.large": 6}),
        (rules(target=Target("e", kind=EndpointKind.SERVERLESS)), {}),
    ],
)
def test_the_fullest_moment_of_each_strategy_is_counted(ruled: RolloutRules, needed: Mapping[str, int]) -> None:
    assert instances_needed(ruled, a_config(), 4) == needed


def test_pools_of_several_types_are_not_counted() -> None:
    pooled = a_config({"InstanceType": None, "InstancePools": [{"InstanceType": TYPE, "Priority": 1}]})

    assert instances_needed(rules(), pooled, 4) == {}
    assert found(facts(snapshot=Snapshot(pooled, 4)))["quota"][0] is CheckStatus.UNKNOWN


@pytest.mark.parametrize(
    "capture, refused", [({"EnableCapture": True}, False), ({"EnableCapture": False}, True), (None, True)]
)
def test_data_capture_that_the_policy_requires_is_on(capture: Any, *, refused: bool) -> None:
    snapshot = Snapshot(a_config(DataCaptureConfig=capture), 4)

    checked = facts(snapshot=snapshot, rules=rules(data_capture=True))

    assert bool(refusals(checked)) is refused
    assert refusals(facts(snapshot=snapshot)) == []


@pytest.mark.parametrize(
    "kind, wanted, refused",
    [("StepScaling", OTHER_TYPE, True), ("StepScaling", TYPE, False), ("TargetTrackingScaling", OTHER_TYPE, False)],
)
def test_a_step_policy_is_not_taken_away_for_another_instance_type(kind: str, wanted: str, *, refused: bool) -> None:
    """It was put back under another ARN, and the alarms that the team had made for it called nothing any more."""
    scaled = replace(SCALED, policies=({"PolicyName": "by-load", "PolicyType": kind},))
    typed = rules(min_instances=2, target=Target("fraud-prod", instance_type=wanted))

    checked = found(facts(rules=typed, snapshot=Snapshot(a_config(), 4, scaled)))["autoscaling"]

    assert (checked[0] is CheckStatus.FAILED, "by-load" in checked[1]) == (refused, refused)


def test_scaling_that_the_policy_requires_is_there() -> None:
    required = rules(autoscaling=Autoscaling.REQUIRED)
    managed = Snapshot(a_config({"ManagedInstanceScaling": {"Status": "ENABLED"}}), 4)

    assert refusals(facts(rules=required)) == [
        "autoscaling: It does not scale, which the policy requires: register its variant, and start again."
    ]
    assert refusals(facts(rules=required, snapshot=Snapshot(a_config(), 4, SCALED))) == []
    assert refusals(facts(rules=required, snapshot=managed)) == []


@pytest.mark.parametrize("types, fits", [((), True), ((TYPE, "ml.c5.large"), True), (("ml.c5.large",), False)])
def test_a_package_goes_where_it_says_that_it_can(types: tuple[str, ...], *, fits: bool) -> None:
    reason = "instance_type: The package is made for ml.c5.large, not for ml.m5.large."

    assert refusals(facts(package=approved(realtime_types=types))) == ([] if fits else [reason])


@pytest.mark.parametrize(
    "changes, allowed",
    [
        ({}, True),
        ({"shadow": Step(100, 60, 60)}, False),
        ({"strategy": Strategy.GUARDRAILS, "guardrails": CANARY, "steps": ()}, False),
    ],
)
def test_inf1_is_refused_where_sagemaker_would_drop_the_guardrails_without_a_word(
    changes: dict[str, Any], *, allowed: bool
) -> None:
    snapshot = Snapshot(a_config({"InstanceType": "ml.inf1.xlarge"}), 4)

    assert [r.split(":")[0] for r in refusals(facts(snapshot=snapshot, rules=rules(**changes)))] == (
        [] if allowed else ["strategy"]
    )


FIRST: dict[str, Any] = {"execution_role": SETTINGS["ExecutionRoleArn"], "instance_type": TYPE}


@pytest.mark.parametrize(
    "target, missing",
    [
        (Target("new", **FIRST), ""),
        (Target("new"), "rollout.target.execution_role, rollout.target.instance_type"),
        (Target("new", kind=EndpointKind.SERVERLESS, execution_role="r", memory_mb=1024, max_concurrency=5), ""),
        (
            Target("new", kind=EndpointKind.SERVERLESS, execution_role="r"),
            "rollout.target.memory_mb, rollout.target.max_concurrency",
        ),
        (Target("new", kind=EndpointKind.ASYNCHRONOUS, output="s3://bucket/a", **FIRST), ""),
        (Target("new", kind=EndpointKind.ASYNCHRONOUS, **FIRST), "rollout.target.output"),
    ],
)
def test_an_endpoint_that_does_not_exist_is_made_of_what_the_policy_says(target: Target, missing: str) -> None:
    reason = f"endpoint: new does not exist. To have it made, say {missing} in the policy."

    assert refusals(first(target)) == ([reason] if missing else [])


def test_a_first_endpoint_needs_room_for_itself_alone() -> None:
    target = Target("new", instances=3, **FIRST)

    assert instances_needed(rules(target=target), None, 0) == {TYPE: 3}


def test_a_first_endpoint_that_has_to_capture_is_told_where_to() -> None:
    target = Target("new", **FIRST)

    assert refusals(first(target, data_capture=True)) == [
        "data_capture: Say where the first endpoint captures its data (rollout.target.capture_to)."
    ]
    assert refusals(first(replace(target, capture_to="s3://bucket/captured"), data_capture=True)) == []


def test_a_first_endpoint_cannot_scale_yet_and_is_made_all_the_same() -> None:
    checked = first(Target("new", **FIRST), autoscaling=Autoscaling.REQUIRED)

    assert refusals(checked) == []
    assert found(checked)["autoscaling"][0] is CheckStatus.UNKNOWN


@pytest.mark.parametrize("strategy", [{}, {"strategy": Strategy.GUARDRAILS, "steps": (), "guardrails": CANARY}])
def test_an_alarm_that_does_not_exist_is_refused_by_its_name_whatever_the_strategy(strategy: dict[str, Any]) -> None:
    plan = rules(min_instances=2, alarms=("fraud-5xx", "fraud-latency", "fraud 5xx"), **strategy)

    checked = facts(rules=plan, alarms={"fraud-latency": AlarmState.INSUFFICIENT_DATA})

    (refusal,) = refusals(checked)
    assert refusal.startswith("alarms: No alarm of this account in us-east-1 has this name: fraud-5xx, fraud 5xx. ")


def test_an_alarm_that_rings_already_is_refused_by_its_name_and_one_without_data_is_not() -> None:
    plan = rules(min_instances=2, alarms=("fraud-5xx", "fraud-latency"))

    checked = facts(rules=plan, alarms={"fraud-5xx": AlarmState.ALARM, "fraud-latency": AlarmState.INSUFFICIENT_DATA})

    assert refusals(checked) == ["quiet: In ALARM before anything has been changed: fraud-5xx. See to that first."]


def test_a_first_endpoint_has_nothing_to_guard_yet_so_its_alarms_may_be_missing_or_ring() -> None:
    plan = {"alarms": ("fraud-5xx", "fraud-latency")}

    checked = first(Target("new", **FIRST), **plan)

    assert refusals(checked) == []
    assert found(checked)["alarms"][0] is CheckStatus.UNKNOWN
    assert refusals(replace(checked, alarms={"fraud-5xx": AlarmState.ALARM})) == []


def test_observe_notes_a_missing_alarm_and_refuses_nothing() -> None:
    checked = facts(rollout=a_rollout(mode=Mode.OBSERVE), rules=rules(alarms=("fraud-5xx",)))

    assert refusals(checked) == []
    assert found(checked)["alarms"][0] is CheckStatus.UNKNOWN


def test_observe_touches_nothing_and_so_asks_only_whether_there_is_something_to_watch() -> None:
    watching = a_rollout(mode=Mode.OBSERVE)

    assert refusals(facts(rollout=watching, package=None, settings={}, quotas={TYPE: Quota(0, 0)})) == []
    assert refusals(facts(rollout=watching, seen=None)) == [
        "endpoint: fraud-prod does not exist: there is nothing to watch."
    ]
