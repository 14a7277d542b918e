"""An incident is attended to: whoever is due is called, what is over is recorded, and the machine waits for a word.

The token is kept before the record is read: whoever changes the incident says so on the record before looking for the
token, so that one of the two sees the other, and no word is lost between attending and waiting.
"""

from dataclasses import dataclass, replace

from sluice.core.incident.attending import AttendRoute, Plan, attend, newest_failed
from sluice.core.incident.calling import Sight
from sluice.core.incident.naming import incident_token
from sluice.core.incident.notices import resolved_notice
from sluice.core.incident.routing import CHANNEL, schedules_of
from sluice.core.oncall import on_call
from sluice.model.commit import Commit, Entry, Message
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import IncidentId, Micros
from sluice.model.incident import Incident
from sluice.model.incident_commands import WakeIncident
from sluice.model.page import PageAction, PageOrder
from sluice.model.records import PolicyRecord
from sluice.ports import Clock, Records, Tokens
from sluice.usecases.documents_in_force import schedule_in_force
from sluice.usecases.incident.entries import incident_entry
from sluice.usecases.incident.freeze import with_freeze, without_freeze
from sluice.usecases.incident.hearing_out import held_endpoint, rollbacks_of
from sluice.usecases.incident.remembered import incident_of, save_incident
from sluice.usecases.messages import command, incident_card, notice, page
from sluice.usecases.remembering import Known, recall, settling_races

_KEPT = 24 * 3600 * 1_000_000
"""Microseconds that a token is kept after its wait should have ended."""

TURNS = 1000
"""Turns of one execution, each of about 13 events: its history may have 25,000, and an alarm that flaps takes many."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """Which execution attends to which incident, and how often it did so before."""

    incident_id: IncidentId
    attempt: int
    turn: int = 0


@dataclass(frozen=True, slots=True)
class AwaitedWord:
    """The wait that begins: its length in seconds, and the token to end it with."""

    incident_id: IncidentId
    attempt: int
    wait_s: int
    task_token: str


@dataclass(frozen=True, slots=True)
class Attention:
    """What the machine does next: wait so long for a word, draft the review, or end."""

    route: AttendRoute
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class Attending:
    """The ports of attend_incident."""

    records: Records
    tokens: Tokens
    clock: Clock


def attend_incident(attendance: Attendance, world: Attending) -> Attention:
    """Do what is due, once; an execution that was replaced does nothing."""
    return settling_races(lambda: _attempt(attendance, world))


def await_word(awaited: AwaitedWord, world: Attending) -> None:
    """Keep the token; if something was said since the incident was attended to, end the wait at once.

    An execution that was replaced keeps none: it would put it over that of the one that attends now.
    """
    if incident_of(world.records, awaited.incident_id).value.attempt != awaited.attempt:
        return
    now = world.clock.now()
    expires = Micros(now + awaited.wait_s * 1_000_000 + _KEPT)
    world.tokens.put(incident_token(awaited.incident_id), awaited.task_token, expires=expires)
    if incident_of(world.records, awaited.incident_id).value.told:
        return
    woken = command(f"{awaited.incident_id}|{now}", WakeIncident(awaited.incident_id, "something was said meanwhile"))
    world.records.commit(Commit(messages=(woken,)), at=now)


def _attempt(attendance: Attendance, world: Attending) -> Attention:
    known = incident_of(world.records, attendance.incident_id)
    if known.value.attempt != attendance.attempt:
        return Attention(AttendRoute.DONE)
    if attendance.turn >= TURNS and not known.value.is_over:
        return _handed_over(known, world)
    plan = attend(known.value, _sight(known.value, world))
    told = replace(plan, incident=replace(plan.incident, told=True))
    if told.incident != known.value:
        _record(known, told, world)
    return Attention(plan.route, plan.wait_s)


def _handed_over(known: Known[Incident], world: Attending) -> Attention:
    """Another execution attends from now on: who wakes the incident starts it."""
    now, after = world.clock.now(), replace(known.value, attempt=known.value.attempt + 1, told=False)
    woken = command(f"{after.id}|{after.attempt}", WakeIncident(after.id, "it goes on in another execution"))
    world.records.commit(Commit((save_incident(after, known, now),), messages=(woken,)), at=now)
    return Attention(AttendRoute.DONE)


def _sight(incident: Incident, world: Attending) -> Sight:
    now, records = world.clock.now(), world.records
    policy = recall(records, PolicyRecord, incident.group.lower())
    rollbacks = rollbacks_of(records, incident)
    schedules = ((name, schedule_in_force(records, name)) for name in schedules_of(incident.paging))
    answers = {name: on_call(schedule, now) for name, schedule in schedules if schedule is not None}
    return Sight(
        now=now,
        on_call={name: person for name, person in answers.items() if person is not None},
        contacts=() if policy is None else policy.value.in_force.contacts,
        rollback=rollbacks[-1] if rollbacks else None,
        failed=newest_failed(rollbacks),
        held=held_endpoint(records, incident) is not None,
    )


def _record(known: Known[Incident], plan: Plan, world: Attending) -> None:
    incident, now = plan.incident, world.clock.now()
    freezes = without_freeze if incident.is_over else with_freeze
    commit = Commit(
        saves=(save_incident(incident, known, now), *freezes(incident, world.records)),
        entries=_entries(plan),
        messages=_messages(plan, now),
    )
    world.records.commit(commit, at=now)


def _entries(plan: Plan) -> tuple[Entry, ...]:
    incident, found = plan.incident, []
    if plan.worsened:
        body = {"because": plan.worsened, "rollback_id": incident.worsened_by}
        found.append(incident_entry(incident, EntryKind.SEVERITY_RAISED, str(incident.worsened_by), body))
    if plan.page:
        called = {"to": list(plan.page), "level": incident.level, "round": incident.pages}
        found.append(incident_entry(incident, EntryKind.PEOPLE_PAGED, str(incident.pages), called))
    if plan.resolved and incident.resolved is not None:
        ended = {"via": "signal", "reason": incident.resolved.reason}
        found.append(incident_entry(incident, EntryKind.INCIDENT_RESOLVED, str(incident.reopened), ended))
    return tuple(found)


def _messages(plan: Plan, now: Micros) -> tuple[Message, ...]:
    incident = plan.incident
    anew = 0 < incident.taken_in == incident.pages - 1
    pages = [page(PageOrder(incident.id, t, PageAction.TRIGGER, incident.pages, anew)) for t in plan.page]
    if plan.news:
        # Each answer is told once: they are counted, as rounds of pages are.
        told = (target for target in incident.paged if target != CHANNEL and target not in plan.page)
        pages += [page(PageOrder(incident.id, target, PageAction.UPDATE, incident.rounds)) for target in told]
    if plan.resolved:
        ended = notice(f"incident-over|{incident.id}|{incident.reopened}", incident.channel, resolved_notice(incident))
        over = [page(PageOrder(incident.id, target, PageAction.RESOLVE, incident.pages)) for target in incident.paged]
        pages += [ended, *over]
    if plan.page or plan.worsened or plan.resolved:
        pages.append(incident_card(incident, now))
    return tuple(pages)
