"""A look gets its answer from the record with one effect, and is woken when something happens."""

from typing import Any

import pytest

from sluice.model.commit import Commit
from sluice.model.ids import ApprovalId, RolloutId
from sluice.model.rollout import Phase, Rollout, RolloutAnswer, RolloutOutcome, Route
from sluice.model.rollout_commands import ResumeRollout, WakeRollout
from sluice.usecases.record_decision import record_decision
from sluice.usecases.remembering import recall
from sluice.usecases.rollout.remembered import save
from tests.approvals import NOW
from tests.fakes.deaths import Died, Life
from tests.rollout_records import ROLLOUT, a_rollout
from tests.world import World

LOOK = ApprovalId(f"look-{ROLLOUT}")
SHIFT = RolloutAnswer(Route.SHIFT, "good enough")


def a_world(**changes: Any) -> World:
    """A rollout whose look waits."""
    world = World()
    world.records.commit(Commit((save(a_rollout(**changes), None, NOW),)), at=NOW)
    world.tokens.put(LOOK, world.waiting.wait(), expires=NOW)
    return world


def answered(world: World) -> bool:
    known = recall(world.records, Rollout, ROLLOUT)
    assert known is not None
    return known.value.answered


def resume(world: World) -> None:
    record_decision(ResumeRollout(ROLLOUT), world.deciding)


def test_the_answer_is_handed_over_and_marked() -> None:
    world = a_world(answer=SHIFT)

    resume(world)

    assert world.waiting.answers == {"token-1": {"route": "shift", "reason": "good enough"}}
    assert answered(world)


def test_an_answer_is_handed_over_once() -> None:
    world = a_world(answer=SHIFT)

    resume(world)
    world.tokens.put(LOOK, world.waiting.wait(), expires=NOW)
    resume(world)

    assert list(world.waiting.answers) == ["token-1"]


def test_where_nothing_is_owed_nobody_is_resumed() -> None:
    world = a_world()

    resume(world)
    record_decision(ResumeRollout(RolloutId("0" * 32)), world.deciding)

    assert world.waiting.answers == {}


@pytest.mark.parametrize("token", ["spent", "none"])
def test_an_answer_that_nobody_took_stays_owed_to_the_look_that_follows(token: str) -> None:
    world = a_world(answer=SHIFT)
    world.waiting.give_up("token-1")
    if token == "none":
        world.tokens.forget(LOOK)

    resume(world)
    owed = not answered(world)
    world.tokens.put(LOOK, world.waiting.wait(), expires=NOW)
    resume(world)

    assert owed
    assert (answered(world), list(world.waiting.answers)) == (True, ["token-2"])


def test_the_token_of_a_look_that_began_meanwhile_stays() -> None:
    world = a_world(answer=SHIFT)

    world.meanwhile(lambda: world.tokens.put(LOOK, world.waiting.wait(), expires=NOW))
    resume(world)

    assert world.tokens.get(LOOK) == "token-2"


def test_the_answer_arrives_once_wherever_the_function_dies() -> None:
    for moment in range(1, 40):
        world = a_world(answer=SHIFT)
        life = world.revive(Life(moment))
        try:
            resume(world)
        except Died:
            world.revive()
            resume(world)

        assert world.waiting.answers == {"token-1": {"route": "shift", "reason": "good enough"}}, moment
        if life.lived < moment:
            return
    raise AssertionError("it never lived to its end")


def test_an_alarm_makes_the_judge_look_at_once() -> None:
    world = a_world()

    record_decision(WakeRollout(ROLLOUT, "the trip-wire fired"), world.deciding)

    assert world.waiting.answers == {"token-1": {"route": "again", "reason": ""}}


def test_waking_twice_is_one_look() -> None:
    world = a_world()

    for _ in range(2):
        record_decision(WakeRollout(ROLLOUT, "the trip-wire fired"), world.deciding)

    assert len(world.waiting.answers) == 1


@pytest.mark.parametrize("changes", [{"phase": Phase.DONE, "outcome": RolloutOutcome.PROMOTED}])
def test_nobody_wakes_what_is_over(changes: dict[str, Any]) -> None:
    world = a_world(**changes)

    record_decision(WakeRollout(ROLLOUT, "the trip-wire fired"), world.deciding)
    record_decision(WakeRollout(RolloutId("0" * 32), "of another installation"), world.deciding)

    assert world.waiting.answers == {}
