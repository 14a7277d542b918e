"""What changes of an endpoint work with, and the lock that each of them checks."""

from collections.abc import Mapping
from dataclasses import dataclass

from sluice.errors import LockLost, PermanentFailure
from sluice.model.endpoint import EndpointRecord, endpoint_id
from sluice.model.ids import RolloutId
from sluice.model.rollout import Rollout
from sluice.ports import Alarms, Clock, Endpoints, Metrics, Records, Registry, Scaling
from sluice.usecases.remembering import Known, recall


@dataclass(frozen=True, slots=True)
class Changing:
    """The ports of change_endpoint. `tags` are put on everything that is made, such as the stack's name."""

    records: Records
    endpoints: Endpoints
    scaling: Scaling
    alarms: Alarms
    metrics: Metrics
    registry: Registry
    clock: Clock
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Held:
    """A rollout with the endpoint whose lock it holds, as they were read together."""

    rollout: Known[Rollout]
    endpoint: Known[EndpointRecord]


@dataclass(frozen=True, slots=True)
class Call:
    """Which execution calls, for which rollout; `error` is what it comes from."""

    rollout_id: RolloutId
    attempt: int
    error: str = ""


def rollout_of(records: Records, rollout_id: RolloutId) -> Known[Rollout]:
    """Read a rollout; raises PermanentFailure when there is none."""
    known = recall(records, Rollout, rollout_id)
    if known is None:
        raise PermanentFailure(f"there is no rollout {rollout_id}")
    return known


def present(records: Records, call: Call) -> Known[Rollout]:
    """Read a rollout; raises LockLost for an execution that was thought dead and has been replaced."""
    known = rollout_of(records, call.rollout_id)
    if known.value.attempt != call.attempt:
        raise LockLost(f"execution {call.attempt} of rollout {call.rollout_id} has been replaced")
    return known


def endpoint_of(records: Records, rollout: Rollout) -> Known[EndpointRecord] | None:
    """Read the record of a rollout's endpoint, or None when there is none yet."""
    if rollout.rules is None:
        return None
    return recall(records, EndpointRecord, endpoint_id(rollout.request.region, rollout.endpoint))


def held(records: Records, call: Call) -> Held:
    """Read a rollout and its endpoint; raises LockLost when it is another's by now, or another execution's.

    Whoever writes the endpoint's record after this, over the version that was read, still holds the lock.
    """
    known, rollout_id = present(records, call), call.rollout_id
    rollout = known.value
    if rollout.rules is None:
        raise PermanentFailure(f"rollout {rollout_id} has no rules")
    endpoint = endpoint_of(records, rollout)
    if endpoint is None or not endpoint.value.is_locked_by(rollout_id, rollout.fence):
        raise LockLost(f"rollout {rollout_id} holds its endpoint no longer")
    return Held(known, endpoint)
