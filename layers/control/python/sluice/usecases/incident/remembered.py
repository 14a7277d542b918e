"""How an incident is read and written, and how the newest one of an endpoint is found."""

from dataclasses import dataclass

from sluice.errors import PermanentFailure
from sluice.model.commit import Save
from sluice.model.endpoint import endpoint_id
from sluice.model.ids import IncidentId, Micros
from sluice.model.incident import EndpointIncidents, Incident
from sluice.ports import Records
from sluice.usecases.remembering import Known, keep, recall

_MINUTE = 60 * 1_000_000
_RUNNING = 5 * _MINUTE
"""Microseconds that an execution is left alone after a write: a dead one is found within the quarter of an hour."""
_DRAFTED_WITHIN = 6 * 60 * _MINUTE
"""Microseconds after the end in which the draft of the review is tried again and again."""


@dataclass(frozen=True, slots=True)
class OfEndpoint:
    """The newest incident of an endpoint with the index that names it; both None before the first."""

    index: Known[EndpointIncidents] | None = None
    newest: Known[Incident] | None = None

    @property
    def number(self) -> int:
        """The number of the newest incident, 0 before the first."""
        return 0 if self.index is None else self.index.value.number


def save_incident(incident: Incident, known: Known[Incident] | None, now: Micros) -> Save:
    """The write of an incident over what was known of it (None: nothing)."""
    return keep(known, incident, incident.id, due_at=due_at(incident, now))


def due_at(incident: Incident, now: Micros) -> Micros | None:
    """When somebody should see whether it still goes on; None once it is over and its review drafted, or given up."""
    if incident.is_over and (incident.review or _is_long_over(incident, now)):
        return None
    return Micros(now + _RUNNING)


def _is_long_over(incident: Incident, now: Micros) -> bool:
    return incident.resolved is not None and now - incident.resolved.at > _DRAFTED_WITHIN


def incident_of(records: Records, incident_id: IncidentId) -> Known[Incident]:
    """An incident that has to be on record; raises PermanentFailure when it is not."""
    known = recall(records, Incident, incident_id)
    if known is None:
        raise PermanentFailure(f"incident {incident_id} is not on record")
    return known


def incidents_of(records: Records, region: str, endpoint: str) -> OfEndpoint:
    """The newest incident of an endpoint."""
    index = recall(records, EndpointIncidents, endpoint_id(region, endpoint))
    return OfEndpoint() if index is None else OfEndpoint(index, incident_of(records, index.value.newest))
