"""The card of an incident: one message from the first signal to the end."""

from dataclasses import replace

from sluice.core.card import Card
from sluice.core.incident.card import Beside, incident_card
from sluice.core.incident.happenings import lines
from sluice.model.commit import Commit
from sluice.model.ids import IncidentId, Micros
from sluice.model.incident import Incident, IncidentThread
from sluice.model.posted import Posted
from sluice.model.records import PolicyRecord
from sluice.model.rollback import Rollback
from sluice.usecases.delivering import Delivering
from sluice.usecases.incident.happened import happened
from sluice.usecases.incident.hearing_out import held_endpoint
from sluice.usecases.incident.note_incident import thread_id
from sluice.usecases.incident.remembered import save_incident
from sluice.usecases.remembering import keep, recall, settling_races
from sluice.usecases.showing import Showing

_READ = 500
"""Records of the group's chain that are read for a card: one that is drawn after weeks is not to read all of them."""
_SHOWN = 24
"""Records of the ledger that are read for a card; it shows the newest of them."""


def show_incident(incident_id: IncidentId, world: Delivering, *, attempt: int) -> None:
    """Post the card, or bring the posted one up to date; what is beside the incident is read as it is drawn."""

    def drawn(incident: Incident, now: Micros) -> Card:
        return incident_card(incident, _beside(incident, world), now)

    Showing(Incident, drawn, _noted, save_incident).show(incident_id, world, attempt=attempt)
    settling_races(lambda: _know_thread(incident_id, world))


def _know_thread(incident_id: IncidentId, world: Delivering) -> None:
    """What people write in the thread of the card is of this incident: they are found by the card's own place."""
    known = recall(world.records, Incident, incident_id)
    if known is None or known.value.message_ts is None:
        return
    place = thread_id(known.value.posted_in or known.value.channel, known.value.message_ts)
    if recall(world.records, IncidentThread, place) is None:
        thread = keep(None, IncidentThread(incident_id), place)
        world.records.commit(Commit(saves=(thread,)), at=world.clock.now())


def _beside(incident: Incident, world: Delivering) -> Beside:
    records = world.records
    policy = recall(records, PolicyRecord, incident.group.lower())
    rollback = None if incident.rollback is None else recall(records, Rollback, incident.rollback)
    return Beside(
        rollback=None if rollback is None else rollback.value,
        contacts=() if policy is None else policy.value.in_force.contacts,
        happened=lines(happened(incident, world.ledger, at_most=_SHOWN, within=_READ)),
        held=held_endpoint(records, incident) is not None,
    )


def _noted(incident: Incident, posted: Posted, at: Micros) -> Incident:
    del at
    return replace(incident, message_ts=posted.ts, posted_in=posted.channel)
