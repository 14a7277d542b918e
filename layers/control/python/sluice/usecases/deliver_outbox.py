"""Messages leave the outbox: each is claimed, delivered, and marked; what cannot be delivered now waits longer."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import assert_never

from sluice.core.card import Card
from sluice.core.incident.page_targets import is_of_slack
from sluice.core.patience import wait_before
from sluice.errors import InvalidInput, PermanentFailure, Throttled, TransientFailure
from sluice.model.commit import MessageKind
from sluice.model.ids import ApprovalId, IncidentId, Micros, RolloutId
from sluice.model.outbox import PendingMessage
from sluice.usecases.delivering import Delivering
from sluice.usecases.rollout.show_rollout import show_rollout
from sluice.usecases.show_card import show_card

_CLAIM = 60 * 1_000_000
"""Microseconds for one delivery: more than the function may run."""
_PATIENCE = 7 * 24 * 3600 * 1_000_000
"""Microseconds for which a message is tried: as long as an execution waits for the delivery of its card."""
_ENOUGH_MS = 25_000
"""Milliseconds that a delivery needs at most: a call until it is given up, one of Slack's instead, and its note."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many messages were sent, put off, given up, and left alone for want of time.

    `longest_wait_s` is the age of the oldest of those that wait on, put off or left.
    """

    sent: int = 0
    put_off: int = 0
    dead: int = 0
    left: int = 0
    longest_wait_s: int = 0

    def waiting_on(self, pending: PendingMessage, now: Micros) -> "Delivered":
        """The same with one more that waits on."""
        return replace(self, longest_wait_s=max(self.longest_wait_s, (now - pending.created_at) // 1_000_000))


def deliver_outbox(waiting: Iterable[PendingMessage], world: Delivering) -> Delivered:
    """Deliver each message that nobody else delivers at this moment; what there is no time for is left unclaimed.

    Pages go first: a Slack that hangs for every card must not keep anybody from being called.
    """
    done = Delivered()
    for pending in sorted(waiting, key=_turn):
        if world.time_left_ms() < _ENOUGH_MS:
            done = replace(done.waiting_on(pending, world.clock.now()), left=done.left + 1)
            continue
        claimed = world.outbox.claim(pending, until=Micros(world.clock.now() + _CLAIM))
        if claimed is not None:
            done = _deliver(claimed, world, done)
    return done


def _turn(pending: PendingMessage) -> tuple[bool, int, bool]:
    """Pages before all else; among them what was tried least, so that a pager that hangs holds up no other."""
    if pending.message.kind is not MessageKind.PAGE:
        return True, 0, False
    return False, pending.attempts, is_of_slack(str(pending.message.body["target"]))


def _deliver(claimed: PendingMessage, world: Delivering, done: Delivered) -> Delivered:
    try:
        _send(claimed, world)
    except Throttled as failure:
        return _put_off(claimed, str(failure), world, done, at_least_s=failure.wait_s)
    except TransientFailure as failure:
        return _put_off(claimed, str(failure), world, done)
    except (PermanentFailure, InvalidInput) as failure:
        return _given_up(claimed, str(failure), world, done)
    world.outbox.mark_sent(claimed, at=world.clock.now())
    return replace(done, sent=done.sent + 1)


def _put_off(
    claimed: PendingMessage, reason: str, world: Delivering, done: Delivered, *, at_least_s: int = 0
) -> Delivered:
    now = world.clock.now()
    if now - claimed.created_at > _PATIENCE:
        return _given_up(claimed, reason, world, done)
    wait = max(wait_before(claimed.attempts + 1), at_least_s * 1_000_000)
    world.outbox.mark_failed(claimed, due_at=Micros(now + wait), reason=reason)
    return replace(done.waiting_on(claimed, now), put_off=done.put_off + 1)


def _given_up(claimed: PendingMessage, reason: str, world: Delivering, done: Delivered) -> Delivered:
    world.outbox.mark_dead(claimed, reason=reason)
    return replace(done, dead=done.dead + 1)


def _send(claimed: PendingMessage, world: Delivering) -> None:  # noqa: C901  # one case a kind of message
    body = claimed.message.body
    match claimed.message.kind:
        case MessageKind.CARD:
            show_card(ApprovalId(body["approval_id"]), world, attempt=claimed.attempts)
        case MessageKind.ROLLOUT_CARD:
            show_rollout(RolloutId(body["rollout_id"]), world, attempt=claimed.attempts)
        case MessageKind.INCIDENT_CARD:
            _show_incident(claimed, world)
        case MessageKind.PAGE:
            _send_page(claimed, world)
        case MessageKind.NOTICE:
            drawn = Card(body["text"], tuple(body.get("blocks", ())))
            world.post(body["channel"], drawn, attempt=claimed.attempts)
        case MessageKind.EPHEMERAL:
            world.whisper(body["channel"], body["user"], text=body["text"])
        case MessageKind.DOMAIN_EVENT:
            world.bus.publish(body["detail_type"], body["detail"])
        case MessageKind.COMMAND:
            world.queue.send(body)
        case _ as never:
            assert_never(never)


def _show_incident(claimed: PendingMessage, world: Delivering) -> None:
    from sluice.usecases.incident.show_incident import show_incident  # most runs show none

    show_incident(IncidentId(claimed.message.body["incident_id"]), world, attempt=claimed.attempts)


def _send_page(claimed: PendingMessage, world: Delivering) -> None:
    from sluice.model.codec import decode  # most runs page nobody
    from sluice.model.page import PageOrder
    from sluice.usecases.incident.send_page import send_page

    order = decode(PageOrder, claimed.message.body)
    send_page(order, world, ordered_at=claimed.created_at, attempt=claimed.attempts)
