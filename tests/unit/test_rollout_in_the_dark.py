"""What cannot be seen never takes a version back and never lets it go on: CloudWatch is late, silent or throttled."""

import json
from dataclasses import replace

import pytest

from sluice.core.rollout.configs import CANDIDATE
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.commit import Commit
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import RolloutId
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, WishKind
from sluice.model.rollout_rules import GuardrailKind, Guardrails, Step, Strategy
from sluice.usecases.remembering import recall
from sluice.usecases.rollout.remembered import due_at, save
from tests.rollouts import ENDPOINT, PRODUCTION, SERVING, RolloutWorld, rules

THROTTLED = TransientFailure("GetMetricData: Throttling")
GUARDED = rules(
    strategy=Strategy.GUARDRAILS,
    steps=(),
    guardrails=Guardrails(GuardrailKind.CANARY, size_percent=25, wait_s=1800, max_execution_s=7200),
)


def _in_step(**changes: object) -> tuple[RolloutWorld, RolloutId]:
    world = RolloutWorld(rules(**changes))
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    return world, rollout_id


@pytest.mark.parametrize("port", ["metrics", "registry", "alarms"])
def test_an_hour_without_sight_decides_nothing(port: str) -> None:
    """Six repeats, and the candidate was taken back as a failure."""
    world, rollout_id = _in_step(alarms=("fraud-5xx",))
    getattr(world, port).down = THROTTLED
    world.pass_minutes(60)
    blind = world.rollout(rollout_id)

    getattr(world, port).down = None
    ended = world.finish(rollout_id)

    assert (blind.phase, blind.step, blind.outcome) == (Phase.STEP, 0, None)
    assert ended.outcome is RolloutOutcome.PROMOTED


def test_a_person_can_take_a_version_back_while_metrics_are_dark() -> None:
    world, rollout_id = _in_step()
    world.metrics.down = THROTTLED
    world.pass_minutes(10)
    world.press(rollout_id, WishKind.ROLL_BACK, "we see it ourselves")

    assert world.finish(rollout_id, 60).outcome is RolloutOutcome.RETURNED


def test_an_alarm_of_the_team_counts_while_metrics_are_dark() -> None:
    world, rollout_id = _in_step(alarms=("fraud-5xx",))
    world.metrics.down = THROTTLED
    world.alarms.ring("fraud-5xx")

    assert world.finish(rollout_id, 60).outcome is RolloutOutcome.RETURNED


def test_a_version_is_not_promoted_while_alarms_cannot_be_read() -> None:
    world, rollout_id = _in_step(alarms=("fraud-5xx",))
    world.alarms.down = TransientFailure("DescribeAlarms: Throttling")
    world.pass_minutes(120)

    assert world.rollout(rollout_id).phase is Phase.STEP


def test_a_dark_rollout_gives_up_undecided_in_the_end() -> None:
    world, rollout_id = _in_step(give_up_after_s=2 * 3600)
    world.metrics.down = THROTTLED

    ended = world.finish(rollout_id, 400)

    assert ended.outcome is RolloutOutcome.UNDECIDED
    assert world.seen.config == SERVING


@pytest.mark.parametrize("silent", [PRODUCTION, CANDIDATE])
def test_a_variant_that_cloudwatch_shows_nothing_of_is_neither_worse_nor_good_enough(silent: str) -> None:
    world, rollout_id = _in_step()
    world.traffic.silent.add(silent)

    world.pass_minutes(150)

    assert (world.rollout(rollout_id).phase, world.rollout(rollout_id).step) == (Phase.STEP, 0)
    assert world.rollout(rollout_id).outcome is None


def test_a_pause_over_the_weekend_is_no_indecision() -> None:
    """The first look after it gave up."""
    world, rollout_id = _in_step(give_up_after_s=4 * 3600)
    world.press(rollout_id, WishKind.PAUSE, "")
    world.pass_minutes(6 * 60)
    world.press(rollout_id, WishKind.GO_ON, "")

    assert world.finish(rollout_id).outcome is RolloutOutcome.PROMOTED


def test_a_shadow_is_compared_until_it_can_be_decided() -> None:
    world = RolloutWorld(rules(shadow=Step(100, 600, 3600)))
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.SHADOW)
    world.metrics.down = THROTTLED
    world.pass_minutes(90)

    assert world.rollout(rollout_id).phase is Phase.SHADOW


def test_a_promotion_that_nobody_was_seen_to_be_served_by_says_so() -> None:
    """There was traffic before; after ten minutes without, the rollout ends, but not as if it had been seen."""
    world, rollout_id = _in_step()
    world.await_phase(rollout_id, Phase.PROMOTING, step=1)
    world.traffic.requests = 0

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.PROMOTED
    assert "No request" in ended.because


def test_a_promotion_by_hand_is_seen_to_serve_too() -> None:
    """Before the first look there were no figures, and so nothing was waited for."""
    world, rollout_id = _in_step()
    world.press(rollout_id, WishKind.PROMOTE_NOW, "urgent")
    world.traffic.requests = 0

    ended = world.finish(rollout_id)

    assert "No request" in ended.because


def test_the_judge_of_a_guarded_deployment_that_is_dark_lets_sagemaker_go_on() -> None:
    world = RolloutWorld(GUARDED)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.GUARDED)
    world.metrics.down = THROTTLED
    world.pass_minutes(20)
    world.metrics.down = None

    assert world.finish(rollout_id).outcome is RolloutOutcome.PROMOTED
    assert ENDPOINT in world.endpoints.endpoints


@pytest.mark.parametrize("ports", [("metrics",), ("alarms",), ("metrics", "alarms")])
def test_a_guarded_deployment_is_not_called_promoted_while_nobody_sees_it(ports: tuple[str, ...]) -> None:
    """SageMaker had finished, so it ended green without any evidence."""
    world = RolloutWorld(replace(GUARDED, alarms=("fraud-5xx",), give_up_after_s=5 * 3600))
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.GUARDED)
    for port in ports:
        getattr(world, port).down = THROTTLED
    world.pass_minutes(4 * 60)
    blind = world.rollout(rollout_id)

    for port in ports:
        getattr(world, port).down = None
    seen_again = world.finish(rollout_id)

    assert (blind.phase, blind.outcome, world.seen.settled) == (Phase.GUARDED, None, True)
    assert seen_again.outcome is RolloutOutcome.PROMOTED


def test_a_guarded_deployment_that_serves_nobody_is_taken_back_undecided_in_the_end() -> None:
    world = RolloutWorld(replace(GUARDED, give_up_after_s=3 * 3600))
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.GUARDED)
    world.traffic.silent |= {PRODUCTION, CANDIDATE}

    ended = world.finish(rollout_id, 300)

    assert (ended.outcome, world.seen.config) == (RolloutOutcome.UNDECIDED, SERVING)
    assert "could not be judged" in ended.because


def test_an_end_does_not_wait_for_a_cloudwatch_that_cannot_be_reached() -> None:
    """The lock stayed taken and the release waited until the alarms of the rollout could be deleted."""
    world, rollout_id = _in_step()
    world.await_phase(rollout_id, Phase.STEP, step=1)
    world.alarms.down = THROTTLED

    ended = world.finish(rollout_id, 90)

    assert (ended.outcome, ended.leftovers) == (RolloutOutcome.PROMOTED, True)
    assert world.endpoint.holder is None
    assert [name for name, _ in world.bus.events].count("RolloutFinished") == 1
    assert world.alarms.plans


def test_what_an_end_could_not_delete_is_deleted_by_the_next_execution_and_nothing_else_happens() -> None:
    world, rollout_id = _in_step()
    world.await_phase(rollout_id, Phase.STEP, step=1)
    world.alarms.down = THROTTLED
    world.finish(rollout_id, 90)
    world.alarms.down = None
    before = (len(world.ledger()), len(world.bus.events), len(world.endpoints.effects))

    world.restart(rollout_id)
    world.work()

    assert (world.alarms.plans, world.rollout(rollout_id).leftovers) == ({}, False)
    assert world.machines[-1].status == "SUCCEEDED"
    deleted = len(world.endpoints.effects) - before[2]
    assert (len(world.ledger()), len(world.bus.events)) == before[:2]
    assert {effect.operation for effect in world.endpoints.effects[-deleted:]} == {"delete_config"}


def _left_over() -> tuple[RolloutWorld, RolloutId]:
    """A rollout is over, its release knows, and its alarms are still there."""
    world, rollout_id = _in_step()
    world.await_phase(rollout_id, Phase.STEP, step=1)
    world.alarms.down = THROTTLED
    world.finish(rollout_id, 90)
    known = recall(world.records, Rollout, rollout_id)
    heard = replace(world.rollout(rollout_id), told=True)
    world.records.commit(Commit((save(heard, known, world.clock.at),)), at=world.clock.at)
    return world, rollout_id


def test_what_still_cannot_be_deleted_stays_to_be_deleted() -> None:
    world, rollout_id = _left_over()

    world.restart(rollout_id)
    world.pass_minutes(60)

    assert world.rollout(rollout_id).leftovers
    assert world.machines[-1].status == "SUCCEEDED"


def test_what_cannot_be_deleted_for_a_week_is_left_to_people_who_are_told_its_names() -> None:
    """One execution after the other tried it, every few minutes, for ever."""
    world, rollout_id = _left_over()
    ended, tries = world.rollout(rollout_id), 0

    while (due := due_at(world.rollout(rollout_id), world.clock.at)) is not None and tries < 1000:
        world.clock.at, tries = due, tries + 1
        world.restart(rollout_id)
        world.work()

    kept = [json.loads(record.body) for record in world.ledger() if record.kind == EntryKind.LEFTOVERS_KEPT]
    assert tries < 100
    assert world.clock.at - ended.ended_at > 7 * 24 * 3600 * 1_000_000
    assert ended.candidate_config in world.rollout(rollout_id).because
    assert [set(world.alarms.plans) & set(body["because"].replace(",", "").split()) for body in kept] == [
        set(world.alarms.plans)
    ]


def test_what_may_not_be_deleted_is_named_in_the_ledger_as_well() -> None:
    world, rollout_id = _left_over()
    world.alarms.down = PermanentFailure("DeleteAlarms: AccessDenied")

    world.restart(rollout_id)
    world.work()

    assert [record.kind for record in world.ledger()].count(EntryKind.LEFTOVERS_KEPT) == 1
    assert "DeleteAlarms: AccessDenied" in world.rollout(rollout_id).because


def test_a_guarded_deployment_is_taken_back_though_sagemaker_cannot_be_told_meanwhile() -> None:
    """Six repeats, and the endpoint was on hold: its return had failed for want of a metric."""
    world = RolloutWorld(GUARDED)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.GUARDED)
    world.metrics.down = THROTTLED
    world.restart(rollout_id)

    ended = world.finish(rollout_id)

    assert (ended.outcome, ended.returned, world.seen.config) == (RolloutOutcome.FAILED, True, SERVING)
