"""The modal that asks why, before a rejection, a return or whatever else needs a reason counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sluice.core.slack_text import PRIVATE_METADATA, VIEW_TITLE, Block, plain
from sluice.model.approval import Choice
from sluice.model.ids import ApprovalId

REASON_BLOCK: Final = "reason"
REASON_INPUT: Final = "text"
MAX_REASON: Final = 1000
"""Fits a card beside the others and a registry description (1,024 characters)."""

_EXAMPLE: Final = "What the data scientist can act on"


@dataclass(frozen=True, slots=True)
class ReasonForm:
    """Title, the word on its button, the question, and an example of an answer."""

    title: str
    submit: str
    asked: str
    example: str = _EXAMPLE


ROLL_BACK: Final = ReasonForm("Roll back", "Roll back", "Why is it taken back?")
CLEAR_HOLD: Final = ReasonForm(
    "Clear hold", "Clear hold", "What was put right?", "What was wrong, and why it serves well now"
)
_CHOICES: Final = {
    Choice.REJECT: ReasonForm("Reject", "Reject", "Why is it rejected?"),
    Choice.REQUEST_CHANGES: ReasonForm("Request changes", "Request changes", "What has to change?"),
}
CALLBACKS: Final = {f"reason_{choice.value}": choice for choice in _CHOICES}
"""callback_id of a submitted view -> what it answers."""


def reason_modal(approval_id: ApprovalId, choice: Choice) -> Block:
    """A view for views.open; it carries the opaque id of the approval and nothing else."""
    return reason_view(f"reason_{choice.value}", _CHOICES[choice], approval_id)


def reason_view(callback_id: str, form: ReasonForm, subject: str) -> Block:
    """A view for views.open; it carries the opaque id of what it is about and nothing else."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": subject[:PRIVATE_METADATA],
        "title": plain(form.title, VIEW_TITLE),
        "submit": plain(form.submit, VIEW_TITLE),
        "close": plain("Cancel", VIEW_TITLE),
        "blocks": [_reason_input(form)],
    }


def _reason_input(form: ReasonForm) -> Block:
    """The field of a form that asks why; it cannot be left empty."""
    element = {
        "type": "plain_text_input",
        "action_id": REASON_INPUT,
        "multiline": True,
        "min_length": 3,
        "max_length": MAX_REASON,
        "placeholder": plain(form.example, 150),
        "focus_on_load": True,
    }
    hint = plain("Shown to the team and kept in the ledger.", 150)
    return {
        "type": "input",
        "block_id": REASON_BLOCK,
        "optional": False,
        "label": plain(form.asked, 150),
        "hint": hint,
        "element": element,
    }


def given_reason(view: Mapping[str, Any]) -> str:
    """The reason in a submitted view, stripped; empty when there is none."""
    found: Any = view
    for name in ("state", "values", REASON_BLOCK, REASON_INPUT, "value"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found.strip() if isinstance(found, str) else ""


def refusal(message: str) -> Block:
    """The answer to a submission that keeps the modal open and shows why beside the field."""
    return {"response_action": "errors", "errors": {REASON_BLOCK: message}}
