"""Deaths between any two calls, in any command: delivered again, the end is the same, and one answer was taken."""

from collections.abc import Callable
from typing import Any

import pytest

from sluice.errors import TransientFailure
from sluice.model.approval import Choice, Mode
from sluice.model.approval_commands import (
    CardDelivered,
    CastVote,
    DecidedElsewhere,
    EvidenceTouched,
    ResumeRelease,
    Timer,
    TimerFired,
)
from sluice.model.codec import encode
from sluice.model.commands import Command
from sluice.model.ids import SlackUserId
from sluice.usecases.record_decision import record_decision
from tests.fakes.deaths import Died, Life
from tests.packages import ARN, BEN, CHANNEL, CHEN, DAY, TEAM, a_policy
from tests.world import World

type Scene = Callable[[], tuple[World, Command]]


def _waiting(mode: Mode = Mode.ENFORCE) -> World:
    world = World(a_policy(mode=mode))
    world.register()
    world.work()
    return world


def _press(world: World, person: SlackUserId, choice: Choice, reason: str = "") -> CastVote:
    return CastVote(world.approval.id, person, TEAM, CHANNEL, choice, reason, world.clock.now())


def a_first_vote() -> tuple[World, Command]:
    world = _waiting()
    return world, _press(world, BEN, Choice.APPROVE)


def the_last_vote() -> tuple[World, Command]:
    world = _waiting()
    world.vote(BEN)
    return world, _press(world, CHEN, Choice.APPROVE)


def a_rejection() -> tuple[World, Command]:
    world = _waiting()
    return world, _press(world, BEN, Choice.REJECT, "no")


def a_refused_vote() -> tuple[World, Command]:
    world = _waiting()
    return world, _press(world, SlackUserId("U0ZOE"), Choice.APPROVE)


def the_delivery_of_the_card() -> tuple[World, Command]:
    world = World(a_policy())
    world.register()
    world.run_executions()
    world.deliver()
    world.queue.take()
    return world, CardDelivered(world.approval.id, world.clock.now())


def a_reminder() -> tuple[World, Command]:
    world = _waiting()
    world.clock.advance(4 * 3600)
    return world, TimerFired(world.approval.id, Timer.REMIND, 1)


def an_escalation() -> tuple[World, Command]:
    world = _waiting()
    world.clock.advance(20 * 3600)
    return world, TimerFired(world.approval.id, Timer.ESCALATE)


def an_expiry() -> tuple[World, Command]:
    world = _waiting()
    world.clock.advance(DAY + 60)
    return world, TimerFired(world.approval.id, Timer.EXPIRE)


def an_edit() -> tuple[World, Command]:
    world = _waiting()
    world.vote(BEN)
    world.edit(customer_metadata={"note": "retrained"})
    world.event()
    world.deliver()
    world.queue.take()
    return world, EvidenceTouched(ARN.key, 1)


def a_decision_elsewhere() -> tuple[World, Command]:
    world = _waiting(Mode.RECOMMEND)
    return world, DecidedElsewhere(ARN.key, "Approved", "zoe", world.approval.id)


def an_owed_answer() -> tuple[World, Command]:
    world = _waiting()
    world.vote(BEN)
    world.waiting.fail(TransientFailure("SendTaskSuccess: ThrottlingException"))
    with pytest.raises(TransientFailure):
        world.vote(CHEN)
    return world, ResumeRelease(world.approval.id)


SCENES: list[Scene] = [
    a_first_vote,
    the_last_vote,
    a_rejection,
    a_refused_vote,
    the_delivery_of_the_card,
    a_reminder,
    an_escalation,
    an_expiry,
    an_edit,
    a_decision_elsewhere,
    an_owed_answer,
]


def _end(world: World) -> dict[str, Any]:
    """What there is when everything has come to rest; moments differ, facts do not."""
    world.work()
    approval = world.approval
    return {
        "registry": (world.status, [(status, words) for _, status, words in world.registry.sets]),
        "approval": (approval.status, [(v.person, v.choice) for v in approval.votes], approval.resumed, approval.epoch),
        "asked": (approval.reminded, approval.escalated, approval.on_hold, approval.deadline is not None),
        "outcomes": world.outcomes(),
        "ledger": world.kinds(),
        "answers": [answer["route"] for answer in world.waiting.answers.values()],
        "timers": sorted(world.timers.waiting),
        "said": sorted((shown.channel, shown.text) for shown in world.chat.messages.values()),
        "whispers": sorted(world.chat.whispers),
        "events": encode(world.bus.events),
    }


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_a_death_at_any_moment_changes_nothing_about_the_end(scene: Scene) -> None:
    calm, command = scene()
    life = calm.revive()
    record_decision(command, calm.deciding)
    moments, end = life.lived, _end(calm)

    for moment in range(1, moments + 1):
        world, command = scene()
        world.revive(Life(ends_at=moment))
        with pytest.raises(Died):
            record_decision(command, world.deciding)
        world.revive()
        record_decision(command, world.deciding)

        assert _end(world) == end, f"died at moment {moment} of {moments}"


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_a_command_three_times_is_one_command(scene: Scene) -> None:
    once, command = scene()
    record_decision(command, once.deciding)

    thrice, command = scene()
    for _ in range(3):
        record_decision(command, thrice.deciding)

    assert _end(thrice) == _end(once)


@pytest.mark.parametrize(
    "scene", [the_last_vote, a_rejection, an_expiry, a_decision_elsewhere], ids=lambda s: s.__name__
)
def test_an_answer_that_died_with_its_command_is_owed_and_found_by_reconcile(scene: Scene) -> None:
    world, command = scene()
    life = world.revive()
    record_decision(command, world.deciding)
    moments, end = life.lived, _end(world)

    for moment in range(1, moments + 1):
        world, command = scene()
        world.revive(Life(ends_at=moment))
        with pytest.raises(Died):
            record_decision(command, world.deciding)
        world.revive()
        world.work()
        world.clock.advance(300)
        world.reconcile()
        world.work()

        if not world.approval.is_open:
            found = _end(world)
            assert (found["registry"], found["outcomes"], found["answers"]) == (
                end["registry"],
                end["outcomes"],
                end["answers"],
            )
