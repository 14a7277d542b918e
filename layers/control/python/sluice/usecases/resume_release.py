"""A settled approval's execution gets its answer: from the record, as often as it takes, with one effect."""

from dataclasses import replace

from sluice.model.approval import Approval
from sluice.model.approval_commands import Timer
from sluice.model.codec import encode
from sluice.model.commit import Commit
from sluice.model.ids import ApprovalId
from sluice.usecases.deciding import Deciding, save
from sluice.usecases.remembering import recall, settling_races


def resume_release(approval_id: ApprovalId, world: Deciding) -> None:
    """Resume what waits for a settled approval; an open or already resumed one is left alone.

    Step Functions takes one answer per task token, so that an answer sent twice after a death counts once.
    """
    settling_races(lambda: _attempt(approval_id, world))


def timer_name(approval_id: ApprovalId, timer: Timer, number: int = 0) -> str:
    """Name of a schedule (EventBridge Scheduler: at most 64 of `[0-9a-zA-Z-_.]`)."""
    return f"{approval_id}-{timer.value}-{number}"


def _attempt(approval_id: ApprovalId, world: Deciding) -> None:
    """Answer, then mark the record that was read: whoever put a new token since has written it, and is answered too."""
    known = recall(world.records, Approval, approval_id)
    if known is None or known.value.answer is None or known.value.resumed:
        return
    token = world.tokens.get(approval_id)
    taken = token is not None and world.waiting.resume(token, encode(known.value.answer))
    _cancel_timers(known.value, world)
    world.records.commit(Commit(saves=(save(replace(known.value, resumed=True), known),)), at=world.clock.now())
    if taken:
        # A token that nobody waits for is harmless, and the next one may take its place at this moment.
        world.tokens.forget(approval_id)


def _cancel_timers(approval: Approval, world: Deciding) -> None:
    if approval.delivered_at is None:
        return
    world.timers.cancel(timer_name(approval.id, Timer.EXPIRE))
    if approval.timing.escalate_after_s is not None:
        world.timers.cancel(timer_name(approval.id, Timer.ESCALATE))
    for number in range(1, len(approval.timing.remind_after_s) + 1):
        world.timers.cancel(timer_name(approval.id, Timer.REMIND, number))
