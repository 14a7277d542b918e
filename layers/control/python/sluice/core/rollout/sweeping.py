"""How long, and how often, deleting what a rollout has left is tried after its end. Pure."""

from sluice.model.ids import Micros
from sluice.model.rollout import Rollout

SWEEP_FOR = 7 * 24 * 3600 * 1_000_000
"""Microseconds after which people are told to delete it: what AWS refuses for a week it refuses for good."""
_SOONEST = 2 * 60 * 1_000_000
_SEVENTH = 7


def sweep_is_over(rollout: Rollout, now: Micros) -> bool:
    """Whether deleting was tried for long enough."""
    return _since_its_end(rollout, now) > SWEEP_FOR


def next_sweep(rollout: Rollout, now: Micros) -> Micros:
    """When deleting is tried again: ever less often, some fifty times in all."""
    return Micros(now + max(_SOONEST, _since_its_end(rollout, now) // _SEVENTH))


def _since_its_end(rollout: Rollout, now: Micros) -> int:
    return now - rollout.ended_at if rollout.ended_at else 0
