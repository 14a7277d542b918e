"""Something happened to an incident: whatever waits for a word of it attends to it at once."""

from dataclasses import replace

from sluice.core.incident.attending import AttendRoute
from sluice.core.incident.naming import incident_token
from sluice.model.commit import Commit
from sluice.model.ids import IncidentId
from sluice.model.incident import Incident
from sluice.usecases.deciding import Deciding
from sluice.usecases.incident.remembered import save_incident
from sluice.usecases.incident.starting import start_incident
from sluice.usecases.remembering import recall, settling_races

_AGAIN = {"route": AttendRoute.AWAIT.value}


def wake_incident(incident_id: IncidentId, world: Deciding) -> None:
    """End the wait of an incident's execution, or have the one that follows see that something was said.

    The record is marked before the token is looked for, as the wait keeps its token before it reads the record: one of
    the two sees the other. Where nobody waits, the present attempt is started, in case that was never done.
    """
    incident = settling_races(lambda: _marked(incident_id, world))
    if incident is None:
        return
    token = world.tokens.get(incident_token(incident_id))
    if token is None or not world.waiting.resume(token, _AGAIN):
        start_incident(incident, world.incidents)


def _marked(incident_id: IncidentId, world: Deciding) -> Incident | None:
    """The incident, marked as not attended to since; None for one that nothing is left to be done about."""
    known = recall(world.records, Incident, incident_id)
    if known is None or (known.value.is_over and known.value.review):
        return None
    if not known.value.told:
        return known.value
    now, marked = world.clock.now(), replace(known.value, told=False)
    world.records.commit(Commit(saves=(save_incident(marked, known, now),)), at=now)
    return marked
