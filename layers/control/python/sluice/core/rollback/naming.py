"""Names that make asking twice ask once: of a rollback, of its executions, and of what it makes. Pure."""

import hashlib

from sluice.model.ids import IncidentId, Micros, RollbackId, RolloutId


def rollback_id_of(incident_id: IncidentId, number: int) -> RollbackId:
    """The one answer of that number, from 1, to the signals of an incident."""
    return _hashed(f"{incident_id}|{number}")


def demanded_rollback_id(rollout_id: RolloutId, pressed_at: Micros) -> RollbackId:
    """The rollback that a person asked for on the card of a rollout, without any incident."""
    return _hashed(f"rollout|{rollout_id}|{pressed_at}")


def rollback_execution(rollback_id: RollbackId, attempt: int) -> str:
    """Name of an execution of `rollback`: each attempt is started once (Step Functions: at most 80 characters)."""
    return f"{rollback_id}-{attempt}"


def _hashed(what: str) -> RollbackId:
    return RollbackId(hashlib.sha256(what.encode()).hexdigest()[:32])
