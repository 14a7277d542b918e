"""The buttons of an incident's card and the forms behind them: what each means, and what has to be said with it."""

from typing import Final

from sluice.core.reason_modal import CLEAR_HOLD, ROLL_BACK, ReasonForm, reason_view
from sluice.core.slack_text import Block
from sluice.model.ids import IncidentId
from sluice.model.incident_wish import IncidentWish

PRESSES: Final = {f"incident_{wish.value}": wish for wish in IncidentWish}
"""action_id of a button -> what it asks; the button's value is the incident's id and nothing else."""
NEED_A_REASON: Final = frozenset({IncidentWish.RESOLVE, IncidentWish.ROLL_BACK, IncidentWish.CLEAR_HOLD})
"""What nobody asks for without saying why."""
FORMS: Final = frozenset(f"incident_{wish.value}" for wish in NEED_A_REASON)
"""action_ids that open a form; the form's callback_id is the same, so that the two cannot drift apart."""
_FORMS: Final = {
    f"incident_{IncidentWish.RESOLVE}": ReasonForm(
        "Resolve", "Resolve", "Why is it over?", "What was wrong, and why it is well now"
    ),
    f"incident_{IncidentWish.ROLL_BACK}": ROLL_BACK,
    f"incident_{IncidentWish.CLEAR_HOLD}": CLEAR_HOLD,
}


def incident_form(action_id: str, incident_id: IncidentId) -> Block:
    """The view that a button of FORMS opens; it carries the incident's id and nothing else."""
    return reason_view(action_id, _FORMS[action_id], incident_id)
