"""The buttons of an incident's card and the forms behind them: what each means, and what has to be said with it."""

from dataclasses import dataclass
from typing import Final

from sluice.core.reason_modal import reason_input
from sluice.core.slack_text import BUTTON_VALUE, PRIVATE_METADATA, VIEW_TITLE, Block, plain
from sluice.model.governing import Mode
from sluice.model.ids import IncidentId
from sluice.model.incident import Incident, IncidentStatus, IncidentWish
from sluice.model.rollback import Rollback

RESPOND_BLOCK: Final = "respond"
PRESSES: Final = {f"incident_{wish.value}": wish for wish in IncidentWish}
"""action_id of a button -> what it asks; the button's value is the incident's id and nothing else."""
NEED_A_REASON: Final = frozenset({IncidentWish.RESOLVE, IncidentWish.ROLL_BACK, IncidentWish.CLEAR_HOLD})
"""What nobody asks for without saying why."""
FORMS: Final = frozenset(f"incident_{wish.value}" for wish in NEED_A_REASON)
"""action_ids that open a form; the form's callback_id is the same, so that the two cannot drift apart."""


@dataclass(frozen=True, slots=True)
class _Form:
    """Title, the word on its button, the question, and an example of an answer."""

    title: str
    submit: str
    asked: str
    example: str


_FORMS: Final = {
    f"incident_{IncidentWish.RESOLVE}": _Form(
        "Resolve", "Resolve", "Why is it over?", "What was wrong, and why it is well now"
    ),
    f"incident_{IncidentWish.ROLL_BACK}": _Form(
        "Roll back", "Roll back", "Why is it taken back?", "What the data scientist can act on"
    ),
    f"incident_{IncidentWish.CLEAR_HOLD}": _Form(
        "Clear hold", "Clear hold", "What was put right?", "What was wrong, and why it serves well now"
    ),
}
_LABELS: Final = {
    IncidentWish.ACKNOWLEDGE: "Acknowledge",
    IncidentWish.RESOLVE: "Resolve…",
    IncidentWish.ROLL_BACK: "Roll back…",
    IncidentWish.CLEAR_HOLD: "Clear hold…",
}
_STYLES: Final = {IncidentWish.ACKNOWLEDGE: "primary", IncidentWish.ROLL_BACK: "danger"}


def possible(incident: Incident, rollback: Rollback | None, *, held: bool) -> frozenset[IncidentWish]:
    """What can be asked now; `held` says that a rollback of this incident holds the endpoint."""
    found = {IncidentWish.CLEAR_HOLD} if held else set()
    if incident.is_over:
        return frozenset(found)
    found.add(IncidentWish.RESOLVE)
    if incident.status is IncidentStatus.OPEN or _is_called_again(incident):
        found.add(IncidentWish.ACKNOWLEDGE)
    if incident.mode is not Mode.OBSERVE and (rollback is None or rollback.is_over):
        found.add(IncidentWish.ROLL_BACK)
    return frozenset(found)


def _is_called_again(incident: Incident) -> bool:
    """Whether people were called once more after somebody took it."""
    return incident.acknowledged is not None and incident.paged_at > incident.acknowledged.at


def responding(incident: Incident, rollback: Rollback | None, *, held: bool) -> list[Block]:
    """The row of buttons that make sense now; nothing when there are none."""
    wishes = possible(incident, rollback, held=held)
    buttons = [_button(incident, wish) for wish in IncidentWish if wish in wishes]
    return [{"type": "actions", "block_id": RESPOND_BLOCK, "elements": buttons}] if buttons else []


def incident_form(action_id: str, incident_id: IncidentId) -> Block:
    """The view that a button of FORMS opens; it carries the incident's id and nothing else."""
    form = _FORMS[action_id]
    return {
        "type": "modal",
        "callback_id": action_id,
        "private_metadata": incident_id[:PRIVATE_METADATA],
        "title": plain(form.title, VIEW_TITLE),
        "submit": plain(form.submit, VIEW_TITLE),
        "close": plain("Cancel", VIEW_TITLE),
        "blocks": [reason_input(form.asked, example=form.example)],
    }


def _button(incident: Incident, wish: IncidentWish) -> Block:
    button = {
        "type": "button",
        "text": plain(_LABELS[wish], 75),
        "action_id": f"incident_{wish.value}",
        "value": incident.id[:BUTTON_VALUE],
    }
    return button | ({"style": _STYLES[wish]} if wish in _STYLES else {})
