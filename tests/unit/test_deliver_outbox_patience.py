"""How long a message is tried before it is given up."""

from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.approval import ApprovalStatus
from tests.packages import CHANNEL, DAY, a_policy
from tests.world import World


def asked() -> World:
    """A world in which the card of a package waits in the outbox."""
    world = World(a_policy())
    world.register()
    world.run_executions()
    return world


def test_a_card_that_no_channel_takes_is_delivered_once_somebody_has_put_that_right() -> None:
    world = asked()
    world.chat.down = TransientFailure("chat.postMessage: channel_not_found")
    world.deliver()
    world.clock.advance(3 * DAY)
    world.deliver()

    world.chat.down = None
    world.clock.advance(121)
    world.work()

    assert world.approval.message_ts is not None
    assert world.approval.status is ApprovalStatus.OPEN
    assert len(world.chat.texts(CHANNEL)) == 1


def test_after_a_week_a_message_is_given_up_with_its_reason() -> None:
    world = asked()
    world.chat.down = TransientFailure("chat.postMessage: channel_not_found")
    world.deliver()
    world.clock.advance(7 * DAY + 1)

    delivered = world.deliver()

    [row] = [row for row in world.records.outbox.values() if row.state == "dead"]
    assert (delivered.dead, row.reason) == (1, "chat.postMessage: channel_not_found")


def test_what_can_never_be_delivered_is_given_up_at_once() -> None:
    world = asked()
    world.chat.fail(PermanentFailure("chat.postMessage: invalid_blocks"))

    assert world.deliver().dead == 1
