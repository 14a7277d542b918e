"""Who hears of a rollback: the incident's card and execution; the channel, where there is no incident."""

from sluice.model.commit import Message
from sluice.model.ids import Micros
from sluice.model.incident import Incident
from sluice.model.incident_commands import WakeIncident
from sluice.model.rollback import Rollback
from sluice.ports import Records
from sluice.usecases.messages import command, incident_card
from sluice.usecases.remembering import recall


def news(rollback: Rollback, records: Records, what: str, now: Micros) -> tuple[Message, ...]:
    """The card of its incident is drawn anew, and whatever waits for a word of the incident sees what has happened."""
    known = recall(records, Incident, rollback.incident_id) if rollback.incident_id else None
    if known is None:
        return ()
    woken = command(f"{rollback.id}|{what}", WakeIncident(known.value.id, f"its rollback: {what.partition('|')[0]}"))
    return (incident_card(known.value, now), woken)
