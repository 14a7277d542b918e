"""How a rollout is written: over what was read, and on the list that reconcile walks until nothing is owed any more."""

from sluice.core.rollout.sweeping import next_sweep
from sluice.model.commit import Save
from sluice.model.endpoint import EndpointRecord
from sluice.model.ids import Micros
from sluice.model.rollout import Phase, Rollout
from sluice.usecases.remembering import Known, keep

_MINUTE = 60 * 1_000_000
_GRACE = {Phase.REQUESTED: 3 * _MINUTE, Phase.DONE: 2 * _MINUTE}
_RUNNING = 5 * _MINUTE
"""Microseconds that an execution is left alone after a write: a dead one is found within the quarter of an hour."""


def save(rollout: Rollout, known: Known[Rollout] | None, now: Micros) -> Save:
    """The write of a rollout over what was known of it (None: nothing)."""
    return keep(known, rollout, rollout.id, due_at=due_at(rollout, now))


def save_endpoint(endpoint: EndpointRecord, known: Known[EndpointRecord] | None, now: Micros) -> Save:
    """The write of an endpoint; one on hold is on the list of those that wait for a person, so that it can be found."""
    return keep(known, endpoint, endpoint.id, due_at=now if endpoint.hold else None)


def due_at(rollout: Rollout, now: Micros) -> Micros | None:
    """When somebody should see whether it still goes on; None once it is over, told, and nothing of it is left."""
    if rollout.is_over and rollout.told and not rollout.leftovers:
        return None
    if rollout.is_over and rollout.told:
        return next_sweep(rollout, now)
    if rollout.answer is not None and not rollout.answered:
        return Micros(now + _MINUTE)
    return Micros(now + _GRACE.get(rollout.phase, _RUNNING))
