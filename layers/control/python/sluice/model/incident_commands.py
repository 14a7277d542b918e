"""What can be asked about incidents: commands of the decisions queue (model/commands.py)."""

from dataclasses import dataclass

from sluice.model.ids import IncidentId, Micros, SlackUserId
from sluice.model.incident_wish import IncidentWish
from sluice.model.signal import Signal


@dataclass(frozen=True, slots=True)
class RaiseSignal:
    """Something that Sluice itself found about production, such as a rollout that came to no good end.

    `passed` says that it is over already: people hear of it, and need not do anything.
    """

    signal: Signal
    passed: bool = False


@dataclass(frozen=True, slots=True)
class AskIncident:
    """A person pressed a button of an incident, or sent its form. `pressed_at` is the entry's time of receipt."""

    incident_id: IncidentId
    person: SlackUserId
    team: str
    channel: str
    kind: IncidentWish
    reason: str
    pressed_at: Micros


@dataclass(frozen=True, slots=True)
class PagerSaid:
    """Somebody acknowledged or resolved at PagerDuty; `event_id` is PagerDuty's own of that event."""

    incident_id: IncidentId
    kind: IncidentWish
    name: str
    event_id: str
    at: Micros


@dataclass(frozen=True, slots=True)
class NoteIncident:
    """A person wrote in a thread, perhaps in that of an incident; `ts` is the message, as Slack counts moments."""

    channel: str
    thread: str
    ts: str
    person: SlackUserId
    team: str
    text: str


@dataclass(frozen=True, slots=True)
class WakeIncident:
    """Something happened to an incident that its execution should see now: an acknowledgement, a rollback's end."""

    incident_id: IncidentId
    reason: str
