"""One rollout an endpoint: who waits, who takes whose place, and who is shut out."""

from dataclasses import replace

import pytest

from sluice.errors import LockLost
from sluice.model.commit import Commit
from sluice.model.endpoint import Change, EndpointRecord
from sluice.model.ids import RolloutId
from sluice.model.package import RegistryStatus
from sluice.model.rollout import Phase, RolloutOutcome, WishKind
from sluice.model.rollout_rules import Queueing
from sluice.usecases.remembering import keep, recall
from tests.packages import ARN, a_package
from tests.rollouts import RolloutWorld, rules


def _two_that_wait() -> tuple[RolloutWorld, tuple[RolloutId, RolloutId, RolloutId]]:
    """A rollout in its first step, and two later releases that want its endpoint."""
    world = RolloutWorld()
    first = world.request(7)
    world.await_phase(first, Phase.STEP)
    second, third = world.request(8), world.request(9)
    world.pass_minutes(10)
    return world, (first, second, third)


def test_a_second_release_waits_for_its_turn() -> None:
    world = RolloutWorld()
    first, second = world.request(7), RolloutId("")
    world.await_phase(first, Phase.STEP)
    second = world.request(8)
    world.pass_minutes(10)
    waiting = world.rollout(second)

    world.finish(first)
    ended = world.finish(second)

    assert waiting.phase is Phase.QUEUED
    assert world.rollout(first).outcome is RolloutOutcome.PROMOTED
    assert ended.outcome is RolloutOutcome.PROMOTED
    assert world.seen.config == "fraud-scoring-v8-f2"


def test_a_second_release_takes_the_place_of_the_first_where_the_policy_says_so() -> None:
    world = RolloutWorld(rules(queueing=Queueing.SUPERSEDE))
    first = world.request(7)
    world.await_phase(first, Phase.STEP)
    second = world.request(8)

    world.finish(first)
    world.finish(second)

    assert world.rollout(first).outcome is RolloutOutcome.SUPERSEDED
    assert world.rollout(second).outcome is RolloutOutcome.PROMOTED
    assert world.seen.config == "fraud-scoring-v8-f2"


def test_of_two_that_wait_the_later_request_goes_on() -> None:
    world, (first, second, third) = _two_that_wait()

    ended = [world.finish(rollout_id).outcome for rollout_id in (first, second, third)]

    assert ended == [RolloutOutcome.PROMOTED, RolloutOutcome.SUPERSEDED, RolloutOutcome.PROMOTED]


def test_two_that_begin_at_once_are_one_after_the_other() -> None:
    world = RolloutWorld()
    both = [world.request(7), world.request(8)]

    ended = [world.finish(rollout_id) for rollout_id in both]

    assert [rollout.outcome for rollout in ended] == [RolloutOutcome.PROMOTED, RolloutOutcome.PROMOTED]
    assert [rollout.fence for rollout in ended] == [1, 2]


def test_whoever_lost_the_lock_changes_nothing_any_more() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    known = recall(world.records, EndpointRecord, world.endpoint.id)
    assert known is not None
    taken = replace(known.value, holder=RolloutId("f" * 32), fence=known.value.fence + 1)
    world.records.commit(Commit((keep(known, taken, known.id),)), at=world.clock.now())
    before = list(world.endpoints.effects)

    with pytest.raises(LockLost):
        world.change(rollout_id, Change.PROMOTE)

    assert world.endpoints.effects == before


def test_an_execution_that_was_stopped_is_taken_up_by_another_which_goes_back() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.machines[0].abort()
    world.restart(rollout_id)

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.FAILED
    assert world.seen.config == "fraud-scoring-v6"
    assert world.endpoint.holder is None


def test_an_execution_that_was_stopped_while_promoting_is_taken_up_and_finished() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.PROMOTING, step=1)
    world.work()
    world.machines[0].abort()
    world.restart(rollout_id)

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.PROMOTED
    assert world.endpoints.repeated() == []


def test_an_execution_that_was_replaced_ends_without_touching_anything() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.restart(rollout_id)
    late = world.start(rollout_id, attempt=1)

    late.go_on()

    assert late.status == "SUCCEEDED"
    assert world.endpoints.effects == []


def test_of_two_that_wait_the_older_goes_if_the_later_comes_to_nothing() -> None:
    """It was dropped as soon as the later one waited, and then neither reached production."""
    world, (first, second, third) = _two_that_wait()
    newest = replace(ARN, text=ARN.text[:-1] + "9", version=9)
    world.registry.put(a_package(arn=newest, status=RegistryStatus.REJECTED))

    ended = [world.finish(rollout_id).outcome for rollout_id in (first, second, third)]

    assert ended[:2] == [RolloutOutcome.PROMOTED, RolloutOutcome.PROMOTED]
    assert ended[2] not in (None, RolloutOutcome.PROMOTED)
    assert world.endpoint.waiting is None


def test_a_version_waits_for_a_later_one_that_is_then_taken_back() -> None:
    world, (first, second, third) = _two_that_wait()
    world.finish(first)
    world.await_phase(third, Phase.STEP)
    world.press(third, WishKind.ROLL_BACK, "cards are refused")

    ended = [world.finish(rollout_id).outcome for rollout_id in (third, second)]

    assert ended == [RolloutOutcome.RETURNED, RolloutOutcome.PROMOTED]


def test_where_versions_supersede_each_other_the_older_does_not_wait() -> None:
    world = RolloutWorld(rules(queueing=Queueing.SUPERSEDE))
    world.request(7)
    world.pass_minutes(1)
    second, third = world.request(8), world.request(9)

    ended = [world.finish(rollout_id).outcome for rollout_id in (third, second)]

    assert ended == [RolloutOutcome.PROMOTED, RolloutOutcome.SUPERSEDED]
