"""Slack has taken the card: the time to decide begins to run, with its reminders, escalation and end."""

from dataclasses import replace

from sluice.model.approval import Approval
from sluice.model.approval_commands import CardDelivered, Timer, TimerFired
from sluice.model.codec import encode
from sluice.model.command_json import to_json
from sluice.model.commit import Commit
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros
from sluice.usecases.deciding import Deciding, entry, save
from sluice.usecases.messages import card
from sluice.usecases.remembering import recall, settling_races
from sluice.usecases.resume_release import timer_name

_AHEAD = 60 * 1_000_000
"""Microseconds from now to the earliest timer: EventBridge Scheduler may refuse a moment that is past or present."""


def start_timers(command: CardDelivered, world: Deciding) -> None:
    """Note the deadline once, and set the timers; a repeat sets those that are not there yet."""
    approval = settling_races(lambda: _note_delivery(command, world))
    if approval is None:
        return
    for timer, number, after_s in _timers(approval):
        now = world.clock.now()
        at = _later(approval.delivered_at or command.delivered_at, after_s)
        if at > now or timer is Timer.EXPIRE:
            fired = to_json(TimerFired(approval.id, timer, number))
            world.timers.set(timer_name(approval.id, timer, number), at=Micros(max(at, now + _AHEAD)), command=fired)


def _note_delivery(command: CardDelivered, world: Deciding) -> Approval | None:
    known = recall(world.records, Approval, command.approval_id)
    if known is None or not known.value.is_open:
        return None
    if known.value.delivered_at is not None:
        return known.value
    deadline = _later(command.delivered_at, known.value.timing.expires_after_s)
    running = replace(known.value, delivered_at=command.delivered_at, deadline=deadline)
    delivered = {"delivered_at": running.delivered_at, "deadline": deadline, "timing": encode(running.timing)}
    commit = Commit(
        saves=(save(running, known),),
        entries=(entry(running, EntryKind.APPROVAL_DELIVERED, "", delivered),),
        messages=(card(running, world.clock.now()),),
    )
    world.records.commit(commit, at=world.clock.now())
    return running


def _timers(approval: Approval) -> list[tuple[Timer, int, int]]:
    timing = approval.timing
    reminders = [(Timer.REMIND, n, after_s) for n, after_s in enumerate(timing.remind_after_s, start=1)]
    escalation = [] if timing.escalate_after_s is None else [(Timer.ESCALATE, 0, timing.escalate_after_s)]
    return [*reminders, *escalation, (Timer.EXPIRE, 0, timing.expires_after_s)]


def _later(moment: Micros, seconds: int) -> Micros:
    return Micros(moment + seconds * 1_000_000)
