"""The return itself: intent, act, verify, outcome. Called again until what served before is seen to serve.

Whoever calls it after a death goes on from what the endpoint shows: the intent is written over the endpoint's record,
which only the holder of the lock can do, and an act that may have taken place is never repeated.
"""

from sluice.core.rollback.returning import goal_of
from sluice.core.rollout.effects import Goal, Move, NextMove, next_move
from sluice.errors import ChangeFailed, EndpointBusy, EndpointSettling, StaleRecord, TransientFailure
from sluice.model.endpoint import BUSY, EndpointSeen, Intent
from sluice.model.rollback import RollbackPhase
from sluice.usecases.remembering import settling_races
from sluice.usecases.rollback.bringing_back import finish, prepare
from sluice.usecases.rollback.holding import Call, Held, TakingBack, held
from sluice.usecases.rollback.noting import (
    note_act,
    note_failed,
    note_intent,
    note_others,
    note_returned,
    note_settled,
)


def take_back(call: Call, world: TakingBack) -> None:
    """Have the target serve, or come one step nearer.

    Raises EndpointSettling while it is under way, ChangeFailed when it did not come true, LockLost when another
    execution has taken over.
    """
    settling_races(lambda: _attempt(call, world))


def _attempt(call: Call, world: TakingBack) -> None:
    found = held(world.records, call)
    rollback = found.rollback.value
    if rollback.phase is RollbackPhase.RECOVERING:
        return
    if rollback.outcome is not None:
        raise ChangeFailed(rollback.because)
    seen = _seen(found, world)
    intent = found.endpoint.value.intent
    if intent is None:
        note_intent(found, seen, world)
        found = held(world.records, call)
    elif intent.awaits and seen is not None and seen.status not in BUSY:
        note_settled(found, intent, seen, world)
        found = held(world.records, call)
    _moved(found, seen, world)


def _seen(found: Held, world: TakingBack) -> EndpointSeen | None:
    """What the endpoint shows; once the act was accepted, an AWS that does not answer is no verdict on it."""
    intent = found.endpoint.value.intent
    try:
        return world.endpoints.describe(found.rollback.value.endpoint)
    except TransientFailure as failure:
        if intent is None or not intent.acted:
            raise
        raise EndpointSettling(f"AWS does not answer now: {failure}") from failure


def _moved(found: Held, seen: EndpointSeen | None, world: TakingBack) -> None:
    intent = found.endpoint.value.intent
    if intent is None:
        raise StaleRecord("the intent is gone again")
    goal = goal_of(found.rollback.value)
    move = next_move(goal, seen, intent)
    match move.move:
        case Move.DONE:
            _done(found, seen, world)
        case Move.WAIT:
            if seen is not None and not intent.acted and seen.pending_config != intent.config:
                note_others(found, intent, world)
            raise EndpointSettling(move.reason)
        case Move.FAILED | Move.DIVERGED | Move.CREATE | Move.SET_WEIGHTS:
            raise _failed(found, move, world)
        case Move.UPDATE | Move.SET_COUNTS:
            _acted(found, goal, move.move, intent, world)


def _acted(found: Held, goal: Goal, move: Move, intent: Intent, world: TakingBack) -> None:
    rollback = found.rollback.value
    try:
        if move is Move.SET_COUNTS:
            world.endpoints.set_counts(rollback.endpoint, goal.counts)
        else:
            prepare(rollback, world)
            # The instances that serve now are kept: the first count of the old version may be too few.
            world.endpoints.update(rollback.endpoint, config=goal.config, retain=True)
    except EndpointBusy as busy:
        note_others(found, intent, world)
        raise EndpointSettling(str(busy)) from busy
    except ChangeFailed as failure:
        raise _failed(found, NextMove(Move.FAILED, str(failure)), world) from failure
    if move is Move.UPDATE:
        note_act(found, intent, world)
    raise EndpointSettling(f"{move.value} was accepted")


def _done(found: Held, seen: EndpointSeen | None, world: TakingBack) -> None:
    """The right configuration serves: whether it is the right version, and really serves, is seen before it counts."""
    if seen is None:
        raise EndpointSettling("the endpoint does not show")
    finished = finish(found.rollback.value, seen, world)
    if finished.strange:
        raise _failed(found, NextMove(Move.FAILED, finished.strange), world)
    note_returned(found, seen, finished, world)


def _failed(found: Held, move: NextMove, world: TakingBack) -> ChangeFailed:
    note_failed(found, move, world)
    return ChangeFailed(move.reason)
