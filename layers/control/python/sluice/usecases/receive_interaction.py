"""Someone acted in Slack: open the form, or put the decision on the queue, and answer at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from sluice.core.card import ACTIONS
from sluice.core.reason_modal import CALLBACKS, MAX_REASON, given_reason, reason_modal, refusal
from sluice.errors import InvalidInput, PermanentFailure, TransientFailure
from sluice.model.approval import Choice
from sluice.model.commands import CastVote, to_json
from sluice.model.interaction import ButtonPressed, CommandTyped, FormSent, Interaction, Other
from sluice.ports import Chat, Clock, CommandQueue

HELP = (
    "Sluice asks for decisions on its cards in this workspace: Approve, Reject and Request changes are there. "
    "Who decides, and until when, is in the model group's policy at `/sluice/policies/GROUP` in Parameter Store."
)

type Answer = Mapping[str, Any] | None
"""What Slack gets as JSON; None is an empty 200."""


@dataclass(frozen=True, slots=True)
class Receiving:
    """What the entry works with."""

    chat: Chat
    queue: CommandQueue
    clock: Clock


def receive_interaction(interaction: Interaction, world: Receiving) -> Answer:
    """Answer one interaction; raises TransientFailure when it could not be kept, so that the person sees an error."""
    match interaction:
        case ButtonPressed():
            return _pressed(interaction, world)
        case FormSent():
            return _sent(interaction, world)
        case CommandTyped():
            return {"response_type": "ephemeral", "text": HELP}
        case Other():
            return None
        case _ as never:
            assert_never(never)


def _pressed(pressed: ButtonPressed, world: Receiving) -> Answer:
    choice = ACTIONS.get(pressed.action_id)
    if choice is None:
        return None
    if choice is not Choice.APPROVE:
        # The trigger lives 3 seconds, so the form is opened here and not behind the queue.
        return _asked_why(pressed, choice, world)
    vote = CastVote(
        pressed.approval_id,
        pressed.presser.person,
        pressed.presser.team,
        pressed.channel,
        choice,
        "",
        world.clock.now(),
    )
    world.queue.send(to_json(vote))
    return None


def _asked_why(pressed: ButtonPressed, choice: Choice, world: Receiving) -> Answer:
    try:
        world.chat.open_view(pressed.trigger_id, reason_modal(pressed.approval_id, choice))
    except PermanentFailure as failure:
        raise InvalidInput(f"no form can be opened for this press: {failure}") from failure
    return None


def _sent(sent: FormSent, world: Receiving) -> Answer:
    choice = CALLBACKS.get(sent.callback_id)
    if choice is None:
        return None
    reason = given_reason(sent.view)
    if not reason:
        return refusal("Please say why: the team reads this, and it is kept.")
    if len(reason) > MAX_REASON:
        return refusal(f"Please say it in at most {MAX_REASON} characters.")
    vote = CastVote(sent.approval_id, sent.presser.person, sent.presser.team, "", choice, reason, world.clock.now())
    try:
        world.queue.send(to_json(vote))
    except (TransientFailure, PermanentFailure):
        return refusal("Your decision could not be kept just now. Please send it again.")
    return {"response_action": "clear"}
