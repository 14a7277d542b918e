"""The whole life of a deployment that SageMaker moves, or that nothing of SageMaker's guards."""

import json
from dataclasses import replace

import pytest

from sluice.core.rollout.alarms import candidate_dimensions, verdict_alarm
from sluice.core.rollout.changes import Parts
from sluice.core.rollout.routing import decide
from sluice.core.rollout.sides import sides_of
from sluice.core.rollout.sight import Sight
from sluice.model.endpoint import Change, EndpointStatus
from sluice.model.ids import Micros
from sluice.model.judging import Judgement, Verdict
from sluice.model.package import RegistryStatus
from sluice.model.rollout import Phase, RolloutOutcome, Route
from sluice.model.rollout_rules import EndpointKind, GuardrailKind, Guardrails, RolloutRules, Step, Strategy, Target
from tests.approvals import NOW
from tests.fakes.deaths import Life
from tests.fakes.serving import End
from tests.packages import ARN
from tests.rollout_records import OPEN, a_rollout
from tests.rollouts import ENDPOINT, PRODUCTION, ROLE, SERVING, RolloutWorld, rules

NEW = "fraud-scoring-v7-f1"
CANARY = Guardrails(GuardrailKind.CANARY, size_percent=25, wait_s=1800)
GUARDED = rules(strategy=Strategy.GUARDRAILS, steps=(), guardrails=CANARY)
SHADOWED = replace(GUARDED, shadow=Step(100, 600, 3600))
ALONE = rules(
    strategy=Strategy.GUARDRAILS,
    steps=(),
    target=Target(ENDPOINT, PRODUCTION, EndpointKind.SERVERLESS, ROLE, memory_mb=2048, max_concurrency=20),
    guardrails=Guardrails(GuardrailKind.ALL_AT_ONCE, wait_s=0, termination_wait_s=1800, managed=False),
)
SERVERLESS = {
    "EndpointConfigName": SERVING,
    "ProductionVariants": [
        {
            "VariantName": PRODUCTION,
            "ModelName": "fraud-v6",
            "InitialVariantWeight": 1.0,
            "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 20},
        }
    ],
}


def _acts(world: RolloutWorld) -> list[tuple[str, str]]:
    return [(e.operation, e.detail) for e in world.endpoints.effects if e.operation in ("update", "create")]


def test_what_sagemaker_takes_back_without_an_alarm_is_no_fault_of_the_model() -> None:
    """A fleet for which there was no room was marked Rejected, as if an alarm had fired."""
    world = RolloutWorld(GUARDED)
    world.endpoints.end_next(End.RETURNS, "InsufficientInstanceCapacity")

    ended = world.finish(world.request())

    assert ended.outcome is RolloutOutcome.FAILED
    assert "InsufficientInstanceCapacity" in ended.because
    assert [d["reject"] for event, d in world.bus.events if event == "RolloutFinished"] == [False]


def test_what_sagemaker_takes_back_for_an_alarm_of_the_team_is_rejected() -> None:
    world = RolloutWorld(replace(GUARDED, alarms=("fraud-5xx",)))
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.GUARDED)
    world.pass_minutes(6)
    world.alarms.ring("fraud-5xx")

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.RETURNED
    assert "fraud-5xx" in ended.because


def test_after_a_shadow_sagemaker_goes_back_to_the_shadow_and_we_to_what_served() -> None:
    """The configuration of our own shadow was taken for somebody else's."""
    world = RolloutWorld(SHADOWED)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.GUARDED)
    world.endpoints.fails_under_way(ENDPOINT, "the container did not answer its ping")

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.FAILED
    assert (world.seen.config, world.seen.settled) == (SERVING, True)


def test_after_a_shadow_a_bad_version_is_still_told_by_its_configuration() -> None:
    """The old fleet is that of the shadow's configuration: under the one before it there is nothing to compare."""
    world = RolloutWorld(SHADOWED)
    world.traffic.rates[NEW], world.traffic.early = 0.08, 0.25

    ended = world.finish(world.request())

    assert ended.outcome is RolloutOutcome.RETURNED
    assert world.seen.config == SERVING


def test_the_baseline_of_a_guarded_deployment_is_the_fleet_that_really_serves() -> None:
    sides = sides_of(a_rollout(rules=SHADOWED, phase=Phase.GUARDED, shadow_config="s", final_config="f", step=0))

    assert sides is not None
    assert (sides.baseline.config, sides.candidate.config) == ("s", "f")


def test_the_first_reason_for_the_way_back_stands() -> None:
    rejected = a_rollout(
        rules=GUARDED, phase=Phase.GUARDED, outcome=RolloutOutcome.WITHDRAWN, because="No longer Approved."
    )
    seen = replace(RolloutWorld().seen, status=EndpointStatus.UPDATING)

    for judgement in (None, Judgement(Verdict.ROLL_BACK, "Errors rose."), Judgement(Verdict.CONTINUE, "Not yet.")):
        decision = decide(rejected, judgement, Sight(seen, NOW))

        assert (decision.rejects, decision.outcome, decision.reason, decision.route) == (
            True,
            RolloutOutcome.WITHDRAWN,
            "No longer Approved.",
            None,
        )


def test_an_approval_withdrawn_under_sagemakers_hands_makes_it_go_back() -> None:
    world = RolloutWorld(GUARDED)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.GUARDED)
    world.pass_minutes(6)
    world.registry.put(replace(world.registry.packages[ARN.key], status=RegistryStatus.REJECTED))

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.WITHDRAWN
    assert world.seen.config == SERVING


def test_a_decision_to_reject_without_figures_is_in_the_ledger() -> None:
    world = RolloutWorld(replace(GUARDED, alarms=("fraud-5xx",)))
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.GUARDED)
    world.alarms.ring("fraud-5xx")
    world.finish(rollout_id)

    judged = [json.loads(entry.body) for entry in world.ledger() if entry.kind == "CanaryJudged"]

    assert any("fraud-5xx" in body["reason"] and body["route"] == "" for body in judged)


def test_an_execution_that_dies_while_sagemaker_deploys_makes_it_go_back() -> None:
    """Nothing told SageMaker, which went on for hours, and the endpoint ended on hold."""
    long = rules(
        strategy=Strategy.GUARDRAILS,
        steps=(),
        guardrails=Guardrails(GuardrailKind.LINEAR, size_percent=10, wait_s=3600, max_execution_s=28800),
    )
    world = RolloutWorld(long)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.GUARDED)
    world.machines[0].abort()
    world.restart(rollout_id)

    ended = world.finish(rollout_id, 100)

    assert ended.outcome is RolloutOutcome.FAILED
    assert (world.seen.config, world.seen.settled) == (SERVING, True)


def test_a_guarded_deployment_is_judged_even_if_the_function_died_when_it_had_begun() -> None:
    """The change waited for SageMaker's end, and nobody looked."""
    plain = RolloutWorld(GUARDED)
    life = plain.revive(Life(0))
    plain.await_phase(plain.request(), Phase.GUARDED)
    for moment in range(life.lived - 12, life.lived + 1):
        world = RolloutWorld(GUARDED)
        world.traffic.rates[NEW], world.traffic.early = 0.08, 0.25
        world.revive(Life(moment))

        assert world.finish(world.request()).outcome is RolloutOutcome.RETURNED, moment


def test_a_good_serverless_version_is_watched_and_then_called_promoted() -> None:
    world = RolloutWorld(ALONE, serving=SERVERLESS)
    began = world.clock.at

    ended = world.finish(world.request())

    assert ended.outcome is RolloutOutcome.PROMOTED
    assert world.clock.at - began > 1800 * 1_000_000
    assert ended.look is not None
    assert any("before_after" in m.caveats for m in ended.look.metrics)


def test_a_bad_serverless_version_is_taken_back_by_the_rollout_itself() -> None:
    world = RolloutWorld(ALONE, serving=SERVERLESS)
    world.traffic.rates[NEW] = 0.3

    ended = world.finish(world.request())

    assert ended.outcome is RolloutOutcome.RETURNED
    assert _acts(world) == [("update", NEW), ("update", SERVING)]
    assert world.seen.settled


@pytest.mark.parametrize("guardrails", [CANARY, ALONE.guardrails])
def test_the_last_look_counts_before_the_deployment_is_called_done(guardrails: Guardrails) -> None:
    """SageMaker had finished, so nobody asked what the judge said: the look with the most figures of all."""
    plan = rules(strategy=Strategy.GUARDRAILS, steps=(), guardrails=guardrails, give_up_after_s=60)
    rollout = a_rollout(rules=plan, phase=Phase.GUARDED, final_config="f", phase_since=NOW, wish=None)
    seen = replace(RolloutWorld().seen, config="f", modified_at=NOW)
    sight = Sight(seen, Micros(NOW + 7200 * 1_000_000))

    worse = decide(rollout, Judgement(Verdict.ROLL_BACK, "Errors rose."), sight)
    unsure = decide(rollout, Judgement(Verdict.CONTINUE, "Not yet.", (OPEN,)), sight)
    forbidden = decide(rollout, None, replace(sight, broken_pledge="No longer Approved."))

    assert (worse.route, worse.outcome, worse.rejects) == (Route.RETURN, RolloutOutcome.RETURNED, False)
    assert unsure.route is Route.COMPLETE
    assert (forbidden.route, forbidden.outcome) == (Route.RETURN, RolloutOutcome.WITHDRAWN)


def test_what_the_old_version_served_while_serverless_was_updated_is_not_the_new_ones() -> None:
    """The window began with the update, and the old version's minutes watered the new one's down."""
    world = RolloutWorld(ALONE, serving=SERVERLESS)
    world.endpoints.takes_s = 1500
    world.traffic.rates[NEW] = 0.05
    rollout_id = world.request()
    world.pass_minutes(240, until=lambda: world.seen.config == NEW)
    world.pass_minutes(12)

    look = world.rollout(rollout_id).look

    assert look is not None
    assert look.minutes <= 12


def test_serverless_fleets_are_not_told_apart_by_configuration() -> None:
    """Where SageMaker guards nothing it publishes nothing by configuration: such an alarm never rings."""
    alone = Parts.of(a_rollout(rules=ALONE, final_config="f"))
    guarded = Parts.of(a_rollout(rules=GUARDED, final_config="f"))

    assert "EndpointConfigName" not in candidate_dimensions(Change.DEPLOY_GUARDED, alone)
    assert "EndpointConfigName" in candidate_dimensions(Change.DEPLOY_GUARDED, guarded)


def test_route_of_a_version_found_worse_too_late_is_the_way_back() -> None:
    rejected = a_rollout(rules=GUARDED, phase=Phase.GUARDED, final_config="f", outcome=RolloutOutcome.RETURNED)

    assert decide(rejected, None, Sight(replace(RolloutWorld().seen, config="f"), NOW)).route is Route.RETURN


@pytest.mark.parametrize("plan", [rules(alarms=("fraud-5xx",)), replace(GUARDED, alarms=("fraud-5xx",))])
def test_an_alarm_that_rings_before_the_rollout_is_no_verdict_on_the_version(plan: RolloutRules) -> None:
    """It was taken back at the first look and marked Rejected."""
    world = RolloutWorld(plan)
    world.alarms.ring("fraud-5xx")

    ended = world.finish(world.request())

    assert ended.outcome is RolloutOutcome.REFUSED
    assert "fraud-5xx" in ended.because
    assert world.endpoints.effects == []


@pytest.mark.parametrize(
    "plan", [rules(alarms=("fraud-5xx",)), rules(alarms=("fraud-5xx",), shadow=Step(100, 600, 3600))]
)
def test_an_alarm_that_rings_before_anybody_was_served_takes_it_back_without_rejecting_it(plan: RolloutRules) -> None:
    world = RolloutWorld(plan)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.PREPARING)
    world.work()
    world.alarms.ring("fraud-5xx")

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.FAILED
    assert "fraud-5xx" in ended.because
    assert world.seen.config == SERVING


def test_the_alarm_of_the_verdict_rings_until_it_is_taken_away() -> None:
    """It rang for the one minute of its datapoint, which SageMaker may have slept through."""
    assert verdict_alarm(a_rollout(), ENDPOINT, {}).missing == "ignore"
