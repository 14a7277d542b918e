"""The judge looks at once: whatever waits for the next look of a rollout is told to look again."""

from sluice.core.rollout.naming import look_token
from sluice.model.ids import RolloutId
from sluice.model.rollout import Rollout, Route
from sluice.usecases.deciding import Deciding
from sluice.usecases.remembering import recall
from sluice.usecases.rollout.resume_rollout import resume_rollout

_AGAIN = {"route": Route.AGAIN.value, "reason": ""}


def wake_rollout(rollout_id: RolloutId, world: Deciding) -> None:
    """End the wait of a rollout for its next look; one that has decided gets its answer instead.

    A token that nobody waits for is fine: the look that follows reads the record. It is not forgotten, since the next
    look may have put a new one in its place at this moment.
    """
    known = recall(world.records, Rollout, rollout_id)
    if known is None or known.value.is_over:
        return
    if known.value.answer is not None and not known.value.answered:
        resume_rollout(rollout_id, world)
        return
    token = world.tokens.get(look_token(rollout_id))
    if token is not None:
        world.waiting.resume(token, _AGAIN)
