"""Which buttons of an incident's card make sense now."""

from typing import Final

from sluice.core.slack_text import BUTTON_VALUE, Block, plain
from sluice.model.governing import Mode
from sluice.model.incident import Incident, IncidentStatus
from sluice.model.incident_wish import IncidentWish
from sluice.model.rollback import Rollback

RESPOND_BLOCK: Final = "respond"
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


def _button(incident: Incident, wish: IncidentWish) -> Block:
    button = {
        "type": "button",
        "text": plain(_LABELS[wish], 75),
        "action_id": f"incident_{wish.value}",
        "value": incident.id[:BUTTON_VALUE],
    }
    return button | ({"style": _STYLES[wish]} if wish in _STYLES else {})
