"""A look that has decided gets its answer: from the record, as often as it takes, with one effect."""

from dataclasses import replace

from sluice.core.rollout.naming import look_token
from sluice.model.codec import encode
from sluice.model.commit import Commit
from sluice.model.ids import RolloutId
from sluice.model.rollout import Rollout
from sluice.usecases.deciding import Deciding
from sluice.usecases.remembering import recall, settling_races
from sluice.usecases.rollout.remembered import save


def resume_rollout(rollout_id: RolloutId, world: Deciding) -> None:
    """Hand over what a look is owed; a rollout that owes nothing is left alone."""
    settling_races(lambda: _attempt(rollout_id, world))


def _attempt(rollout_id: RolloutId, world: Deciding) -> None:
    """Answer, then mark the record that was read; an answer that nobody took stays owed to the look that follows.

    The token is not forgotten: it is spent, and the next look may have put its own in its place at this moment.
    """
    known = recall(world.records, Rollout, rollout_id)
    if known is None or known.value.answer is None or known.value.answered:
        return
    token = world.tokens.get(look_token(rollout_id))
    if token is not None and world.waiting.resume(token, encode(known.value.answer)):
        now = world.clock.now()
        world.records.commit(Commit(saves=(save(replace(known.value, answered=True), known, now),)), at=now)
