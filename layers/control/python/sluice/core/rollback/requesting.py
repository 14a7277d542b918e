"""A rollback as it is asked for: by a signal of an incident, or by a person. Pure."""

from sluice.core.rollback.naming import demanded_rollback_id, rollback_id_of
from sluice.model.ids import IncidentId, Micros
from sluice.model.incident import Incident
from sluice.model.rollback import Demand, Rollback
from sluice.model.rollout import Rollout, Wish
from sluice.model.signal import Cause, Signal, SignalKind


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


def demanded_rollback(rollout: Rollout, wish: Wish) -> Rollback:
    """A person takes a promoted version back, from the card of its rollout and without any incident."""
    request = rollout.request
    signal = Signal(
        key=f"person/{wish.person}|{wish.at}",
        source=f"person/{wish.person}",
        kind=SignalKind.PERSON,
        cause=Cause.OTHER,
        raised=True,
        group=request.group,
        region=request.region,
        endpoint=rollout.endpoint,
        at=wish.at,
        summary=wish.reason,
        config=rollout.final_config,
    )
    return Rollback(
        id=demanded_rollback_id(rollout.id, wish.at),
        incident_id=IncidentId(""),
        group=request.group,
        region=request.region,
        endpoint=rollout.endpoint,
        signal=signal,
        requested_at=wish.at,
        demand=Demand(wish.person, wish.name, wish.reason, wish.at),
    )
