"""An endpoint that breaks, hangs or moves by itself in the middle of a rollout: each ends in bounded time."""

import struct
from dataclasses import replace
from typing import Any

import pytest

from sluice.core.rollout.answering import answer_to_release
from sluice.core.rollout.changes import Parts, goal_of
from sluice.core.rollout.configs import CANDIDATE
from sluice.core.rollout.effects import Move, next_move
from sluice.errors import EndpointBusy, PermanentFailure, TransientFailure
from sluice.model.endpoint import Change, EndpointStatus, Intent
from sluice.model.ids import Micros
from sluice.model.package import RegistryStatus
from sluice.model.release import Outcome
from sluice.model.rollout import Phase, RolloutOutcome, Route
from sluice.model.rollout_rules import GuardrailKind, Guardrails, RolloutRules, Step, Strategy
from tests.fakes.serving import End
from tests.machine import definition
from tests.packages import ARN
from tests.rollout_records import a_rollout
from tests.rollouts import ENDPOINT, PRODUCTION, SERVING, RolloutWorld, rules, serving_config

NEW = "fraud-scoring-v7-f1"
GUARDED = rules(
    strategy=Strategy.GUARDRAILS, steps=(), guardrails=Guardrails(GuardrailKind.CANARY, size_percent=25, wait_s=1800)
)
BROKEN = (EndpointStatus.FAILED, EndpointStatus.UPDATE_ROLLBACK_FAILED, EndpointStatus.OUT_OF_SERVICE)


@pytest.mark.parametrize("status", BROKEN)
@pytest.mark.parametrize(
    "plan, phase",
    [(rules(), Phase.STEP), (rules(shadow=Step(100, 600, 3600)), Phase.SHADOW), (GUARDED, Phase.GUARDED)],
)
def test_an_endpoint_that_breaks_under_a_look_is_not_looked_at_for_a_day(
    plan: RolloutRules, phase: Phase, status: EndpointStatus
) -> None:
    """It is not settled, and looks used to wait for that until the rollout gave up."""
    world = RolloutWorld(plan)
    rollout_id = world.request()
    world.await_phase(rollout_id, phase)
    served = world.endpoints.endpoints[ENDPOINT]
    served.status, served.under_way, served.reason = status, None, "the disk is full"

    ended = world.finish(rollout_id, 45)

    assert ended.is_over
    mended = status is EndpointStatus.UPDATE_ROLLBACK_FAILED
    assert ended.outcome is (RolloutOutcome.FAILED if mended else RolloutOutcome.HELD)
    assert status.value in ended.because
    assert not mended or (world.seen.config, world.seen.settled) == (SERVING, True)


def test_a_mix_is_mended_even_where_it_shows_the_name_of_what_is_wanted() -> None:
    """It was called restored: DescribeEndpoint tells one name while two configurations serve."""
    rollout = a_rollout(snapshot=replace(a_rollout().snapshot, config=serving_config()))  # type: ignore[type-var]
    goal = goal_of(Change.RESTORE, Parts.of(rollout))
    world = RolloutWorld()
    seen = replace(world.seen, status=EndpointStatus.UPDATE_ROLLBACK_FAILED)
    intent = Intent(1, Change.RESTORE, 0, SERVING, seen.modified_at, SERVING)

    assert next_move(goal, seen, intent).move is Move.UPDATE
    assert next_move(goal, seen, replace(intent, acted=True)).move is Move.FAILED


def test_scaling_that_moves_the_endpoint_between_intent_and_act_is_no_failure_of_ours() -> None:
    """LastModifiedTime had changed, so that SageMaker was thought to have gone back."""
    world = RolloutWorld()
    rollout_id = world.request()
    world.machines[0].reach("DeployCandidate")
    world.endpoints.somebody_scales(ENDPOINT, {PRODUCTION: 5})

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.PROMOTED


@pytest.mark.parametrize("at", [Phase.STEP, Phase.PROMOTING])
def test_scaling_never_fails_a_rollout(at: Phase) -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    scaled: list[int] = []

    def scales() -> bool:
        if world.rollout(rollout_id).phase is at and not scaled and world.seen.settled:
            scaled.append(1)
            world.endpoints.somebody_scales(ENDPOINT, {PRODUCTION: 6})
        return world.rollout(rollout_id).is_over

    world.pass_minutes(240, until=scales)

    assert scaled
    assert world.rollout(rollout_id).outcome is RolloutOutcome.PROMOTED


@pytest.mark.parametrize("rate, outcome", [(0.01, RolloutOutcome.PROMOTED), (0.05, RolloutOutcome.RETURNED)])
@pytest.mark.parametrize("which", [1, 2])
def test_an_act_refused_as_busy_is_made_once_the_endpoint_is_free(
    rate: float, outcome: RolloutOutcome, which: int
) -> None:
    world = RolloutWorld()
    world.traffic.rates[CANDIDATE] = rate
    rollout_id = world.request()
    update, refused = world.endpoints.update, list[str]()

    def busy_once(name: str, **more: Any) -> None:
        refused.append(name)
        if len(refused) == which:
            world.endpoints.somebody_scales(ENDPOINT, {PRODUCTION: 5})
            raise EndpointBusy("it is Updating")
        update(name, **more)

    world.endpoints.update = busy_once  # type: ignore[method-assign]  # the one call that scaling was quicker than

    assert world.finish(rollout_id).outcome is outcome
    assert world.endpoints.count("update") == 2


def test_a_silent_return_after_a_lost_answer_is_still_seen() -> None:
    """What was accepted is under way under its own name, whatever became of the answer."""
    world = RolloutWorld()
    world.endpoints.end_next(End.RETURNS, "the container did not answer its ping")
    rollout_id = world.request()
    world.machines[0].reach("DeployCandidate")
    update, lost = world.endpoints.update, list[str]()

    def answer_lost(name: str, **more: Any) -> None:
        update(name, **more)
        if not lost:
            lost.append(name)
            raise TransientFailure("UpdateEndpoint: ReadTimeoutError")

    world.endpoints.update = answer_lost  # type: ignore[method-assign]  # one answer is lost

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.FAILED
    assert world.endpoints.count("update") == 1


def test_a_return_from_an_endpoint_that_hangs_holds_it_and_calls_somebody_in_bounded_time() -> None:
    world = RolloutWorld()
    world.traffic.rates[CANDIDATE] = 0.05
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.RETURNING)
    world.endpoints.maintain(ENDPOINT, 24 * 3600)
    began = world.clock.at

    ended = world.finish(rollout_id, 600)

    assert ended.outcome is RolloutOutcome.HELD
    assert world.clock.at - began < 150 * 60_000_000
    assert [d["severity"] for event, d in world.bus.events if event == "IncidentOpened"] == ["critical"]


def test_an_endpoint_that_never_becomes_free_is_not_waited_for_for_ever() -> None:
    world = RolloutWorld(rules(give_up_after_s=3600))
    world.endpoints.maintain(ENDPOINT, 10 * 24 * 3600)
    rollout_id = world.request()

    ended = world.finish(rollout_id, 120)

    assert ended.outcome is RolloutOutcome.REFUSED
    assert "SystemUpdating" in ended.because
    assert world.endpoint.holder is None


def test_a_deployment_of_others_that_bakes_in_service_is_waited_for() -> None:
    """Its snapshot would be of what is about to go."""
    world = RolloutWorld()
    theirs = {**serving_config(), "EndpointConfigName": "theirs"}
    world.endpoints.somebody_updates(ENDPOINT, theirs)
    world.endpoints.endpoints[ENDPOINT].status = EndpointStatus.IN_SERVICE

    ended = world.finish(world.request())

    assert ended.outcome is RolloutOutcome.PROMOTED
    assert ended.snapshot is not None
    assert ended.snapshot.config_name == "theirs"


def test_a_way_back_that_was_deleted_meanwhile_is_made_anew() -> None:
    world = RolloutWorld()
    world.traffic.rates[CANDIDATE] = 0.05
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    del world.endpoints.configs[SERVING]

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.RETURNED
    assert world.seen.config == SERVING


@pytest.mark.parametrize("percent", [0.001, 0.01, 33.3])
def test_the_smallest_share_is_told_from_none_and_single_precision_is_no_difference(percent: float) -> None:
    goal = goal_of(
        Change.SHIFT_TRAFFIC,
        Parts.of(
            a_rollout(
                rules=rules(steps=(Step(percent, 600, 3600),)),
                step=0,
                candidate_config=SERVING,
                snapshot=replace(a_rollout().snapshot, config=serving_config(), instances=0),  # type: ignore[type-var]
            )
        ),
    )
    seen = RolloutWorld().seen
    intent = Intent(1, Change.SHIFT_TRAFFIC, 0, SERVING, Micros(0))

    def given(weights: dict[str, float]) -> Move:
        single = {n: struct.unpack("f", struct.pack("f", w))[0] for n, w in weights.items()}
        variants = tuple(replace(seen.variants[0], name=n, weight=w, desired_weight=w) for n, w in single.items())
        return next_move(goal, replace(seen, variants=variants), intent).move

    assert given({PRODUCTION: 100.0, CANDIDATE: 0.0}) is Move.SET_WEIGHTS
    assert given({PRODUCTION: 100.0 - percent, CANDIDATE: percent}) is Move.DONE


def test_a_begin_that_fails_before_anything_was_changed_holds_nothing() -> None:
    """A failure of the pre-flight went through the return, which had no plan, and ended in a hold and a page."""
    world = RolloutWorld()
    rollout_id = world.request()
    world.quotas.down = PermanentFailure("ListServiceQuotas: AccessDenied")

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.FAILED
    assert "ListServiceQuotas" in ended.because
    assert world.endpoint.hold == ""
    assert world.endpoints.effects == []


def test_what_a_person_reads_of_an_error_is_its_sentence() -> None:
    """Lambda gives the cause as JSON, with the stack's trace in it."""
    world = RolloutWorld()
    world.endpoints.refuse("the account-level limit is 2 instances")

    ended = world.finish(world.request())

    assert "account-level limit" in ended.because
    assert "stackTrace" not in ended.because
    assert "{" not in ended.because


def test_a_rollout_whose_execution_died_says_so() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.machines[0].abort()
    world.restart(rollout_id)

    ended = world.finish(rollout_id)

    assert "died" in ended.because


def test_route_is_a_closed_set() -> None:
    """Every route that a look or the begin can answer leads somewhere in the machine."""
    text = str(definition("rollout"))
    assert all(f"'{route.value}'" in text for route in Route if route is not Route.CONCLUDE)


def test_a_version_found_worse_is_rejected_even_if_its_return_fails() -> None:
    """It was on hold, and stayed Approved: the next rollout of the group might have taken it for good."""
    world = RolloutWorld()
    world.traffic.rates[CANDIDATE] = 0.05
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.RETURNING)
    for _ in range(20):
        world.endpoints.refuse("no capacity for ml.m5.large")

    ended = world.finish(rollout_id)
    answer = answer_to_release(ended)

    assert ended.outcome is RolloutOutcome.HELD
    assert [(d["outcome"], d["reject"]) for event, d in world.bus.events if event == "RolloutFinished"] == [
        ("held", True)
    ]
    assert (answer.outcome, answer.status) == (Outcome.HELD, "Rejected")


@pytest.mark.parametrize("at", [Phase.PREPARING, Phase.SHIFTING, Phase.PROMOTING])
def test_room_that_is_refused_at_any_change_is_no_fault_of_the_model(at: Phase) -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    if at is not Phase.PREPARING:
        world.await_phase(rollout_id, Phase.STEP, step=0 if at is Phase.SHIFTING else 1)
    world.endpoints.refuse()

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.FAILED
    assert not ended.is_faulty
    assert (world.seen.config, world.seen.settled) == (SERVING, True)


def test_a_first_version_whose_approval_goes_while_it_is_made_is_held_for_somebody_to_see() -> None:
    """It was called promoted: nothing served before, so there is nothing to go back to."""
    world = RolloutWorld(first=True)
    rollout_id = world.request()
    world.pass_minutes(2)
    world.registry.put(replace(world.registry.packages[ARN.key], status=RegistryStatus.REJECTED))

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.HELD
    assert world.endpoint.hold
    assert [d["severity"] for event, d in world.bus.events if event == "IncidentOpened"] == ["critical"]


def test_an_endpoint_that_is_deleted_is_nobodys_to_restore() -> None:
    for phase in (Phase.PREPARING, Phase.STEP, Phase.PROMOTING):
        world = RolloutWorld()
        rollout_id = world.request()
        world.await_phase(rollout_id, phase, step=1 if phase is Phase.PROMOTING else 0)
        world.work()
        world.endpoints.somebody_deletes(ENDPOINT)

        ended = world.finish(rollout_id)

        assert ended.outcome is RolloutOutcome.DIVERGED, phase
        assert world.endpoints.count("create") == 0
        assert world.endpoint.holder is None
