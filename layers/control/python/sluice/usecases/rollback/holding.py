"""What a return works with: its ports, the rollback as a step finds it, and the lock that each change checks."""

from collections.abc import Mapping
from dataclasses import dataclass

from sluice.errors import LockLost, PermanentFailure
from sluice.model.endpoint import EndpointRecord, endpoint_id
from sluice.model.ids import RollbackId
from sluice.model.rollback import Rollback
from sluice.ports import Clock, Endpoints, Metrics, Records, Registry, Scaling
from sluice.usecases.remembering import Known, recall


@dataclass(frozen=True, slots=True)
class TakingBack:
    """The ports of take_back. `tags` are put on everything that is made, such as the stack's name."""

    records: Records
    endpoints: Endpoints
    scaling: Scaling
    metrics: Metrics
    registry: Registry
    clock: Clock
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Call:
    """Which execution calls, for which rollback."""

    rollback_id: RollbackId
    attempt: int


@dataclass(frozen=True, slots=True)
class Held:
    """A rollback with the endpoint whose lock it holds, as they were read together."""

    rollback: Known[Rollback]
    endpoint: Known[EndpointRecord]


def rollback_of(records: Records, rollback_id: RollbackId) -> Known[Rollback]:
    """Read a rollback; raises PermanentFailure when there is none."""
    known = recall(records, Rollback, rollback_id)
    if known is None:
        raise PermanentFailure(f"there is no rollback {rollback_id}")
    return known


def present(records: Records, call: Call) -> Known[Rollback]:
    """Read a rollback; raises LockLost for an execution that was thought dead and has been replaced."""
    known = rollback_of(records, call.rollback_id)
    if known.value.attempt != call.attempt:
        raise LockLost(f"execution {call.attempt} of rollback {call.rollback_id} has been replaced")
    return known


def endpoint_of(records: Records, rollback: Rollback) -> Known[EndpointRecord] | None:
    """Read the record of a rollback's endpoint, or None when there is none yet."""
    return recall(records, EndpointRecord, endpoint_id(rollback.region, rollback.endpoint))


def held(records: Records, call: Call) -> Held:
    """Read a rollback and its endpoint; raises LockLost when it is another's by now, or another execution's.

    Whoever writes the endpoint's record after this, over the version that was read, still holds the lock.
    """
    known = present(records, call)
    endpoint = endpoint_of(records, known.value)
    if endpoint is None or not endpoint.value.is_locked_by(known.id, known.value.fence):
        raise LockLost(f"rollback {call.rollback_id} holds its endpoint no longer")
    return Held(known, endpoint)
