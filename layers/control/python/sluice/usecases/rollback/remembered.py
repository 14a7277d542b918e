"""How a rollback is written: over what was read, and on the list that reconcile walks until it is over."""

from sluice.model.commit import Save
from sluice.model.ids import Micros
from sluice.model.rollback import Rollback, RollbackPhase
from sluice.usecases.remembering import Known, keep

_MINUTE = 60 * 1_000_000
_ASKED = 1 * _MINUTE
"""Microseconds that an execution has to take up what was asked for: bad predictions are served meanwhile."""
_RUNNING = 5 * _MINUTE
"""Microseconds that an execution is left alone after a write: a dead one is found within the quarter of an hour."""


def save_rollback(rollback: Rollback, known: Known[Rollback] | None, now: Micros) -> Save:
    """The write of a rollback over what was known of it (None: nothing)."""
    return keep(known, rollback, rollback.id, due_at=due_at(rollback, now))


def due_at(rollback: Rollback, now: Micros) -> Micros | None:
    """When somebody should see whether it still goes on; None once it is over."""
    if rollback.is_over:
        return None
    return Micros(now + (_ASKED if rollback.phase is RollbackPhase.REQUESTED else _RUNNING))
