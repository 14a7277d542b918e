"""A rollback as it is asked for: by a signal of an incident, or by a person. Pure."""

from sluice.core.rollback.naming import rollback_id_of
from sluice.model.ids import Micros
from sluice.model.incident import Incident
from sluice.model.rollback import Demand, Rollback
from sluice.model.signal import Signal


def new_rollback(incident: Incident, signal: Signal, *, at: Micros, demand: Demand | None = None) -> Rollback:
    """The next answer to the signals of an incident; whoever records it counts it there (`Incident.rounds`)."""
    return Rollback(
        id=rollback_id_of(incident.id, incident.rounds + 1),
        incident_id=incident.id,
        group=incident.group,
        region=incident.region,
        endpoint=incident.endpoint,
        signal=signal,
        requested_at=at,
        demand=demand,
    )
