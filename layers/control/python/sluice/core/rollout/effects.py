"""The next move of a change to an endpoint, from what is wanted, what is seen and what was begun. Pure.

A change can be looked at again at any moment, by whoever comes after a death: it goes on from what the endpoint shows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sluice.model.endpoint import BUSY, EndpointSeen, EndpointStatus, Intent, VariantSeen


class Move(StrEnum):
    """What is to be done now."""

    CREATE = "create"
    UPDATE = "update"
    SET_COUNTS = "set_counts"
    SET_WEIGHTS = "set_weights"
    WAIT = "wait"
    DONE = "done"
    FAILED = "failed"
    DIVERGED = "diverged"


@dataclass(frozen=True, slots=True)
class Goal:
    """How the endpoint has to be in the end.

    `before` are the configurations from which it may be changed; any other is somebody else's. `counts` and
    `weights` are by variant; variants that are not named are left alone. What is `optional` is wanted only where that
    configuration serves: elsewhere there is nothing to do. With `mends` an endpoint that serves a mix after a failed
    rolling update may be updated as well: only another UpdateEndpoint mends it. `counts` are the fewest that do, and
    come before the traffic that they carry; `traffic_first` where traffic is to go as fast as it can.
    """

    config: str
    before: frozenset[str] = frozenset()
    creates: bool = False
    mends: bool = False
    optional: bool = False
    traffic_first: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NextMove:
    """A move and, when it is an end, why."""

    move: Move
    reason: str = ""


def next_move(goal: Goal, seen: EndpointSeen | None, intent: Intent) -> NextMove:
    """The next move towards a goal."""
    if seen is None:
        return _absent(goal, intent)
    if seen.status in BUSY:
        return NextMove(Move.WAIT, f"the endpoint is {seen.status.value}")
    if seen.status is not EndpointStatus.IN_SERVICE:
        return _broken(goal, seen, intent)
    if seen.pending_config is not None:
        return NextMove(Move.WAIT, f"{seen.pending_config} is being deployed")
    return _within(goal, seen) if seen.config == goal.config else _elsewhere(goal, seen, intent)


def _elsewhere(goal: Goal, seen: EndpointSeen, intent: Intent) -> NextMove:
    """Another configuration serves: one to be changed, one that SageMaker went back to, or somebody else's."""
    if goal.optional:
        return NextMove(Move.DONE)
    if seen.config not in goal.before:
        return NextMove(Move.DIVERGED, f"it serves {seen.config}, which this rollout did not put there")
    if intent.acted or intent.modified_at != seen.modified_at:
        return NextMove(Move.FAILED, f"SageMaker went back to {seen.config}. {seen.failure_reason}".strip())
    return NextMove(Move.UPDATE)


def _absent(goal: Goal, intent: Intent) -> NextMove:
    if not goal.creates:
        return NextMove(Move.DIVERGED, "the endpoint is gone")
    return NextMove(Move.WAIT, "the endpoint does not show yet") if intent.acted else NextMove(Move.CREATE)


def _broken(goal: Goal, seen: EndpointSeen, intent: Intent) -> NextMove:
    """It does not serve as it should. A mix shows one of two names: it is no way there, whichever it shows."""
    if goal.mends and seen.status is EndpointStatus.UPDATE_ROLLBACK_FAILED and not intent.acted:
        if seen.config in goal.before | {goal.config}:
            return NextMove(Move.UPDATE)
        return NextMove(Move.DIVERGED, f"it serves {seen.config}, which this rollout did not put there")
    return NextMove(Move.FAILED, f"the endpoint is {seen.status.value}. {seen.failure_reason}".strip())


def _within(goal: Goal, seen: EndpointSeen) -> NextMove:
    """The configuration is right: now the sizes, and only then the traffic that they have to carry."""
    sizes, traffic = _sizes(goal, seen), _traffic(goal, seen)
    first, then = (traffic, sizes) if goal.traffic_first else (sizes, traffic)
    return first or then or NextMove(Move.DONE)


def _sizes(goal: Goal, seen: EndpointSeen) -> NextMove | None:
    named = [v for v in seen.variants if v.name in goal.counts]
    if any(v.desired_instances < goal.counts[v.name] for v in named):
        return NextMove(Move.SET_COUNTS)
    if any(v.instances < goal.counts[v.name] for v in named):
        return NextMove(Move.WAIT, "instances are being added")
    return None


def _traffic(goal: Goal, seen: EndpointSeen) -> NextMove | None:
    if goal.weights and not _shares_right(goal.weights, seen, lambda v: v.desired_weight):
        return NextMove(Move.SET_WEIGHTS)
    if goal.weights and not _shares_right(goal.weights, seen, lambda v: v.weight):
        return NextMove(Move.WAIT, "the weights are being changed")
    return None


def _shares_right(wanted: Mapping[str, float], seen: EndpointSeen, weight: Callable[[VariantSeen], float]) -> bool:
    """Whether shares are as wanted; SageMaker keeps weights in single precision, so they are not compared exactly."""
    given = {v.name: weight(v) for v in seen.variants}
    total, sum_wanted = sum(given.values()), sum(wanted.values())
    if total <= 0 or sum_wanted <= 0:
        return False
    return all(abs(given.get(name, 0.0) / total - w / sum_wanted) < _TOLERANCE for name, w in wanted.items())


_TOLERANCE = 1e-6
"""Far over what single precision loses, and under the smallest share that anybody asks for."""
