"""A rollout that stands still is found by reconcile: not started, dead, owed an answer, or over and not told."""

from contextlib import suppress
from dataclasses import replace

import pytest

from sluice.model.commands import from_json
from sluice.model.commit import PLATFORM_CHAIN, Commit
from sluice.model.ids import Micros
from sluice.model.package import RegistryStatus
from sluice.model.rollout import Phase, Rollout, RolloutAnswer, RolloutOutcome, Route
from sluice.model.rollout_commands import FinishRollout, ResumeRollout
from sluice.usecases.reconcile import Mended
from sluice.usecases.remembering import recall
from sluice.usecases.rollout.remembered import due_at, save
from tests.fakes.deaths import Died, Life
from tests.packages import BEN, CHEN, a_policy
from tests.rollout_records import a_rollout, ended, rules
from tests.world import World

QUARTER_S = 900
"""A dead execution is found within a quarter of an hour."""


def rolling() -> World:
    """A world whose approved version is on its way to production."""
    world = World(a_policy(rollout=rules()))
    world.register()
    world.work()
    world.vote(BEN)
    world.vote(CHEN)
    world.work()
    world.event(status_changed=True)
    return world


def change(world: World, **changes: object) -> None:
    """The rollout goes on, as its machine writes it."""
    known = recall(world.records, Rollout, world.rollout.id)
    later = replace(world.rollout, **changes)  # type: ignore[arg-type]  # fields of the record, by name
    now = world.clock.now()
    world.records.commit(Commit(saves=(save(later, known, now),)), at=now)


def mended(world: World) -> list[str]:
    """What reconcile did after a quarter of an hour, in its own words."""
    world.clock.advance(QUARTER_S)
    world.reconcile()
    bodies = [record.body for record in world.records.entries(PLATFORM_CHAIN, "ReconcileMended")]
    return [body.split('"reason":"')[1].split('"')[0] for body in bodies]


def test_a_rollout_that_goes_on_is_left_alone() -> None:
    world = rolling()
    written = len(world.records.commits)
    world.clock.advance(QUARTER_S)

    assert (world.reconcile(), len(world.records.commits)) == (Mended(), written)


def test_a_rollout_whose_event_was_lost_is_started() -> None:
    world = rolling()
    world.rollouts.started.clear()

    assert mended(world) == ["it is recorded but did not run"]
    assert list(world.rollouts.started) == [f"{world.rollout.id}-1"]


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED", "SUCCEEDED"])
def test_an_execution_that_ended_before_its_rollout_is_followed_by_another(status: str) -> None:
    world = rolling()
    change(world, phase=Phase.STEP)
    world.rollouts.broke = {f"{world.rollout.id}-1": status}

    words = mended(world)
    again = mended(world)

    assert words == again == [f"attempt 1 ended as {status} and is followed by another"]
    assert world.rollouts.started[f"{world.rollout.id}-2"] == {"rollout_id": world.rollout.id, "attempt": 2}
    assert (world.rollout.attempt, world.rollout.phase) == (2, Phase.STEP)


@pytest.mark.parametrize("moment", range(1, 20))
def test_a_death_between_the_record_and_the_start_of_the_next_attempt_is_mended(moment: int) -> None:
    world = rolling()
    world.rollouts.broke = {f"{world.rollout.id}-1": "ABORTED"}
    world.clock.advance(QUARTER_S)
    world.revive(Life(moment))
    with suppress(Died):
        world.reconcile()
    world.revive()

    mended(world)

    assert sorted(world.rollouts.started) == [f"{world.rollout.id}-1", f"{world.rollout.id}-2"]
    assert world.rollout.attempt == 2


def test_an_end_that_is_recorded_meanwhile_is_followed_by_no_attempt() -> None:
    world = rolling()
    world.rollouts.broke = {f"{world.rollout.id}-1": "SUCCEEDED"}
    world.clock.advance(QUARTER_S)
    world.meanwhile(lambda: change(world, phase=Phase.DONE, outcome=RolloutOutcome.PROMOTED))

    world.reconcile()

    assert len(world.rollouts.started) == 1


def test_a_look_that_is_owed_its_answer_gets_it_again() -> None:
    world = rolling()
    change(world, answer=RolloutAnswer(Route.RETURN, "errors rose"), answered=False)

    words = mended(world)

    assert words == ["its look is handed its answer again"]
    assert [from_json(c) for c in world.queue.sent[-1:]] == [ResumeRollout(world.rollout.id)]


def test_a_release_that_has_not_heard_of_the_end_is_told_again() -> None:
    world = rolling()
    world.end_rollout(RolloutOutcome.RETURNED)
    world.records.outbox.clear()

    words = mended(world)
    sent = [from_json(c) for c in world.queue.sent[-1:]]
    world.work()

    assert (words, sent) == (["its release is told of the outcome again"], [FinishRollout(world.rollout.id)])
    assert (world.outcomes(), world.status) == (["returned"], RegistryStatus.REJECTED)
    assert mended(world) == words


def test_a_release_that_died_while_it_waited_is_taken_up_and_rejects_what_was_taken_back() -> None:
    """Its execution was stopped by hand: the version would have stayed Approved though production refused it."""
    world = rolling()
    world.executions.broke = dict.fromkeys(world.executions.started, "ABORTED")
    world.end_rollout(RolloutOutcome.RETURNED)
    world.work()
    assert world.status is RegistryStatus.APPROVED

    words = mended(world)
    world.work()

    assert words == ["its release died and is taken up again"]
    assert (world.outcomes(), world.status, world.rollout.told) == (["returned"], RegistryStatus.REJECTED, True)
    assert mended(world) == words


def test_a_release_that_dies_while_its_rollout_runs_is_no_failure_yet() -> None:
    world = rolling()
    world.executions.broke = dict.fromkeys(world.executions.started, "ABORTED")

    assert (mended(world), world.package.outcome, world.package.rollout) == ([], "approved", world.rollout.id)


def test_a_release_that_dies_before_it_has_asked_for_its_rollout_gets_its_end() -> None:
    world = World(a_policy(rollout=rules()))
    world.register()
    world.work()
    world.vote(BEN)
    world.vote(CHEN)
    [run] = world.runs.values()
    run.go_on_to("request_rollout")
    world.executions.broke = dict.fromkeys(world.executions.started, "ABORTED")

    assert mended(world) == ["its execution ended as ABORTED"]
    assert (world.package.outcome, world.package.rollout) == ("failed", None)


def test_a_release_that_can_never_be_told_is_given_up_after_some_tries() -> None:
    world = rolling()
    world.end_rollout(RolloutOutcome.RETURNED)
    world.records.outbox.clear()
    for _ in range(8):
        world.executions.broke = dict.fromkeys(world.executions.started, "FAILED")
        words = mended(world)

    assert words.count("its release died and is taken up again") == 5
    assert words[-1] == "its release could not be brought to an end"
    assert world.rollout.told


def test_a_rollout_of_a_release_that_was_followed_by_another_is_let_go() -> None:
    world = rolling()
    old = world.rollout.id
    world.edit(status=RegistryStatus.PENDING, approval_description="once more")
    world.event(status_changed=True)
    first = next(iter(world.executions.started))
    world.executions.broke = {first: "ABORTED"}
    world.end_rollout(RolloutOutcome.WITHDRAWN, of=old)
    world.records.outbox.clear()

    assert "a later release has taken its place" in mended(world)


NOW = Micros(1_780_000_000_000_000)


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.DONE])
def test_whatever_a_rollout_does_somebody_looks_after_it_within_ten_minutes(phase: Phase) -> None:
    due = due_at(a_rollout(phase=phase), NOW)

    assert due is not None
    assert 0 < due - NOW < 600_000_000


def test_nobody_looks_after_a_rollout_whose_release_has_heard() -> None:
    over = ended(RolloutOutcome.PROMOTED)

    assert due_at(over, NOW) is not None
    assert due_at(replace(over, told=True), NOW) is None


def test_what_is_left_of_a_rollout_that_is_over_is_deleted_by_another_execution() -> None:
    world = rolling()
    world.end_rollout(RolloutOutcome.PROMOTED)
    world.work()
    change(world, leftovers=True)
    world.rollouts.done = set(world.rollouts.started)

    assert mended(world) == ["what is left of it is deleted"]
    assert list(world.rollouts.started) == [f"{world.rollout.id}-1", f"{world.rollout.id}-2"]
    assert mended(world) == ["what is left of it is deleted"], "while the second runs it is left alone"
    assert due_at(replace(world.rollout, leftovers=False), NOW) is None


def test_a_release_hears_of_the_end_before_what_is_left_is_deleted() -> None:
    world = rolling()
    world.end_rollout(RolloutOutcome.PROMOTED)
    world.records.outbox.clear()
    change(world, leftovers=True)

    assert mended(world) == ["its release is told of the outcome again"]
