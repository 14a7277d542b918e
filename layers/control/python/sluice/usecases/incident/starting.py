"""The execution of an incident is started, once for each attempt."""

from sluice.core.incident.naming import incident_execution
from sluice.model.incident import Incident
from sluice.ports import Executions


def start_incident(incident: Incident, executions: Executions) -> str:
    """Start the present attempt of an incident; its execution's name. One that was started before is left alone."""
    name = incident_execution(incident.id, incident.attempt)
    executions.start(name, {"incident_id": incident.id, "attempt": incident.attempt})
    return name
