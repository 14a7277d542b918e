"""Messages for the outbox, each with the key that makes delivering it twice one message."""

from typing import TYPE_CHECKING

from sluice.model.codec import encode
from sluice.model.command_json import to_json
from sluice.model.commit import Message, MessageKind
from sluice.model.ids import Micros, SlackUserId
from sluice.model.rollout import Rollout

if TYPE_CHECKING:
    from sluice.core.card import Card
    from sluice.model.approval import Approval
    from sluice.model.commands import Command
    from sluice.model.incident import Incident
    from sluice.model.page import PageOrder


def card(approval: "Approval", at: Micros) -> Message:
    """Draw the approval's card anew, from whatever its state is at delivery."""
    return Message(f"card|{approval.id}|{at}", MessageKind.CARD, {"approval_id": approval.id})


def rollout_card(rollout: Rollout, at: Micros) -> Message:
    """Draw the card of a rollout anew, from whatever its state is at delivery.

    Until it is posted there is one message, however often it is asked for: two deliverers would post two cards.
    """
    when = "first" if rollout.message_ts is None else str(at)
    return Message(f"rollout_card|{rollout.id}|{when}", MessageKind.ROLLOUT_CARD, {"rollout_id": rollout.id})


def notice(key: str, channel: str, drawn: "Card") -> Message:
    """A message to a channel, or to a person by their id."""
    body = {"channel": channel, "text": drawn.text, "blocks": list(drawn.blocks)}
    return Message(f"notice|{key}|{channel}", MessageKind.NOTICE, body)


def whisper(key: str, channel: str, person: SlackUserId, text: str) -> Message:
    """A text that only one person sees, in the channel where they pressed."""
    return Message(f"whisper|{key}", MessageKind.EPHEMERAL, {"channel": channel, "user": person, "text": text})


def command(key: str, asked: "Command") -> Message:
    """A command for the decisions queue that is not lost if its sender dies."""
    return Message(f"command|{type(asked).__name__}|{key}", MessageKind.COMMAND, to_json(asked))


def incident_card(incident: "Incident", at: Micros) -> Message:
    """Draw the card of an incident anew, from whatever its state is at delivery.

    Until it is posted there is one message, however often it is asked for: two deliverers would post two cards.
    """
    when = "first" if incident.message_ts is None else str(at)
    return Message(f"incident_card|{incident.id}|{when}", MessageKind.INCIDENT_CARD, {"incident_id": incident.id})


def page(order: "PageOrder") -> Message:
    """A page; ordered twice, it is one."""
    key = f"page|{order.incident_id}|{order.round}|{order.action.value}|{order.target}"
    return Message(key, MessageKind.PAGE, encode(order))


def domain_event(key: str, detail_type: str, detail: dict[str, object]) -> Message:
    """An event for Sluice's own bus."""
    body = {"detail_type": detail_type, "detail": detail}
    return Message(f"event|{detail_type}|{key}", MessageKind.DOMAIN_EVENT, body)
