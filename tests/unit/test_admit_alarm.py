"""An alarm that goes to ALARM wakes the rollouts that name it, at once, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.errors import InvalidInput, TransientFailure
from sluice.model.alarm_event import AlarmEvent
from sluice.model.approval import Mode
from sluice.model.commit import Commit, Save
from sluice.model.ids import RolloutId
from sluice.model.metric_query import AlarmState
from sluice.model.rollout import Phase, RolloutOutcome, WishKind
from sluice.model.rollout_rules import GuardrailKind, Guardrails, Step, Strategy
from sluice.model.watched_alarm import WatchedAlarm
from sluice.usecases.remembering import recall
from sluice.usecases.rollout.admit_alarm import AdmittingAlarms, AlarmAction, admit_alarm
from sluice.usecases.rollout.alarm_watch import unwatched, watched
from tests.event_samples import sample
from tests.packages import ARN
from tests.rollout_records import a_rollout
from tests.rollouts import SERVING, RolloutWorld, rules

ALARM = "fraud-5xx"
NAMED = rules(alarms=(ALARM,))
SHADOW = Step(100, 600, 3600)
GUARDED = rules(
    alarms=(ALARM,),
    strategy=Strategy.GUARDRAILS,
    steps=(),
    guardrails=Guardrails(GuardrailKind.CANARY, size_percent=25, wait_s=1800),
)
OTHER = RolloutId("f" * 32)
_MINUTE = 60_000_000


def _rollouts_of(world: RolloutWorld, name: str = ALARM) -> tuple[str, ...]:
    known = recall(world.records, WatchedAlarm, name)
    return () if known is None else known.value.rollouts


def _write(world: RolloutWorld, saves: tuple[Save, ...]) -> None:
    world.records.commit(Commit(saves), at=world.clock.now())


@pytest.mark.parametrize("phase, plan", [(Phase.STEP, NAMED), (Phase.SHADOW, replace(NAMED, shadow=SHADOW))])
def test_an_alarm_takes_a_candidate_back_at_once_and_not_at_the_next_look(phase: Phase, plan: Any) -> None:
    world = RolloutWorld(plan)
    rollout_id = world.request()
    world.await_phase(rollout_id, phase)
    world.work()
    rang_at = world.clock.at
    assert world.rollout(rollout_id).next_look_at > rang_at + 2 * _MINUTE

    world.alarms.ring(ALARM)
    world.alarm(ALARM)
    world.work()

    rollout = world.rollout(rollout_id)
    assert rollout.phase is Phase.RETURNING
    assert ALARM in rollout.because
    assert world.clock.at - rang_at < 1_000_000


def test_an_event_whose_alarm_is_quiet_by_now_is_one_look_more_and_no_harm() -> None:
    """An event may be late, come twice, or be made up: what counts is what CloudWatch says."""
    world = RolloutWorld(NAMED)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    looks = world.rollout(rollout_id).looks

    for _ in range(3):
        world.alarm(ALARM)
        world.work()

    assert world.rollout(rollout_id).looks == looks + 3
    assert world.finish(rollout_id).outcome is RolloutOutcome.PROMOTED


def test_an_event_that_comes_again_takes_back_once() -> None:
    world = RolloutWorld(NAMED)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.alarms.ring(ALARM)

    for _ in range(3):
        world.alarm(ALARM)
    world.pass_minutes(1)
    world.alarm(ALARM)

    ended = world.finish(rollout_id)
    assert ended.outcome is RolloutOutcome.RETURNED
    assert [effect.operation for effect in world.endpoints.effects if effect.detail == SERVING] == ["update"]
    assert world.alarm(ALARM).action is AlarmAction.IGNORE


def test_an_alarm_whose_event_is_lost_is_seen_at_the_next_look() -> None:
    world = RolloutWorld(NAMED)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)

    world.alarms.ring(ALARM)

    assert world.finish(rollout_id).outcome is RolloutOutcome.RETURNED


def test_an_alarm_that_no_rollout_names_costs_one_read_and_nothing_more() -> None:
    world = RolloutWorld(NAMED)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    before = len(world.records.commits)

    admission = world.alarm("somebody-elses")

    assert admission.action is AlarmAction.IGNORE
    assert admission.reason == "no rollout under way names it"
    assert world.queue.waiting == []
    assert len(world.records.commits) == before


def test_an_alarm_of_another_account_or_region_is_ignored() -> None:
    world = RolloutWorld(NAMED)
    world.await_phase(world.request(), Phase.STEP)
    told = AlarmEvent(ARN.account, "eu-west-1", ALARM)

    for admitting in (
        AdmittingAlarms(world.records, world.queue, ARN.account, "us-east-1"),
        AdmittingAlarms(world.records, world.queue, "999999999999", "eu-west-1"),
    ):
        assert admit_alarm(told, admitting).action is AlarmAction.IGNORE

    assert world.queue.waiting == []


def test_a_guarded_deployment_is_left_to_sagemaker_which_has_the_alarms() -> None:
    world = RolloutWorld(GUARDED)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.GUARDED)

    admission = world.alarm(ALARM)

    assert admission.action is AlarmAction.IGNORE
    assert "SageMaker" in admission.reason


def test_a_deployment_that_sagemaker_does_not_guard_is_woken() -> None:
    alone = Guardrails(GuardrailKind.ALL_AT_ONCE, wait_s=0, termination_wait_s=3600, managed=False)
    world = RolloutWorld(replace(GUARDED, guardrails=alone))
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.GUARDED)
    world.pass_minutes(20)

    world.alarms.ring(ALARM)
    world.alarm(ALARM)
    world.work()

    assert world.rollout(rollout_id).phase is Phase.RETURNING


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.RETURNING])
def test_a_rollout_that_changes_its_endpoint_sees_for_itself(phase: Phase) -> None:
    world = RolloutWorld(NAMED)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.PREPARING)
    if phase is Phase.RETURNING:
        world.await_phase(rollout_id, Phase.STEP)
        world.press(rollout_id, WishKind.ROLL_BACK)
        world.work()
        world.work()

    assert world.rollout(rollout_id).phase is phase
    assert world.alarm(ALARM).action is AlarmAction.IGNORE


def test_an_alarm_is_watched_from_the_plan_to_the_end_of_a_rollout() -> None:
    world = RolloutWorld(replace(NAMED, alarms=(ALARM, "fraud-latency", ALARM)))
    rollout_id = world.request()
    assert _rollouts_of(world) == ()

    world.work()
    watched_by = (_rollouts_of(world), _rollouts_of(world, "fraud-latency"))
    world.finish(rollout_id)

    assert watched_by == ((rollout_id,), (rollout_id,))
    assert (_rollouts_of(world), _rollouts_of(world, "fraud-latency")) == ((), ())


def test_a_refused_rollout_watches_nothing() -> None:
    world = RolloutWorld(NAMED)
    world.alarms.theirs.clear()
    rollout_id = world.request()

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.REFUSED
    assert f"has this name: {ALARM}" in ended.because
    assert recall(world.records, WatchedAlarm, ALARM) is None


def test_alarms_that_cannot_be_read_are_not_taken_for_missing() -> None:
    world = RolloutWorld(NAMED)
    world.alarms.fail(TransientFailure("DescribeAlarms: Throttling"), TransientFailure("DescribeAlarms: Throttling"))

    ended = world.finish(world.request())

    assert ended.outcome is RolloutOutcome.PROMOTED


def test_several_rollouts_may_name_one_alarm_and_each_is_noted_and_crossed_out_by_itself() -> None:
    world = RolloutWorld()
    mine, other = a_rollout(rules=NAMED), a_rollout(rules=NAMED)
    other = replace(other, request=replace(other.request, rollout_id=OTHER))
    for rollout in (mine, other, mine):
        _write(world, watched(rollout, world.records))
    both = _rollouts_of(world)

    _write(world, unwatched(mine, world.records))
    _write(world, unwatched(mine, world.records))

    assert sorted(both) == sorted((mine.id, other.id))
    assert _rollouts_of(world) == (other.id,)


def test_two_rollouts_that_note_one_alarm_at_once_do_not_forget_each_other() -> None:
    world = RolloutWorld(NAMED)
    other = replace(a_rollout(rules=NAMED), request=replace(a_rollout().request, rollout_id=OTHER))
    rollout_id = world.request()
    planned = world.records

    def race(commit: Any) -> None:
        if any(save.key.kind == WatchedAlarm.KIND for save in commit.saves):
            _write(world, watched(other, planned))
        else:
            planned.before_commit = race

    planned.before_commit = race
    world.work()

    assert sorted(_rollouts_of(world)) == sorted((rollout_id, other.id))


def test_a_wake_that_cannot_be_sent_is_tried_again_with_its_event() -> None:
    world = RolloutWorld(NAMED)
    world.await_phase(world.request(), Phase.STEP)
    world.queue.fail(TransientFailure("SendMessage: Throttling"))

    with pytest.raises(TransientFailure):
        world.alarm(ALARM)

    assert world.alarm(ALARM).action is AlarmAction.WAKE


def test_in_observe_an_alarm_ends_the_watch_with_what_would_have_been_done() -> None:
    world = RolloutWorld(NAMED, mode=Mode.OBSERVE)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.WATCHING)

    world.alarms.ring(ALARM)
    admission = world.alarm(ALARM)
    ended = world.finish(rollout_id)

    assert admission.action is AlarmAction.WAKE
    assert ended.outcome is RolloutOutcome.OBSERVED
    assert ended.because.startswith("It would have been taken back.")
    assert ALARM in ended.because


@pytest.mark.parametrize(
    "file", ["single_metric", "metric_math", "composite_suppressed", "anomaly_detection", "multi_time_series"]
)
def test_every_kind_of_alarm_is_known_by_its_name_alone(file: str) -> None:
    event = sample(f"cloudwatch_alarm_{file}.json")

    told = AlarmEvent.parse(event)

    assert told.name == event["detail"]["alarmName"]


@pytest.mark.parametrize("state", [AlarmState.OK, AlarmState.INSUFFICIENT_DATA])
def test_an_alarm_that_went_elsewhere_wakes_nobody(state: AlarmState) -> None:
    world = RolloutWorld(NAMED)
    world.await_phase(world.request(), Phase.STEP)

    admission = admit_alarm(
        AlarmEvent(ARN.account, "us-east-1", ALARM, state),
        AdmittingAlarms(world.records, world.queue, ARN.account, "us-east-1"),
    )

    assert admission.action is AlarmAction.IGNORE
    assert world.queue.waiting == []


@pytest.mark.parametrize("state", ["ok", "FIRING", "", None, [], {}])
def test_what_is_no_state_of_an_alarm_is_turned_away(state: Any) -> None:
    event = sample("cloudwatch_alarm_single_metric.json")
    event["detail"]["state"]["value"] = state

    with pytest.raises(InvalidInput, match="not a state"):
        AlarmEvent.parse(event)
