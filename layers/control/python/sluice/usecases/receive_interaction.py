"""Someone acted in Slack: open the form, or put the decision on the queue, and answer at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from sluice.core.card import ACTIONS
from sluice.core.incident.presses import FORMS as INCIDENT_FORMS
from sluice.core.incident.presses import PRESSES as INCIDENT_PRESSES
from sluice.core.incident.presses import incident_form
from sluice.core.reason_modal import CALLBACKS, MAX_REASON, given_reason, reason_modal, refusal
from sluice.core.rollout.presses import CLEAR_HOLD, FORMS, PRESSES, rollout_form
from sluice.core.slack_text import Block
from sluice.errors import InvalidInput, PermanentFailure, TransientFailure
from sluice.model.approval import Choice
from sluice.model.approval_commands import CastVote
from sluice.model.command_json import to_json
from sluice.model.ids import ApprovalId, IncidentId, RolloutId
from sluice.model.incident_commands import AskIncident, NoteIncident
from sluice.model.interaction import ButtonPressed, CommandTyped, FormSent, Interaction, Other
from sluice.model.rollout_commands import AskRollout, ClearHold
from sluice.model.status_command import ShowStatus
from sluice.model.thread_event import Challenge, ThreadEvent, WroteInThread
from sluice.ports import Chat, Clock, CommandQueue

HELP = (
    "Sluice asks for decisions on its cards in this workspace: Approve, Reject and Request changes are there; "
    "the card of a rollout has Pause, Promote now and Roll back, that of an incident Acknowledge and Resolve. "
    "`/sluice status` tells you what is under way, `/sluice status NAME` for one model group or endpoint. "
    "Who decides, and until when, is in the model group's policy at `/sluice/policies/GROUP` in Parameter Store."
)

_LONGEST_NAME = 200
"""More than the name of a group or an endpoint has: 63 characters in SageMaker."""

_LONGEST_NOTE = 4000
"""Characters of what somebody wrote; a message of Slack's can be ten times as long."""

type Answer = Mapping[str, Any] | None
"""What Slack gets as JSON; None is an empty 200."""


@dataclass(frozen=True, slots=True)
class Receiving:
    """What the entry works with."""

    chat: Chat
    queue: CommandQueue
    clock: Clock


def receive_interaction(interaction: Interaction | ThreadEvent, world: Receiving) -> Answer:
    """Answer what a person did; raises TransientFailure when it could not be kept, so that the person sees an error."""
    match interaction:
        case ButtonPressed():
            return _pressed(interaction, world)
        case FormSent():
            return _sent(interaction, world)
        case CommandTyped():
            return _typed(interaction, world)
        case WroteInThread():
            return _wrote(interaction, world)
        case Challenge():
            return {"challenge": interaction.text}
        case Other():
            return None
        case _ as never:
            assert_never(never)


def _typed(typed: CommandTyped, world: Receiving) -> Answer:
    """What is under way is looked up behind the queue: this answer has 3 seconds."""
    verb, _, about = typed.text.strip().partition(" ")
    if verb.lower() != "status":
        return {"response_type": "ephemeral", "text": HELP}
    person, team = typed.presser.person, typed.presser.team
    about = about.strip().strip("`")[:_LONGEST_NAME]
    world.queue.send(to_json(ShowStatus(person, team, typed.channel, about, world.clock.now())))
    return None


def _wrote(wrote: WroteInThread, world: Receiving) -> Answer:
    """Whether the thread is an incident's is looked up behind the queue."""
    person, team = wrote.writer.person, wrote.writer.team
    text = wrote.text[:_LONGEST_NOTE]
    world.queue.send(to_json(NoteIncident(wrote.channel, wrote.thread, wrote.ts, person, team, text)))
    return None


def _pressed(pressed: ButtonPressed, world: Receiving) -> Answer:
    form = _form(pressed)
    if form is not None:
        # The trigger lives 3 seconds, so the form is opened here and not behind the queue.
        return _asked_why(pressed, form, world)
    command = _asked(pressed.action_id, pressed, "", world)
    if command is not None:
        world.queue.send(to_json(command))
    return None


def _form(pressed: ButtonPressed) -> Block | None:
    """The form that a button opens, for what needs a reason."""
    if pressed.action_id in FORMS:
        return rollout_form(pressed.action_id, RolloutId(pressed.subject))
    if pressed.action_id in INCIDENT_FORMS:
        return incident_form(pressed.action_id, IncidentId(pressed.subject))
    choice = ACTIONS.get(pressed.action_id)
    if choice is None or choice is Choice.APPROVE:
        return None
    return reason_modal(ApprovalId(pressed.subject), choice)


def _asked_why(pressed: ButtonPressed, form: Block, world: Receiving) -> Answer:
    try:
        world.chat.open_view(pressed.trigger_id, form)
    except PermanentFailure as failure:
        raise InvalidInput(f"no form can be opened for this press: {failure}") from failure
    return None


def _sent(sent: FormSent, world: Receiving) -> Answer:
    reason = given_reason(sent.view)
    command = _asked(sent.callback_id, sent, reason, world)
    if command is None:
        return None
    if not reason:
        return refusal("Please say why: the team reads this, and it is kept.")
    if len(reason) > MAX_REASON:
        return refusal(f"Please say it in at most {MAX_REASON} characters.")
    try:
        world.queue.send(to_json(command))
    except (TransientFailure, PermanentFailure):
        return refusal("Your decision could not be kept just now. Please send it again.")
    return {"response_action": "clear"}


def _asked(
    name: str, did: ButtonPressed | FormSent, reason: str, world: Receiving
) -> CastVote | AskRollout | ClearHold | AskIncident | None:
    """What a button or a form asks for, by its action_id or callback_id; None for what is nothing of ours."""
    now, person, team = world.clock.now(), did.presser.person, did.presser.team
    channel = did.channel if isinstance(did, ButtonPressed) else ""
    choice = ACTIONS.get(name) or CALLBACKS.get(name)
    if choice is not None:
        return CastVote(ApprovalId(did.subject), person, team, channel, choice, reason, now)
    if name == CLEAR_HOLD:
        return ClearHold(RolloutId(did.subject), person, team, channel, reason, now)
    if name in PRESSES:
        return AskRollout(RolloutId(did.subject), person, team, channel, PRESSES[name], reason, now)
    if name in INCIDENT_PRESSES:
        return AskIncident(IncidentId(did.subject), person, team, channel, INCIDENT_PRESSES[name], reason, now)
    return None
