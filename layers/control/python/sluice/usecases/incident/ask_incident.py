"""A person asks something of an incident: note it if they may and it can be done, and tell them what is true."""

from dataclasses import replace

from sluice.core.incident.answering import with_answer
from sluice.core.incident.hearing import Heard, Hearing, Word, asked_of, hear
from sluice.core.incident.notices import hold_cleared
from sluice.core.rollback.requesting import new_rollback
from sluice.model.commit import Commit
from sluice.model.entry_kinds import EntryKind
from sluice.model.incident import Answered
from sluice.model.incident_commands import AskIncident
from sluice.model.incident_wish import IncidentWish
from sluice.model.rollback import Demand
from sluice.usecases.deciding import Deciding, joined
from sluice.usecases.incident.hearing_out import Case, taken_commit, word_entry
from sluice.usecases.incident.pressing import UNKNOWN, Pressing
from sluice.usecases.incident.remembered import save_incident
from sluice.usecases.incident.wake_incident import wake_incident
from sluice.usecases.messages import incident_card, notice
from sluice.usecases.remembering import keep, settling_races
from sluice.usecases.rollback.remembered import save_rollback
from sluice.usecases.rollback.starting import start_rollback


def ask_incident(command: AskIncident, world: Deciding) -> None:
    """Note a wish once, however often its message comes; what died after its record is done by the next one."""
    pressing = Pressing(command, world)
    hearing = settling_races(lambda: _attempt(pressing))
    if hearing is Hearing.REFUSED:
        return
    if command.kind is IncidentWish.ROLL_BACK:
        _start(command, world)
    wake_incident(command.incident_id, world)


def _attempt(pressing: Pressing) -> Hearing:
    command, world = pressing.press, pressing.world
    case, now = Case.load(world.records, command.incident_id), world.clock.now()
    if case is None:
        world.records.commit(Commit(messages=(pressing.told(None, UNKNOWN),)), at=now)
        return Hearing.REFUSED
    by = Answered("slack", now, command.person, pressing.name, command.reason.strip())
    word = Word(command.kind, by, command.pressed_at)
    away = pressing.turned_away(case.incident.value)
    heard = Heard(Hearing.REFUSED, case.incident.value, away) if away else _heard(case, word)
    told = pressing.told(heard.incident, heard.message)
    world.records.commit(joined(_commit(case, heard, word, pressing), messages=(told,)), at=now)
    return heard.hearing


def _heard(case: Case, word: Word) -> Heard:
    return hear(case.incident.value, word, case.answer, held=case.held is not None)


def _commit(case: Case, heard: Heard, word: Word, pressing: Pressing) -> Commit:
    match heard.hearing:
        case Hearing.ALREADY:
            return Commit()
        case Hearing.REFUSED:
            kind = EntryKind.INCIDENT_ASK_REFUSED
            return Commit(entries=(word_entry(heard.incident, kind, word, pressing.key, why=heard.message),))
        case Hearing.GRANTED:
            return _granted(case, heard, word, pressing)


def _granted(case: Case, heard: Heard, word: Word, pressing: Pressing) -> Commit:
    match word.wish:
        case IncidentWish.ACKNOWLEDGE | IncidentWish.RESOLVE:
            return taken_commit(case, heard.incident, word, pressing.key, pressing.world.records)
        case IncidentWish.ROLL_BACK:
            return _rollback(case, word, pressing)
        case IncidentWish.CLEAR_HOLD:
            return _cleared(case, word, pressing)


def _rollback(case: Case, word: Word, pressing: Pressing) -> Commit:
    """The next answer, with the person who wants it: then the mode and the limits of automation do not count."""
    incident, now = case.incident.value, word.by.at
    demand = Demand(pressing.press.person, pressing.name, word.by.reason, word.said_at)
    rollback = new_rollback(incident, asked_of(incident, word), at=now, demand=demand)
    after = with_answer(incident, rollback)
    body = {"rollback_id": rollback.id, "round": str(after.rounds), "source": rollback.signal.source}
    return Commit(
        saves=(save_incident(after, case.incident, now), save_rollback(rollback, None, now)),
        entries=(word_entry(after, EntryKind.ROLLBACK_REQUESTED, word, rollback.id, **body),),
        messages=(incident_card(after, now),),
    )


def _cleared(case: Case, word: Word, pressing: Pressing) -> Commit:
    """The hold is gone, and who said so is on record; the incident may be over by that."""
    held, incident, now = case.held, replace(case.incident.value, told=False), word.by.at
    if held is None:
        return Commit()
    drawn = hold_cleared(incident, pressing.press.person, word.by.reason)
    return Commit(
        saves=(
            keep(held, replace(held.value, hold=""), held.id),
            save_incident(incident, case.incident, now),
        ),
        entries=(word_entry(incident, EntryKind.HOLD_CLEARED, word, pressing.key, hold=held.value.hold),),
        messages=(
            notice(f"hold-cleared|{incident.id}|{pressing.key}", incident.channel, drawn),
            incident_card(incident, now),
        ),
    )


def _start(command: AskIncident, world: Deciding) -> None:
    """Start what this very press has asked for."""
    case = Case.load(world.records, command.incident_id)
    rollback = None if case is None else case.answer
    if rollback is None or rollback.is_over or rollback.demand is None:
        return
    if (rollback.demand.person, rollback.demand.at) == (command.person, command.pressed_at):
        start_rollback(rollback, world.rollbacks)
