"""The modal that asks why, before a rejection or a request for changes counts."""

from collections.abc import Mapping
from typing import Any, Final

from sluice.core.slack_text import PRIVATE_METADATA, VIEW_TITLE, Block, plain
from sluice.model.approval import Choice
from sluice.model.ids import ApprovalId

REASON_BLOCK: Final = "reason"
REASON_INPUT: Final = "text"
MAX_REASON: Final = 1000
"""Fits a card beside the others and a registry description (1,024 characters)."""

_TITLES: Final = {Choice.REJECT: "Reject", Choice.REQUEST_CHANGES: "Request changes"}
CALLBACKS: Final = {f"reason_{choice.value}": choice for choice in _TITLES}
"""callback_id of a submitted view -> what it answers."""


def reason_modal(approval_id: ApprovalId, choice: Choice) -> Block:
    """A view for views.open; it carries the opaque id of the approval and nothing else."""
    title = _TITLES[choice]
    return {
        "type": "modal",
        "callback_id": f"reason_{choice.value}",
        "private_metadata": approval_id[:PRIVATE_METADATA],
        "title": plain(title, VIEW_TITLE),
        "submit": plain(title, VIEW_TITLE),
        "close": plain("Cancel", VIEW_TITLE),
        "blocks": [reason_input("Why is it rejected?" if choice is Choice.REJECT else "What has to change?")],
    }


def reason_input(asked: str, *, example: str = "What the data scientist can act on") -> Block:
    """The field of a form that asks why; it cannot be left empty."""
    element = {
        "type": "plain_text_input",
        "action_id": REASON_INPUT,
        "multiline": True,
        "min_length": 3,
        "max_length": MAX_REASON,
        "placeholder": plain(example, 150),
        "focus_on_load": True,
    }
    hint = plain("Shown to the team and kept in the ledger.", 150)
    return {
        "type": "input",
        "block_id": REASON_BLOCK,
        "optional": False,
        "label": plain(asked, 150),
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
