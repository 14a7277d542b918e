"""What a rollout made for its own time alone, and how long deleting it is tried after the end. Pure."""

from sluice.core.rollout.alarms import alarm_names
from sluice.model.ids import Micros
from sluice.model.rollout import Rollout, RolloutOutcome

SWEEP_FOR = 7 * 24 * 3600 * 1_000_000
"""Microseconds after which people are told to delete it: what AWS refuses for a week it refuses for good."""
_SOONEST = 2 * 60 * 1_000_000
_SEVENTH = 7


def made_of(rollout: Rollout) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the alarms and of the configurations that are to be deleted.

    Only what surely serves no more is named: SageMaker would delete what serves as well.
    """
    if rollout.snapshot is None:
        return (), ()
    unused = rollout.returned or rollout.outcome is RolloutOutcome.PROMOTED
    configs = (rollout.shadow_config, rollout.candidate_config) if unused else ()
    return alarm_names(rollout), tuple(filter(None, configs))


def by_hand(rollout: Rollout, why: str) -> str:
    """What people are told who have to delete it."""
    alarms, configs = made_of(rollout)
    named = [f"the alarms {', '.join(alarms)}", *([f"the configurations {', '.join(configs)}"] if configs else [])]
    return f"What it made is still there, and has to be deleted by hand. {why} It is {' and '.join(named)}."


def sweep_is_over(rollout: Rollout, now: Micros) -> bool:
    """Whether deleting was tried for long enough."""
    return _since_its_end(rollout, now) > SWEEP_FOR


def next_sweep(rollout: Rollout, now: Micros) -> Micros:
    """When deleting is tried again: ever less often, some fifty times in all."""
    return Micros(now + max(_SOONEST, _since_its_end(rollout, now) // _SEVENTH))


def _since_its_end(rollout: Rollout, now: Micros) -> int:
    return now - rollout.ended_at if rollout.ended_at else 0
