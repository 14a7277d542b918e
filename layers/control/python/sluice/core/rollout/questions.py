"""How long a question of `recommend` stands without an answer, and when people are told that it ends. Pure."""

from sluice.model.ids import Micros
from sluice.model.rollout import Phase, Rollout

_SECOND = 1_000_000


def due_reminder(rollout: Rollout, now: Micros) -> Micros | None:
    """When the open question ends, once half of its time is over and nobody was told so; else None.

    What SageMaker moves ends by SageMaker, whatever people answer.
    """
    asks = rollout.asked and rollout.phase in (Phase.SHADOW, Phase.STEP)
    if rollout.rules is None or not asks or rollout.paused_at is not None or rollout.reminded:
        return None
    patience = rollout.rules.give_up_after_s * _SECOND
    ends_at = rollout.phase_since + rollout.paused_s * _SECOND + patience
    return Micros(ends_at) if now >= ends_at - patience // 2 else None
