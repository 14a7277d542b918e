"""A rollout from its lock to its end, each way that it can go: the real machine over fakes."""

from dataclasses import replace

import pytest

from sluice.core.rollout.configs import CANDIDATE
from sluice.model.endpoint import ScalingSeen
from sluice.model.package import RegistryStatus
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, WishKind
from sluice.model.rollout_rules import GuardrailKind, Guardrails, Step, Strategy
from tests.fakes.serving import End
from tests.packages import ARN
from tests.rollouts import ENDPOINT, PRODUCTION, SERVING, RolloutWorld, rules, serving_config

NEW = "fraud-scoring-v7-f1"
CANARY = f"{NEW}-canary"
GUARDED = rules(strategy=Strategy.GUARDRAILS, steps=(), guardrails=Guardrails(GuardrailKind.CANARY, size_percent=25))


def _rolled_out(world: RolloutWorld) -> Rollout:
    return world.finish(world.request())


def _acts(world: RolloutWorld) -> list[tuple[str, str]]:
    """The calls that changed the endpoint, in order."""
    changes = ("create", "update", "set_counts", "set_weights")
    return [(effect.operation, effect.detail) for effect in world.endpoints.effects if effect.operation in changes]


def _finished(world: RolloutWorld) -> list[tuple[object, object]]:
    return [(d["outcome"], d["reject"]) for event, d in world.bus.events if event == "RolloutFinished"]


def test_a_good_version_goes_step_by_step_and_ends_alone_under_the_production_name() -> None:
    world = RolloutWorld()

    ended = _rolled_out(world)

    assert ended.outcome is RolloutOutcome.PROMOTED
    assert _acts(world) == [
        ("update", CANARY),
        ("set_weights", '{"AllTraffic": 90.0, "candidate": 10}'),
        ("set_counts", '{"candidate": 2}'),
        ("set_weights", '{"AllTraffic": 50.0, "candidate": 50}'),
        ("update", NEW),
    ]
    assert world.seen.settled
    assert [(v.name, v.instances) for v in world.seen.variants] == [(PRODUCTION, 4)]
    assert _finished(world) == [("promoted", False)]


def test_a_promoted_version_is_the_last_known_good_and_the_lock_is_free() -> None:
    world = RolloutWorld()

    _rolled_out(world)

    good = world.endpoint.good
    assert good is not None
    assert (good.config, good.version, good.package_arn) == (NEW, 7, ARN.text)
    assert world.endpoint.holder is None
    assert not world.alarms.plans


def test_a_bad_version_loses_its_traffic_first_and_then_what_served_before_comes_back() -> None:
    world = RolloutWorld()
    world.traffic.rates[CANDIDATE] = 0.03

    ended = _rolled_out(world)

    assert ended.outcome is RolloutOutcome.RETURNED
    assert _acts(world)[-2:] == [("set_weights", '{"AllTraffic": 1.0, "candidate": 0.0}'), ("update", SERVING)]
    assert world.seen.settled
    assert world.seen.config == SERVING
    assert _finished(world) == [("returned", True)]
    assert sorted(event for event, _ in world.bus.events) == ["IncidentOpened", "RolloutFinished"]


def test_no_effect_is_repeated_on_any_way() -> None:
    for rate in (0.01, 0.03):
        world = RolloutWorld()
        world.traffic.rates[CANDIDATE] = rate

        _rolled_out(world)

        assert world.endpoints.repeated() == []


def test_every_change_has_its_intent_before_and_its_outcome_after_in_the_ledger() -> None:
    world = RolloutWorld()

    _rolled_out(world)

    changes = [entry.kind for entry in world.ledger() if entry.kind.startswith("Change")]
    assert changes == ["ChangeIntended", "ChangeDone"] * 4


def test_the_first_version_makes_the_endpoint() -> None:
    world = RolloutWorld(first=True)

    ended = _rolled_out(world)

    assert ended.outcome is RolloutOutcome.PROMOTED
    assert _acts(world) == [("create", NEW)]
    assert world.endpoint.good is not None


def test_a_shadow_is_judged_before_anybody_is_served() -> None:
    world = RolloutWorld(rules(shadow=Step(100, 600, 3600)))

    ended = _rolled_out(world)

    assert ended.outcome is RolloutOutcome.PROMOTED
    assert _acts(world)[:2] == [("update", f"{NEW}-shadow"), ("update", CANARY)]


def test_a_bad_shadow_never_serves_anybody() -> None:
    world = RolloutWorld(rules(shadow=Step(100, 600, 3600)))
    world.traffic.rates[CANDIDATE] = 0.05

    ended = _rolled_out(world)

    assert ended.outcome is RolloutOutcome.RETURNED
    assert _acts(world) == [("update", f"{NEW}-shadow"), ("update", SERVING)]


def test_sagemakers_own_deployment_ends_with_the_new_version_verified() -> None:
    world = RolloutWorld(GUARDED)

    ended = _rolled_out(world)

    assert ended.outcome is RolloutOutcome.PROMOTED
    assert _acts(world) == [("update", NEW)]


def test_what_the_judge_finds_makes_sagemaker_take_its_own_deployment_back() -> None:
    world = RolloutWorld(GUARDED)
    world.traffic.rates[NEW], world.traffic.early = 0.08, 0.25

    ended = _rolled_out(world)

    assert ended.outcome is RolloutOutcome.RETURNED
    assert _acts(world) == [("update", NEW)]
    assert any(verdict.rejected for verdict in world.metrics.verdicts)
    assert world.seen.config == SERVING


def test_an_alarm_of_the_team_takes_a_candidate_back() -> None:
    world = RolloutWorld(rules(alarms=("fraud-5xx",)))
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.alarms.ring("fraud-5xx")

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.RETURNED
    assert "fraud-5xx" in ended.because


def test_a_person_takes_a_candidate_back_with_a_reason() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.press(rollout_id, WishKind.ROLL_BACK, "the support desk is on fire")

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.RETURNED
    assert "support desk" in ended.because


def test_a_person_promotes_at_once_with_a_reason() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.press(rollout_id, WishKind.PROMOTE_NOW, "the old one is worse")

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.PROMOTED
    assert ended.step == 0
    assert "the old one is worse" in ended.because


def test_a_paused_rollout_stays_where_it_is_until_it_goes_on() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.press(rollout_id, WishKind.PAUSE, "")
    world.pass_minutes(120)
    stood = world.rollout(rollout_id)

    world.press(rollout_id, WishKind.GO_ON, "")
    ended = world.finish(rollout_id)

    assert (stood.phase, stood.step) == (Phase.STEP, 0)
    assert ended.outcome is RolloutOutcome.PROMOTED


def test_a_bad_version_is_taken_back_even_while_it_is_paused() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.press(rollout_id, WishKind.PAUSE, "")
    world.traffic.rates[CANDIDATE] = 0.05

    assert world.finish(rollout_id).outcome is RolloutOutcome.RETURNED


def test_sagemakers_silent_return_is_a_failed_rollout() -> None:
    world = RolloutWorld()
    world.endpoints.end_next(End.RETURNS, "the container did not answer its ping")

    ended = _rolled_out(world)

    assert ended.outcome is RolloutOutcome.FAILED
    assert "ping" in ended.because
    assert _finished(world) == [("failed", False)]


def test_a_promotion_that_sagemaker_takes_back_is_returned_whole() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP, step=1)
    world.endpoints.end_next(End.RETURNS, "capacity went away")

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.FAILED
    assert world.seen.config == SERVING
    assert world.seen.settled


def test_a_refusal_for_want_of_room_changes_nothing_and_is_no_fault_of_the_model() -> None:
    world = RolloutWorld()
    world.endpoints.refuse()

    ended = _rolled_out(world)

    assert ended.outcome is RolloutOutcome.FAILED
    assert _acts(world) == []
    assert _finished(world) == [("failed", False)]


def test_what_somebody_else_put_there_meanwhile_is_not_overwritten() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.endpoints.somebody_updates(ENDPOINT, {**serving_config(), "EndpointConfigName": "theirs"})

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.DIVERGED
    assert world.seen.config == "theirs"
    assert world.endpoint.holder is None


def test_an_approval_that_is_withdrawn_takes_the_candidate_back() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.registry.put(replace(world.registry.packages[ARN.key], status=RegistryStatus.REJECTED))

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.WITHDRAWN
    assert world.seen.config == SERVING
    assert _finished(world) == [("withdrawn", False)]


def test_a_package_that_is_not_approved_any_more_is_not_deployed_at_all() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.machines[0].go_on()
    world.registry.put(replace(world.registry.packages[ARN.key], status=RegistryStatus.PENDING))

    ended = world.finish(rollout_id)

    assert ended.outcome in (RolloutOutcome.WITHDRAWN, RolloutOutcome.REFUSED)
    assert ("update", NEW) not in _acts(world)


@pytest.mark.parametrize("times", [1, 2])
def test_a_return_that_fails_is_tried_again(times: int) -> None:
    world = RolloutWorld()
    world.traffic.rates[CANDIDATE] = 0.05
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.RETURNING)
    for _ in range(times):
        world.endpoints.refuse("no capacity for ml.m5.large")

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.RETURNED
    assert world.seen.config == SERVING


def test_a_return_that_keeps_failing_holds_the_endpoint_and_calls_somebody() -> None:
    world = RolloutWorld()
    world.traffic.rates[CANDIDATE] = 0.05
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.RETURNING)
    for _ in range(20):
        world.endpoints.refuse("no capacity for ml.m5.large")

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.HELD
    assert "no capacity" in world.endpoint.hold
    assert [d["severity"] for event, d in world.bus.events if event == "IncidentOpened"] == ["critical"]


def test_nothing_is_rolled_out_to_an_endpoint_on_hold() -> None:
    world = RolloutWorld()
    world.traffic.rates[CANDIDATE] = 0.05
    held = world.request()
    world.await_phase(held, Phase.RETURNING)
    for _ in range(20):
        world.endpoints.refuse("no capacity for ml.m5.large")
    world.finish(held)
    before = _acts(world)

    ended = world.finish(world.request(8))

    assert ended.outcome is RolloutOutcome.REFUSED
    assert "on hold" in ended.because
    assert _acts(world) == before


def test_scaling_is_put_back_when_the_instance_type_changes() -> None:
    plan = rules()
    world = RolloutWorld(rules(target=type(plan.target)(ENDPOINT, PRODUCTION, instance_type="ml.m6i.large")))
    scaled = ScalingSeen(f"endpoint/{ENDPOINT}/variant/{PRODUCTION}", 2, 8)
    world.scaling.targets[ENDPOINT, PRODUCTION] = scaled

    ended = _rolled_out(world)

    assert ended.outcome is RolloutOutcome.PROMOTED
    assert [operation for operation, _ in world.scaling.effects] == ["deregister", "register"]
    assert world.scaling.targets[ENDPOINT, PRODUCTION] == scaled
