"""Names that make a race open one incident: of an incident, of its executions, and of the token that waits. Pure."""

import hashlib

from sluice.model.ids import ApprovalId, IncidentId


def incident_id_of(region: str, endpoint: str, number: int) -> IncidentId:
    """The one incident of that number of an endpoint, however its name is spelled."""
    return IncidentId(hashlib.sha256(f"{region}|{endpoint.lower()}|{number}".encode()).hexdigest()[:32])


def incident_execution(incident_id: IncidentId, attempt: int) -> str:
    """Name of an execution of `incident`: each attempt is started once (Step Functions: at most 80 characters)."""
    return f"{incident_id}-{attempt}"


def incident_token(incident_id: IncidentId) -> ApprovalId:
    """Under which the token of an incident's execution that waits is kept."""
    return ApprovalId(f"incident-{incident_id}")
