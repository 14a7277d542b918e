"""Somebody acknowledged or resolved at PagerDuty: the same as if they had pressed the button, and not echoed back."""

from sluice.core.incident.hearing import Hearing, Word, hear
from sluice.model.commit import Commit
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros
from sluice.model.incident import Answered
from sluice.model.incident_commands import PagerSaid
from sluice.model.incident_wish import IncidentWish
from sluice.usecases.deciding import Deciding
from sluice.usecases.incident.hearing_out import Case, taken_commit, word_entry
from sluice.usecases.incident.wake_incident import wake_incident
from sluice.usecases.remembering import settling_races

_HEARD = frozenset({IncidentWish.ACKNOWLEDGE, IncidentWish.RESOLVE})


def pager_said(command: PagerSaid, world: Deciding) -> None:
    """Note it once, however often and late it is told; for an incident that is not known here, nothing."""
    hearing = settling_races(lambda: _attempt(command, world))
    if hearing is not Hearing.REFUSED:
        wake_incident(command.incident_id, world)


def _word(command: PagerSaid, case: Case, now: Micros) -> Word:
    """What was said. While Sluice is at work on production nothing can be over: then somebody has come, at least."""
    at_work = case.answer is not None and not case.answer.is_over
    ends = command.kind is IncidentWish.RESOLVE
    by = Answered("pagerduty", now, name=command.name, reason="resolved at PagerDuty" if ends else "")
    return Word(IncidentWish.ACKNOWLEDGE if ends and at_work else command.kind, by, command.at)


def _attempt(command: PagerSaid, world: Deciding) -> Hearing:
    case, now = Case.load(world.records, command.incident_id), world.clock.now()
    if case is None or command.kind not in _HEARD:
        return Hearing.ALREADY
    word = _word(command, case, now)
    heard = hear(case.incident.value, word, case.answer, held=case.held is not None)
    if heard.hearing is Hearing.GRANTED:
        commit = taken_commit(case, heard.incident, word, command.event_id, world.records)
        world.records.commit(commit, at=now)
    elif heard.hearing is Hearing.REFUSED:
        entry = word_entry(heard.incident, EntryKind.INCIDENT_ASK_REFUSED, word, command.event_id, why=heard.message)
        world.records.commit(Commit(entries=(entry,)), at=now)
    return heard.hearing
