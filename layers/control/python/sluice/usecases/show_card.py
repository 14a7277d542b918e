"""The card of an approval, kept up to date; its first post starts the time to decide."""

from dataclasses import replace

from sluice.core.card import approval_card
from sluice.model.approval import Approval
from sluice.model.approval_commands import CardDelivered
from sluice.model.command_json import to_json
from sluice.model.commit import Save
from sluice.model.ids import ApprovalId, Micros
from sluice.model.posted import Posted
from sluice.usecases.deciding import save
from sluice.usecases.delivering import Delivering
from sluice.usecases.remembering import Known
from sluice.usecases.showing import Showing


def show_card(approval_id: ApprovalId, world: Delivering, *, attempt: int) -> None:
    """Post the card, or bring the posted one up to date. Only the first post starts the time to decide."""
    first = Showing(Approval, approval_card, _noted, _save).show(approval_id, world, attempt=attempt)
    if first is not None and first[0].is_open:
        world.queue.send(to_json(CardDelivered(approval_id, first[1])))


def _noted(approval: Approval, posted: Posted, at: Micros) -> Approval:
    return replace(approval, message_ts=posted.ts, posted_in=posted.channel, posted_at=approval.posted_at or at)


def _save(approval: Approval, known: Known[Approval], now: Micros) -> Save:
    del now
    return save(approval, known)
