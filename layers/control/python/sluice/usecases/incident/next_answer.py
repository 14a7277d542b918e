"""An answer has ended: what was raised meanwhile, and had to wait for it, asks for its own."""

from dataclasses import replace

from sluice.core.incident.answering import unanswered, with_answer
from sluice.core.rollback.requesting import new_rollback
from sluice.model.commit import Commit
from sluice.model.ids import IncidentId
from sluice.model.incident import Incident
from sluice.model.rollback import Rollback
from sluice.usecases.incident.remembered import save_incident
from sluice.usecases.incident.take_signal import TakingSignals
from sluice.usecases.incident.telling import requested_entry
from sluice.usecases.remembering import recall, settling_races
from sluice.usecases.rollback.remembered import save_rollback
from sluice.usecases.rollback.starting import start_rollback


def answer_next(incident_id: IncidentId, world: TakingSignals) -> Rollback | None:
    """Ask for the next rollback of an incident, if one is wanted and none is under way; asked twice, it is one."""
    rollback = settling_races(lambda: _attempt(incident_id, world))
    if rollback is not None:
        start_rollback(rollback, world.rollbacks)
    return rollback


def _attempt(incident_id: IncidentId, world: TakingSignals) -> Rollback | None:
    known = recall(world.records, Incident, incident_id)
    if known is None or known.value.is_over or known.value.rollback is None:
        return None
    last = recall(world.records, Rollback, known.value.rollback)
    if last is not None and not last.value.is_over:
        return None
    wanted = unanswered(known.value, None if last is None else last.value)
    if wanted is None:
        return None
    now = world.clock.now()
    rollback = new_rollback(known.value, wanted, at=now)
    incident = replace(with_answer(known.value, rollback), told=False)
    saves = (save_incident(incident, known, now), save_rollback(rollback, None, now))
    world.records.commit(Commit(saves, (requested_entry(incident, rollback),)), at=now)
    return rollback
