"""A timer of an approval came due: remind, escalate, or let it expire to the policy's outcome."""

from dataclasses import replace

from sluice.core.modes import Situation
from sluice.core.notices import escalation, expired, reminder
from sluice.core.oncall import on_call
from sluice.model.approval import Approval
from sluice.model.approval_commands import Timer, TimerFired
from sluice.model.commit import Commit
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros, SlackUserId
from sluice.usecases.deciding import Case, Deciding, entry, joined, save, settlement_commit
from sluice.usecases.documents_in_force import schedule_in_force
from sluice.usecases.messages import notice
from sluice.usecases.remembering import settling_races
from sluice.usecases.resume_release import resume_release

SCHEDULE_PREFIX = "schedule:"


def run_timer(command: TimerFired, world: Deciding) -> None:
    """Do what the timer is for, once; a timer of a closed approval, or a repeat, does nothing."""
    settling_races(lambda: _attempt(command, world))
    resume_release(command.approval_id, world)


def _attempt(command: TimerFired, world: Deciding) -> None:
    case = Case.load(world.records, command.approval_id)
    # While evidence is collected again nobody waits for an answer: reconcile finds what came due meanwhile.
    if case is None or not case.approval.value.is_open or case.approval.value.on_hold:
        return
    match command.timer:
        case Timer.REMIND:
            _remind(case, command.number, world)
        case Timer.ESCALATE:
            _escalate(case, world)
        case Timer.EXPIRE:
            _expire(case, world)


def _remind(case: Case, number: int, world: Deciding) -> None:
    approval, now = case.approval.value, world.clock.now()
    if approval.reminded >= number:
        return
    reminded = replace(approval, reminded=number)
    commit = Commit(
        saves=(save(reminded, case.approval),),
        entries=(entry(reminded, EntryKind.APPROVERS_REMINDED, str(number), {"number": number}),),
        messages=(notice(f"remind|{approval.id}|{number}", approval.channel, reminder(approval, now)),),
    )
    world.records.commit(commit, at=now)


def _escalate(case: Case, world: Deciding) -> None:
    approval, now = case.approval.value, world.clock.now()
    if approval.escalated:
        return
    to = tuple(_reached(approval, world, now))
    escalated = replace(approval, escalated=True)
    drawn = escalation(approval, now, to)
    commit = Commit(
        saves=(save(escalated, case.approval),),
        entries=(entry(escalated, EntryKind.APPROVAL_ESCALATED, "", {"to": list(to)}),),
        messages=tuple(notice(f"escalate|{approval.id}", where, drawn) for where in (approval.channel, *to)),
    )
    world.records.commit(commit, at=now)


def _expire(case: Case, world: Deciding) -> None:
    approval, now = case.approval.value, world.clock.now()
    if approval.deadline is None or now < approval.deadline:
        return
    commit = settlement_commit(case, Situation.EXPIRED, at=now, because=_nobody_decided(approval))
    told = notice(f"expired|{approval.id}", approval.channel, expired(approval))
    world.records.commit(joined(commit, messages=(told,)), at=now)


def _nobody_decided(approval: Approval) -> str:
    hours = approval.timing.expires_after_s / 3600
    return f"Nobody completed the decision within {hours:g} hours of its delivery."


def _reached(approval: Approval, world: Deciding, now: Micros) -> list[SlackUserId]:
    """The people to tell: those named, and whoever is on call in the schedules named."""
    reached: list[SlackUserId] = []
    for target in approval.timing.escalate_to:
        if not target.startswith(SCHEDULE_PREFIX):
            reached.append(SlackUserId(target))
            continue
        schedule = schedule_in_force(world.records, target.removeprefix(SCHEDULE_PREFIX))
        person = None if schedule is None else on_call(schedule, now)
        reached += [] if person is None else [person]
    return list(dict.fromkeys(reached))
