"""Somebody deletes a card in Slack."""

import pytest

from sluice.errors import TransientFailure
from sluice.model.approval_commands import CardDelivered
from tests.packages import BEN, CHANNEL, CHEN, a_policy
from tests.world import World


@pytest.fixture
def deleted() -> World:
    """A world whose card was delivered and then deleted by hand."""
    world = World(a_policy())
    world.register()
    world.work()
    world.chat.messages.clear()
    world.clock.advance(3600)
    return world


def test_the_card_is_posted_again_with_the_next_change_and_kept_up_to_date(deleted: World) -> None:
    deleted.vote(BEN)
    deleted.work()
    [(ts, again)] = deleted.chat.messages.items()
    deleted.vote(CHEN)
    deleted.work()

    [(same_ts, settled)] = deleted.chat.messages.items()
    assert (again.channel, ts, same_ts) == (CHANNEL, deleted.approval.message_ts, ts)
    assert "actions" in [block["type"] for block in again.blocks]
    assert "actions" not in [block["type"] for block in settled.blocks]
    assert {row.state for row in deleted.records.outbox.values()} == {"sent"}


def test_the_time_to_decide_does_not_begin_again(deleted: World) -> None:
    deadline, posted_at, timers = deleted.approval.deadline, deleted.approval.posted_at, dict(deleted.timers.waiting)

    deleted.vote(BEN)
    deleted.work()

    assert (deleted.approval.deadline, deleted.approval.posted_at) == (deadline, posted_at)
    assert deleted.timers.waiting == timers
    assert CardDelivered.__name__ not in [command["command"] for command in deleted.queue.sent[1:]]


def test_a_card_that_cannot_be_posted_again_now_is_posted_later(deleted: World) -> None:
    deleted.chat.down = TransientFailure("chat.update: ratelimited")
    deleted.vote(BEN)
    deleted.deliver()
    deleted.chat.down = None
    deleted.clock.advance(60)

    deleted.work()

    assert [shown.channel for shown in deleted.chat.messages.values()] == [CHANNEL]
