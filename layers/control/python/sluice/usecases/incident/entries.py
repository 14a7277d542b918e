"""Ledger entries about an incident, each with what it is bound to."""

from typing import Any

from sluice.model.commit import Entry, group_chain
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import IncidentId
from sluice.model.incident import Incident


def incident_subject(incident_id: IncidentId) -> str:
    """What the ledger's entries about an incident name as their subject."""
    return f"incident/{incident_id}"


def incident_entry(incident: Incident, kind: EntryKind, key: str, body: dict[str, Any]) -> Entry:
    """A fact about an incident in the chain of its group; the same key is the same fact."""
    bound: dict[str, Any] = {
        "incident_id": incident.id,
        "region": incident.region,
        "endpoint": incident.endpoint,
        "mode": incident.mode.value,
        "severity": incident.severity.value,
    }
    return Entry(
        chain=group_chain(incident.group),
        key=f"{kind}|{incident.id}|{key}",
        kind=kind,
        subject=incident_subject(incident.id),
        body=bound | body,
    )
