"""What a rollout made for its own time alone, and what people are told who have to delete it. Pure."""

from sluice.core.rollout.alarms import alarm_names
from sluice.model.rollout import Rollout, RolloutOutcome


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
