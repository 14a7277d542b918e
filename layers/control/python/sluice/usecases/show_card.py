"""The card of an approval: posted once, then kept up to date; posted again when somebody deleted it or its channel."""

from collections.abc import Callable
from dataclasses import replace

from sluice.core.card import approval_card
from sluice.core.detour import detoured
from sluice.errors import ChannelUnavailable, PermanentFailure, TransientFailure
from sluice.model.approval import Approval
from sluice.model.commands import CardDelivered, to_json
from sluice.model.commit import Commit
from sluice.model.ids import ApprovalId, Micros
from sluice.model.posted import Posted
from sluice.usecases.deciding import save
from sluice.usecases.delivering import Delivering
from sluice.usecases.remembering import Known, recall, settling_races

_DRAWINGS = 5


def show_card(approval_id: ApprovalId, world: Delivering, *, attempt: int) -> None:
    """Post the card, or bring the posted one up to date. Only the first post starts the time to decide."""
    known = recall(world.records, Approval, approval_id)
    if known is None:
        raise PermanentFailure(f"there is no approval {approval_id}")
    if known.value.message_ts is not None:
        _redraw(known, known.value.message_ts, world, attempt=attempt)
        return
    delivered_at = _post(known.value, world, attempt=attempt)
    if known.value.is_open:
        world.queue.send(to_json(CardDelivered(approval_id, delivered_at)))


def _redraw(known: Known[Approval], message_ts: str, world: Delivering, *, attempt: int) -> None:
    """Show the newest state; once more if it changed meanwhile, since this may have gone over a later drawing."""
    for _ in range(_DRAWINGS):
        if not _replaced(known.value, message_ts, world, attempt=attempt):
            _post(known.value, world, attempt=attempt)
            return
        newest = recall(world.records, Approval, known.value.id)
        if newest is None or newest.version == known.version:
            return
        known = newest
    raise TransientFailure(f"the approval changed through {_DRAWINGS} drawings of its card")


def _replaced(approval: Approval, message_ts: str, world: Delivering, *, attempt: int) -> bool:
    """Whether the card shows the approval; not when it was deleted, or its channel is waited for no longer."""
    drawn, shown_in = approval_card(approval, world.clock.now()), approval.channel_id
    if shown_in == world.channel != approval.channel:
        drawn = detoured(drawn, approval.channel)
    try:
        return world.chat.update(shown_in, message_ts, text=drawn.text, blocks=drawn.blocks)
    except ChannelUnavailable:
        if not world.gives_up(shown_in, attempt):
            raise
    return False


def _post(approval: Approval, world: Delivering, *, attempt: int) -> Micros:
    drawn = approval_card(approval, world.clock.now())
    posted = world.post(approval.channel, drawn, attempt=attempt)
    at = world.clock.now()
    settling_races(_noting(approval, posted, at, world))
    return at


def _noting(drawn: Approval, posted: Posted, at: Micros, world: Delivering) -> Callable[[], None]:
    """Note where the card is, unless another deliverer has posted one in its place since."""

    def note() -> None:
        known = recall(world.records, Approval, drawn.id)
        if known is not None and known.value.message_ts == drawn.message_ts:
            first_at = known.value.posted_at or at
            shown = replace(known.value, message_ts=posted.ts, posted_in=posted.channel, posted_at=first_at)
            world.records.commit(Commit(saves=(save(shown, known),)), at=world.clock.now())

    return note
