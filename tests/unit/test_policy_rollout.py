"""What a policy may say about going to production, and with which reason the rest is refused."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.core.rollout.configs import deployment_config
from sluice.model.approval import RoleNeed
from sluice.model.codec import decode, encode
from sluice.model.ids import GroupName
from sluice.model.policy import PolicyDocument
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.refusal import DocumentRefused
from sluice.model.rollout_rules import Autoscaling, EndpointKind, GuardrailKind, Queueing, RolloutRules, Step, Strategy
from tests.unit.policy_texts import CRITICAL, PILOT, STANDARD
from tests.unit.sagemaker_shapes import complaints

MINUTE, HOUR = 60, 3600
GUARDED = {"strategy": "guardrails"}
SERVERLESS = {"endpoint": "fraud", "kind": "serverless"}
ASYNCHRONOUS = {"endpoint": "fraud", "kind": "asynchronous"}


def policy(text: str, *, mode: str | None = None, **rollout: Any) -> PolicyDocument:
    values = yaml.safe_load(text)
    return PolicyDocument.parse(
        {**values, "mode": mode or values["mode"], "rollout": {"target": {"endpoint": "fraud"}, **rollout}}
    )


def rules(text: str = PILOT, **rollout: Any) -> RolloutRules:
    ruled = policy(text, **rollout).in_force(GroupName("fraud")).rollout
    assert ruled is not None
    return ruled


def problems(text: str = PILOT, **rollout: Any) -> list[str]:
    with pytest.raises(DocumentRefused) as caught:
        policy(text, **rollout)
    return [f"{p.field}: {p.reason}" for p in caught.value.problems]


def test_without_a_rollout_nothing_is_rolled_out_and_the_digest_is_what_it_was() -> None:
    """A part that is new in the format must not make every policy look changed."""
    plain = PolicyDocument.parse(yaml.safe_load(STANDARD))

    assert plain.in_force(GroupName("fraud")).rollout is None
    assert '"rollout"' not in plain.canonical
    assert policy(STANDARD).digest != plain.digest


@pytest.mark.parametrize("text", [PILOT, STANDARD, CRITICAL])
def test_the_view_of_a_rollout_survives_being_stored(text: str) -> None:
    view = policy(text, shadow={}, alarms=["a"]).in_force(GroupName("fraud"))

    assert decode(PolicyInForce, encode(view)) == view


def test_an_endpoint_is_enough_and_the_tier_says_the_rest() -> None:
    pilot, standard, critical = (rules(text) for text in (PILOT, STANDARD, CRITICAL))

    assert pilot.steps == (Step(10, 10 * MINUTE, HOUR, 0),)
    assert standard.steps == (Step(10, 15 * MINUTE, 2 * HOUR, 200), Step(50, 15 * MINUTE, 2 * HOUR, 200))
    assert [s.percent for s in critical.steps] == [5, 25, 50]
    assert {(s.bake_min_s, s.bake_max_s, s.min_requests) for s in critical.steps} == {(30 * MINUTE, 4 * HOUR, 1000)}
    assert [r.min_instances for r in (pilot, standard, critical)] == [1, 2, 2]
    assert [r.target.instances for r in (pilot, standard, critical)] == [1, 2, 2]
    assert {r.strategy for r in (pilot, standard, critical)} == {Strategy.WEIGHTED}


def test_the_view_says_what_the_document_says() -> None:
    said = rules(
        STANDARD,
        target={
            "endpoint": "fraud-scoring",
            "variant": "blue",
            "execution_role": "arn:aws:iam::111122223333:role/fraud/serving",
            "instance_type": "ml.m5.large",
            "instances": 3,
            "capture_to": "s3://fraud-captured/production",
            "sticky_routing": True,
        },
        steps=[{"percent": 5.5, "bake": {"minimum": "20m", "maximum": "3h", "requests": 7}}],
        shadow={"percent": 50, "bake": {"minimum": "5m"}},
        alarms=["fraud-5xx"],
        when_busy="supersede",
        managers=[{"role": "ml_engineering", "user_group": "S0MLENG"}],
        min_instances=3,
        data_capture="required",
        autoscaling="required",
        give_up_after="36h",
        judge={"alpha": 0.02, "beta": 0.1, "rollback_weight": 0.7},
    )

    assert (said.target.endpoint, said.target.variant, said.target.kind) == ("fraud-scoring", "blue", "realtime")
    assert said.target.execution_role == "arn:aws:iam::111122223333:role/fraud/serving"
    assert (said.target.instance_type, said.target.instances) == ("ml.m5.large", 3)
    assert said.target.capture_to == "s3://fraud-captured/production"
    assert said.steps == (Step(5.5, 20 * MINUTE, 3 * HOUR, 7),)
    assert said.shadow == Step(50, 5 * MINUTE, 2 * HOUR, 200)
    assert said.alarms == ("fraud-5xx",)
    assert (said.queueing, said.autoscaling) == (Queueing.SUPERSEDE, Autoscaling.REQUIRED)
    assert said.managers == (RoleNeed("ml_engineering", 1, (), "S0MLENG"),)
    assert (said.min_instances, said.data_capture, said.give_up_after_s) == (3, True, 36 * HOUR)
    assert (said.judge.alpha, said.judge.beta, said.judge.rollback_weight) == (0.02, 0.1, 0.7)
    assert said.judge.sticky
    assert said.target.sticky


def test_who_manages_is_who_approves_unless_the_policy_says_otherwise() -> None:
    assert rules(STANDARD).managers == policy(STANDARD).needs


def test_an_observing_policy_needs_nobody() -> None:
    observing = policy(PILOT, mode="observe").in_force(GroupName("g")).rollout
    assert observing is not None

    values = yaml.safe_load(PILOT) | {"mode": "observe", "approvers": [], "rollout": {"target": {"endpoint": "fraud"}}}
    nobody = PolicyDocument.parse(values).in_force(GroupName("g")).rollout

    assert nobody is not None
    assert nobody.managers == ()


def test_a_rollout_that_acts_is_refused_without_people_who_may_stop_it() -> None:
    values = yaml.safe_load(PILOT) | {"approvers": [], "rollout": {"target": {"endpoint": "fraud"}}}

    with pytest.raises(DocumentRefused, match="approvers: tier pilot needs at least 1"):
        PolicyDocument.parse(values)


@pytest.mark.parametrize(
    "bake, times",
    [
        ({}, (10 * MINUTE, HOUR)),
        ({"minimum": "2h"}, (2 * HOUR, 2 * HOUR)),
        ({"maximum": "5m"}, (5 * MINUTE, 5 * MINUTE)),
        ({"minimum": "1m", "maximum": "7d"}, (MINUTE, 7 * 24 * HOUR)),
    ],
)
def test_what_a_bake_leaves_out_comes_from_the_tier_and_never_crosses_what_it_says(
    bake: dict[str, Any], times: tuple[int, int]
) -> None:
    (step,) = rules(steps=[{"percent": 10, "bake": bake}], give_up_after="14d").steps

    assert (step.bake_min_s, step.bake_max_s) == times


def steps(*percents: float, **bake: Any) -> list[dict[str, Any]]:
    return [{"percent": percent, "bake": bake} for percent in percents]


@pytest.mark.parametrize(
    "rollout, problem",
    [
        ({"steps": steps(10, 10)}, "rollout.steps[1].percent: must be more than in the step before"),
        ({"steps": steps(5, 50, 25)}, "rollout.steps[2].percent: must be more than in the step before"),
        ({"steps": steps(100)}, "rollout.steps[0].percent: should be less than 100"),
        ({"steps": steps(0)}, "rollout.steps[0].percent: should be greater than 0"),
        ({"steps": []}, "rollout.steps: strategy weighted needs at least one step"),
        ({"steps": steps(5, minimum="59s")}, "rollout.steps[0].bake.minimum: must be at least 1m: metrics come by the minute"),
        ({"steps": steps(5, minimum="2h", maximum="1h")}, "rollout.steps[0].bake.maximum: must not be shorter than minimum"),
        ({"steps": steps(5, maximum="604801s")}, "rollout.steps[0].bake.maximum: must be at most 7d"),
        ({"steps": steps(5, minimum="soon")}, "rollout.steps[0].bake.minimum: should be a whole number with a unit, such as 45s, 30m, 24h or 7d"),
        ({"steps": steps(5, requests=-1)}, "rollout.steps[0].bake.requests: should be greater than or equal to 0"),
        ({"steps": steps(5), "give_up_after": "59m"}, "rollout.give_up_after: must be at least as long as all steps together, 60m, and at most 14d"),
        ({"steps": steps(5), "shadow": {}, "give_up_after": "119m"}, "rollout.give_up_after: must be at least as long as all steps together, 120m, and at most 14d"),
        ({"give_up_after": "15d"}, "rollout.give_up_after: must be at least as long as all steps together, 60m, and at most 14d"),
        ({"shadow": {"percent": 101}}, "rollout.shadow.percent: should be less than or equal to 100"),
        ({"guardrails": {"type": "canary"}, "min_instances": 2}, "rollout.guardrails: are for strategy guardrails only"),
        ({**GUARDED, "steps": steps(5)}, "rollout.steps: are for strategy weighted only: under guardrails SageMaker moves the traffic"),
        ({**GUARDED, "guardrails": None}, "rollout.guardrails: strategy guardrails needs them"),
        ({"strategy": "bold"}, "rollout.strategy: should be 'weighted' or 'guardrails'"),
        ({"alarms": [f"a{n}" for n in range(9)]}, "rollout.alarms: should have at most 8 items after validation, not 9"),
        ({"alarms": [" "]}, "rollout.alarms[0]: should match pattern"),
        ({"when_busy": "panic"}, "rollout.when_busy: should be 'wait' or 'supersede'"),
        ({"managers": [{"role": "a"}]}, "rollout.managers[0]: role a: name either people or a user_group"),
        ({"managers": [{"role": "a", "people": ["U1"], "user_group": "S1"}]}, "rollout.managers[0]: role a: name either people or a user_group"),
        ({"min_instances": 3, "target": {"endpoint": "f", "instances": 2}}, "rollout.target.instances: must be at least min_instances, which is 3"),
        ({"data_capture": "required", "target": {"endpoint": "f", "instance_type": "ml.m5.large"}}, "rollout.target.capture_to: is needed where data capture is required and the first endpoint is made"),
        ({"colour": "green"}, "rollout.colour: is not a field that exists here"),
    ],
)  # fmt: skip
def test_a_rollout_that_makes_no_sense_is_refused_with_the_field_and_the_reason(
    rollout: dict[str, Any], problem: str
) -> None:
    (found,) = problems(**rollout)

    assert found.startswith(problem)


@pytest.mark.parametrize(
    "target, problem",
    [
        ({"endpoint": "-fraud"}, "endpoint: should match pattern"),
        ({"endpoint": "fraud_scoring"}, "endpoint: should match pattern"),
        ({"endpoint": "f" * 64}, "endpoint: should have at most 63 characters"),
        ({"endpoint": "f", "variant": "candidate"}, "variant: candidate is the name of the variant that Sluice makes"),
        ({"endpoint": "f", "execution_role": "serving"}, "execution_role: should match pattern"),
        ({"endpoint": "f", "instance_type": "m5.large"}, "instance_type: should match pattern"),
        ({"endpoint": "f", "instances": 0}, "instances: should be greater than or equal to 1"),
        ({"endpoint": "f", "memory_mb": 2048}, "memory_mb: is for kind serverless only"),
        ({"endpoint": "f", "output": "s3://bucket/out"}, "output: is for kind asynchronous only"),
        ({"endpoint": "f", "capture_to": "https://bucket"}, "capture_to: should match pattern"),
        ({**SERVERLESS, "instance_type": "ml.m5.large"}, "instance_type: a serverless endpoint has no instances"),
        ({**SERVERLESS, "capture_to": "s3://bucket/x"}, "capture_to: a serverless endpoint captures no data"),
        ({**SERVERLESS, "memory_mb": 1500}, "memory_mb: should be 1024, 2048, 3072, 4096, 5120 or 6144"),
        ({**SERVERLESS, "max_concurrency": 201}, "max_concurrency: should be less than or equal to 200"),
        ({"endpoint": "f", "kind": "batch"}, "kind: should be 'realtime', 'serverless' or 'asynchronous'"),
    ],
)
def test_a_target_that_sagemaker_would_not_know_is_refused(target: dict[str, Any], problem: str) -> None:
    (found,) = problems(target=target)

    assert found.startswith(f"rollout.target.{problem}")


@pytest.mark.parametrize(
    "target, rollout, problem",
    [
        (ASYNCHRONOUS, {"strategy": "weighted"}, "strategy: SageMaker has no traffic weights on asynchronous endpoints: use guardrails"),
        (SERVERLESS, {"strategy": "weighted"}, "strategy: SageMaker has no traffic weights on serverless endpoints: use guardrails"),
        (ASYNCHRONOUS, {"shadow": {}}, "shadow: SageMaker makes no copies of requests on asynchronous endpoints"),
        (SERVERLESS, {"shadow": {}}, "shadow: SageMaker makes no copies of requests on serverless endpoints"),
        (SERVERLESS, {"guardrails": {"type": "linear"}, "min_instances": 1}, "guardrails.type: SageMaker moves all traffic of a serverless endpoint at once: use all_at_once"),
        (SERVERLESS, {"data_capture": "required"}, "data_capture: a serverless endpoint captures no data"),
        (SERVERLESS, {"autoscaling": "required"}, "autoscaling: a serverless endpoint scales by itself"),
        (SERVERLESS, {"min_instances": 2}, "min_instances: a serverless endpoint has no instances"),
    ],
)  # fmt: skip
def test_what_sagemaker_does_not_allow_on_a_kind_of_endpoint_is_refused_with_the_reason(
    target: dict[str, Any], rollout: dict[str, Any], problem: str
) -> None:
    assert f"rollout.{problem}" in problems(target=target, **rollout)


@pytest.mark.parametrize("text", [PILOT, STANDARD, CRITICAL])
def test_endpoints_without_weights_are_updated_under_guardrails_without_saying_so(text: str) -> None:
    queued, serverless = rules(text, target=ASYNCHRONOUS), rules(text, target=SERVERLESS)

    assert {queued.strategy, serverless.strategy} == {Strategy.GUARDRAILS}
    assert (queued.guardrails and queued.guardrails.kind, queued.min_instances) == (GuardrailKind.CANARY, 2)
    assert serverless.guardrails is not None
    assert (serverless.guardrails.kind, serverless.guardrails.managed) == (GuardrailKind.ALL_AT_ONCE, False)
    assert serverless.min_instances == 1
    assert deployment_config(serverless.guardrails, ["alarm"]) is None


@pytest.mark.parametrize(
    "guardrails, problem",
    [
        ({"type": "canary", "size": 51}, "size: must be at most 50: SageMaker gives a canary no more than half of the instances"),
        ({"type": "linear", "size": 9}, "size: must be from 10 to 50: SageMaker takes no other linear share"),
        ({"type": "linear", "size": 51}, "size: must be from 10 to 50: SageMaker takes no other linear share"),
        ({"type": "all_at_once", "size": 50}, "size: is 100 when all traffic moves at once: leave it out"),
        ({"type": "canary", "wait": "59s"}, "wait: must be from 1m to 1h: SageMaker waits no longer, and metrics come by the minute"),
        ({"type": "canary", "wait": "3601s"}, "wait: must be from 1m to 1h: SageMaker waits no longer, and metrics come by the minute"),
        ({"type": "canary", "termination_wait": "2h"}, "termination_wait: must be from 1m to 1h: SageMaker waits no longer, and metrics come by the minute"),
        ({"type": "canary", "wait": "1m", "termination_wait": "1m", "maximum_execution": "599s"}, "maximum_execution: must be from 10m to 8h"),
        ({"type": "canary", "maximum_execution": "28801s"}, "maximum_execution: must be from 10m to 8h"),
        ({"type": "canary", "maximum_execution": "1200s"}, "maximum_execution: must be longer than all waits together, which are 1200 s, and at most 8h"),
        ({"type": "linear", "maximum_execution": "6000s"}, "maximum_execution: must be longer than all waits together, which are 6000 s, and at most 8h"),
        ({"type": "linear", "wait": "1h"}, "maximum_execution: must be longer than all waits together, which are 33000 s, and at most 8h"),
        ({"type": "rolling"}, "type: should be 'canary', 'linear' or 'all_at_once'"),
        ({"type": "canary", "wait": "soon"}, "wait: should be a whole number with a unit, such as 45s, 30m, 24h or 7d"),
        ({"type": "linear", "size": 0}, "size: should be greater than or equal to 1"),
    ],
)  # fmt: skip
def test_a_guarded_update_that_sagemaker_does_not_take_is_refused(guardrails: dict[str, Any], problem: str) -> None:
    assert f"rollout.guardrails.{problem}" in problems(**GUARDED, guardrails=guardrails, min_instances=2)


@pytest.mark.parametrize("kind", ["canary", "linear"])
def test_shares_need_two_instances_of_which_one_may_be_first(kind: str) -> None:
    (problem,) = problems(**GUARDED, guardrails={"type": kind}, min_instances=1)

    assert problem.startswith("rollout.min_instances: must be at least 2 for canary and linear")
    assert rules(**GUARDED, guardrails={"type": kind}).min_instances == 2


@settings(deadline=None)  # the first run loads botocore's model
@given(
    guardrails=st.fixed_dictionaries(
        {"type": st.sampled_from(["canary", "linear"])},
        optional={
            "size": st.integers(1, 100),
            "wait": st.integers(1, 5000).map("{}s".format),
            "termination_wait": st.integers(1, 5000).map("{}s".format),
            "maximum_execution": st.integers(1, 40000).map("{}s".format),
        },
    )
)
def test_every_guarded_update_that_is_accepted_keeps_to_sagemakers_limits(guardrails: dict[str, Any]) -> None:
    try:
        accepted = rules(**GUARDED, guardrails=guardrails).guardrails
    except DocumentRefused:
        return

    assert accepted is not None
    made = deployment_config(accepted, ["verdict"])
    assert (
        complaints("UpdateEndpoint", {"EndpointName": "f", "EndpointConfigName": "c", "DeploymentConfig": made}) == ""
    )
    assert (10 if accepted.kind is GuardrailKind.LINEAR else 1) <= accepted.size_percent <= 50
    assert accepted.max_execution_s > accepted.wait_s + accepted.termination_wait_s


def test_an_update_without_times_of_its_own_leaves_half_an_hour_for_starting_instances() -> None:
    canary, linear, at_once = (
        rules(**GUARDED, guardrails={"type": kind}).guardrails for kind in ("canary", "linear", "all_at_once")
    )

    assert canary is not None
    assert linear is not None
    assert at_once is not None
    assert canary.max_execution_s == 20 * MINUTE + 30 * MINUTE
    assert linear.max_execution_s == 9 * 10 * MINUTE + 10 * MINUTE + 30 * MINUTE
    assert (at_once.max_execution_s, at_once.wait_s, at_once.size_percent) == (40 * MINUTE, 0, 100)


@pytest.mark.parametrize(
    "text, rollout, problem",
    [
        (STANDARD, {"min_instances": 1}, "rollout.min_instances: tier standard needs at least 2, so that one zone may fail"),
        (CRITICAL, {"min_instances": 1}, "rollout.min_instances: tier critical needs at least 2, so that one zone may fail"),
        (STANDARD, {"steps": steps(51)}, "rollout.steps[0].percent: tier standard lets at most 50 % of the traffic meet a new version first"),
        (CRITICAL, {"steps": steps(11)}, "rollout.steps[0].percent: tier critical lets at most 10 % of the traffic meet a new version first"),
        (CRITICAL, {**GUARDED, "guardrails": {"type": "canary", "size": 11}}, "rollout.guardrails.size: tier critical lets at most 10 % of the traffic meet a new version first"),
        (STANDARD, {**GUARDED, "guardrails": {"type": "all_at_once"}}, "rollout.guardrails.size: tier standard lets at most 50 % of the traffic meet a new version first"),
        (STANDARD, {"judge": {"metrics": [{"latency": {}}]}}, "rollout.judge.metrics: tier standard needs errors among them"),
        (CRITICAL, {"judge": {"metrics": [{"latency": {}}]}}, "rollout.judge.metrics: tier critical needs errors among them"),
    ],
)  # fmt: skip
def test_a_rollout_keeps_to_the_floor_of_its_tier(text: str, rollout: dict[str, Any], problem: str) -> None:
    assert problems(text, **rollout) == [problem]


@pytest.mark.parametrize(
    "text, rollout",
    [
        (PILOT, {"min_instances": 1, "steps": steps(99)}),
        (PILOT, {**GUARDED, "guardrails": {"type": "all_at_once"}}),
        (PILOT, {"judge": {"metrics": [{"latency": {}}]}}),
        (STANDARD, {"steps": steps(50)}),
        (CRITICAL, {"steps": steps(10)}),
        (CRITICAL, {**GUARDED, "guardrails": {"type": "linear", "size": 10}}),
        (CRITICAL, {"target": SERVERLESS}),
    ],
)
def test_what_a_tier_just_allows_is_accepted(text: str, rollout: dict[str, Any]) -> None:
    assert policy(text, **rollout).rollout is not None


def test_every_kind_of_endpoint_is_known_to_the_view() -> None:
    kinds = [rules(target={"endpoint": "fraud", "kind": kind.value}).target.kind for kind in EndpointKind]

    assert kinds == list(EndpointKind)
