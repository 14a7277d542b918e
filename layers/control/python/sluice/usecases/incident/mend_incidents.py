"""An incident or a rollback that stands still is brought on: started, begun anew, told again of what has changed."""

from dataclasses import dataclass, replace

from sluice.core.incident.naming import incident_execution
from sluice.core.rollback.naming import rollback_execution
from sluice.model.command_json import to_json
from sluice.model.commit import Commit
from sluice.model.incident import Incident
from sluice.model.incident_commands import WakeIncident
from sluice.model.rollback import Rollback
from sluice.ports import CommandQueue
from sluice.usecases.incident.next_answer import answer_next
from sluice.usecases.incident.remembered import due_at, save_incident
from sluice.usecases.incident.starting import start_incident
from sluice.usecases.incident.take_signal import TakingSignals
from sluice.usecases.remembering import recall, settling_races
from sluice.usecases.rollback.remembered import save_rollback
from sluice.usecases.rollback.starting import start_rollback
from sluice.usecases.standing_still import GOING_ON, followed


@dataclass(frozen=True, slots=True)
class MendingIncidents:
    """What mending works with."""

    signals: TakingSignals
    queue: CommandQueue


def mend_incident(incident: Incident, world: MendingIncidents) -> str:
    """Bring on an incident that is due; what was done in words, empty when it goes on by itself."""
    signals = world.signals
    status = signals.incidents.status(incident_execution(incident.id, incident.attempt))
    if status in GOING_ON:
        return _told(incident, world)
    if status is None:
        start_incident(incident, signals.incidents)
        return "it is recorded but was not attended to"
    return settling_races(lambda: _attended_anew(incident, status, signals))


def mend_rollback(rollback: Rollback, world: MendingIncidents) -> str:
    """Bring on a rollback that is due; what was done in words, empty when it goes on by itself."""
    executions = world.signals.rollbacks
    status = executions.status(rollback_execution(rollback.id, rollback.attempt))
    if status in GOING_ON:
        return ""
    return followed(
        status,
        rollback.attempt,
        start=lambda: start_rollback(rollback, executions),
        begin_anew=lambda: _begun_anew(rollback, world.signals),
    )


def _told(incident: Incident, world: MendingIncidents) -> str:
    """The execution waits: whether it knows of everything, and whether everything that was raised has its answer."""
    if incident.is_over:
        return ""
    asked = answer_next(incident.id, world.signals)
    if incident.told and asked is None:
        return ""
    world.queue.send(to_json(WakeIncident(incident.id, "reconcile has found news of it")))
    return "what has changed is told again" if asked is None else "what was raised meanwhile asks for its own answer"


def _attended_anew(stopped: Incident, status: str, world: TakingSignals) -> str:
    """The next attempt, recorded first; an ended incident whose review cannot be drafted is left alone in the end."""
    known, now = recall(world.records, Incident, stopped.id), world.clock.now()
    if known is None or known.value.attempt != stopped.attempt or due_at(known.value, now) is None:
        return _left_alone(stopped, world)
    again = replace(known.value, attempt=stopped.attempt + 1, told=True)
    world.records.commit(Commit(saves=(save_incident(again, known, now),)), at=now)
    start_incident(again, world.incidents)
    return f"attempt {stopped.attempt} ended as {status} and is followed by another"


def _left_alone(stopped: Incident, world: TakingSignals) -> str:
    """Take an incident off the list of what is due, if it is still the one that was found there."""
    known, now = recall(world.records, Incident, stopped.id), world.clock.now()
    if known is None or known.value.attempt != stopped.attempt:
        return ""
    world.records.commit(Commit(saves=(save_incident(known.value, known, now),)), at=now)
    return "" if known.value.review else "its review could not be drafted"


def _begun_anew(stopped: Rollback, world: TakingSignals) -> bool:
    """The next attempt, recorded first: it finds from the record and the endpoint where to go on."""
    known = recall(world.records, Rollback, stopped.id)
    if known is None or known.value.attempt != stopped.attempt or known.value.is_over:
        return False
    again, now = replace(known.value, attempt=stopped.attempt + 1), world.clock.now()
    world.records.commit(Commit(saves=(save_rollback(again, known, now),)), at=now)
    start_rollback(again, world.rollbacks)
    return True
