"""Somebody wrote in the thread of an incident: it is on record, and whoever has it is not called for silence."""

from dataclasses import replace

from sluice.core.slack_text import one_line
from sluice.model.commit import Commit
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros
from sluice.model.incident import Incident, IncidentThread
from sluice.model.incident_commands import NoteIncident
from sluice.usecases.deciding import Deciding
from sluice.usecases.documents_in_force import people_in_force
from sluice.usecases.incident.entries import incident_entry
from sluice.usecases.incident.remembered import save_incident
from sluice.usecases.messages import incident_card
from sluice.usecases.remembering import recall, settling_races

_LONGEST = 1000


def note_incident(command: NoteIncident, world: Deciding) -> None:
    """Note it once, however often Slack tells; what hangs on something else, or comes from elsewhere, is left alone."""
    if world.team and command.team != world.team:
        return
    thread = recall(world.records, IncidentThread, thread_id(command.channel, command.thread))
    if thread is not None and one_line(command.text):
        incident_id = thread.value.incident_id
        settling_races(lambda: _attempt(command, incident_id, world))


def thread_id(channel: str, ts: str) -> str:
    """Under which it is kept what a thread is about."""
    return f"{channel}/{ts}"


def _attempt(command: NoteIncident, incident_id: str, world: Deciding) -> None:
    known = recall(world.records, Incident, incident_id)
    if known is None:
        return
    now, written_at = world.clock.now(), moment_of(command.ts)
    incident = replace(known.value, word_at=max(known.value.word_at, min(written_at, now)))
    people = people_in_force(world.records).people
    body = {
        "person": command.person,
        "name": next((each.name for each in people if each.slack == command.person), ""),
        "text": one_line(command.text)[:_LONGEST],
        "at": written_at,
    }
    entry = incident_entry(incident, EntryKind.INCIDENT_NOTED, f"{command.channel}|{command.ts}", body)
    saves = () if incident == known.value else (save_incident(incident, known, now),)
    messages = (incident_card(incident, now),) if saves else ()
    world.records.commit(Commit(saves, (entry,), messages), at=now)


def moment_of(ts: str) -> Micros:
    """When Slack took a message: its ts is that moment."""
    seconds, _, fraction = ts.partition(".")
    return Micros(int(seconds) * 1_000_000 + int(fraction or 0))
