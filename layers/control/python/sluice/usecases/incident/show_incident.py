"""The card of an incident: one message from the first signal to the end."""

from dataclasses import replace

from sluice.core.card import Card
from sluice.core.card_rows import section
from sluice.core.slack_text import SECTION_TEXT, cut, one_line
from sluice.model.ids import IncidentId, Micros
from sluice.model.incident import Incident
from sluice.model.posted import Posted
from sluice.usecases.delivering import Delivering
from sluice.usecases.incident.remembered import save_incident
from sluice.usecases.showing import Showing


def show_incident(incident_id: IncidentId, world: Delivering, *, attempt: int) -> None:
    """Post the card, or bring the posted one up to date."""
    Showing(Incident, _drawn, _noted, save_incident).show(incident_id, world, attempt=attempt)


def _drawn(incident: Incident, now: Micros) -> Card:
    del now
    told = one_line(f"{incident.severity.value} · {incident.endpoint} · {incident.status.value}: {incident.summary}")
    return Card(cut(told, SECTION_TEXT), (section(cut(told, SECTION_TEXT)),))


def _noted(incident: Incident, posted: Posted, at: Micros) -> Incident:
    del at
    return replace(incident, message_ts=posted.ts, posted_in=posted.channel)
