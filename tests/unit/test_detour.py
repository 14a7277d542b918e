"""A policy's channel cannot be posted to: the stack's takes its messages and says so."""

from dataclasses import replace

import pytest

from sluice.core.card import Card
from sluice.core.detour import detoured
from sluice.errors import TransientFailure
from sluice.model.approval import ApprovalStatus
from sluice.model.commit import Commit, Message, MessageKind
from sluice.usecases.deliver_outbox import Delivered
from tests.fakes.chat import Shown
from tests.packages import BEN, CHANNEL, CHEN, DAY, a_policy
from tests.world import World

FRAUD = "C0FRAUD"


def says_so(shown: Shown) -> bool:
    """Whether a message says that it was meant for the policy's channel."""
    return f"Meant for <#{FRAUD}>" in repr(shown.blocks[0])


def asked(reason: str = "not_in_channel") -> World:
    """A world whose card waits for a channel that cannot be posted to."""
    world = World(a_policy(channel=FRAUD))
    world.chat.closed[FRAUD] = reason
    world.register()
    world.run_executions()
    return world


def tried(world: World, times: int) -> Delivered:
    """So many runs, a minute and more apart; what became of messages in the last one, without their age."""
    done = Delivered()
    for _ in range(times):
        done = world.deliver()
        world.clock.advance(121)
    return replace(done, longest_wait_s=0)


@pytest.mark.parametrize("reason", ["channel_not_found", "not_in_channel", "is_archived"])
def test_the_fifth_try_shows_the_card_in_the_stacks_channel_and_the_time_to_decide_begins(reason: str) -> None:
    world = asked(reason)

    fourth = tried(world, 4)
    before = dict(world.chat.messages)
    fifth = tried(world, 1)
    world.work()

    [shown] = world.chat.messages.values()
    assert (fourth, before, fifth) == (Delivered(put_off=1), {}, Delivered(sent=1))
    assert (shown.channel, says_so(shown)) == (CHANNEL, True)
    assert world.approval.deadline is not None


def test_a_card_shown_elsewhere_says_so_through_all_its_changes() -> None:
    world = asked()
    tried(world, 5)
    world.vote(BEN)
    world.vote(CHEN)
    world.work()

    [shown] = [s for s in world.chat.messages.values() if "approved" in s.text.lower()]
    assert (shown.channel, says_so(shown), world.approval.status) == (CHANNEL, True, ApprovalStatus.APPROVED)
    assert shown.revisions > 0


def test_a_channel_that_is_put_right_in_time_gets_its_card() -> None:
    world = asked()
    tried(world, 4)
    world.chat.closed.clear()
    world.work()

    [shown] = world.chat.messages.values()
    assert (shown.channel, says_so(shown)) == (FRAUD, False)


def test_a_card_whose_channel_is_archived_moves_on() -> None:
    world = asked()
    world.chat.closed.clear()
    world.work()
    world.chat.closed[FRAUD] = "is_archived"
    world.vote(BEN)

    put_off = tried(world, 4)
    tried(world, 1)
    world.vote(CHEN)
    world.work()

    [shown] = [s for s in world.chat.messages.values() if s.channel == CHANNEL]
    assert (put_off.put_off, says_so(shown), "actions" in [b["type"] for b in shown.blocks]) == (1, True, False)
    assert world.approval.channel_id == CHANNEL


def test_a_notice_takes_the_same_way() -> None:
    world = World()
    message = Message("notice|1", MessageKind.NOTICE, {"channel": FRAUD, "text": "hello"})
    world.records.commit(Commit(messages=(message,)), at=world.clock.now())
    world.chat.closed[FRAUD] = "channel_not_found"

    tried(world, 5)

    [shown] = world.chat.messages.values()
    assert (shown.channel, says_so(shown), "hello" in repr(shown.blocks[1:])) == (CHANNEL, True, True)


@pytest.mark.parametrize("channel", [CHANNEL, BEN])
def test_what_is_for_one_person_or_for_the_stacks_own_channel_has_no_other_way(channel: str) -> None:
    world = World()
    message = Message("notice|1", MessageKind.NOTICE, {"channel": channel, "text": "hello"})
    world.records.commit(Commit(messages=(message,)), at=world.clock.now())
    world.chat.closed[channel] = "channel_not_found"

    done = tried(world, 10)

    assert (done, world.chat.messages) == (Delivered(put_off=1), {})


def test_where_neither_channel_takes_it_a_message_waits_and_then_dies() -> None:
    world = asked()
    world.chat.closed[CHANNEL] = "is_archived"

    waited = tried(world, 10)
    world.clock.advance(7 * DAY)
    given_up = tried(world, 1)

    assert (waited, given_up) == (Delivered(put_off=1), Delivered(dead=1))
    assert [row.reason for row in world.records.outbox.values() if row.state == "dead"] == [
        "chat.postMessage: is_archived"
    ]


def test_an_outage_of_slack_sends_nothing_astray() -> None:
    world = asked()
    world.chat.closed.clear()
    world.chat.down = TransientFailure("chat.postMessage: ConnectionError")

    tried(world, 30)
    world.chat.down = None
    world.work()

    assert [shown.channel for shown in world.chat.messages.values()] == [FRAUD]


def test_a_full_card_still_fits_with_its_first_line() -> None:
    full = Card("x", tuple({"type": "divider"} for _ in range(50)))

    assert len(detoured(full, FRAUD).blocks) == 50
