"""One change of an endpoint: intent, act, verify, outcome. Called again until the endpoint is as it should be.

Whoever calls it after a death goes on from what the endpoint shows: the intent is written over the endpoint's record,
which only the holder of the lock can do, and an act that may have taken place is never repeated.
"""

from dataclasses import dataclass, replace

from sluice.core.causes import plain_error
from sluice.core.rollout.changes import FORWARD, RETURNS, Parts, goal_of, is_managed, reached
from sluice.core.rollout.effects import Goal, Move, NextMove, next_move
from sluice.core.rollout.looks import waits_s
from sluice.errors import ChangeFailed, EndpointBusy, EndpointDiverged, EndpointSettling, StaleRecord, TransientFailure
from sluice.model.approval import Mode
from sluice.model.commit import Commit
from sluice.model.endpoint import BUSY, Change, EndpointSeen
from sluice.model.rollout import Rollout, RolloutOutcome
from sluice.usecases.messages import rollout_card
from sluice.usecases.remembering import Known, settling_races
from sluice.usecases.rollout.acting import act, finish, prepare
from sluice.usecases.rollout.allowing import broken_since, why_not
from sluice.usecases.rollout.changing import Call, Changing, Held, held, present
from sluice.usecases.rollout.noting import note_act, note_done, note_ended, note_intent, note_others, note_settled
from sluice.usecases.rollout.remembered import save


@dataclass(frozen=True, slots=True)
class Changed:
    """A change that is done. `waits_s` are the seconds between the looks that follow it."""

    change: Change
    waits_s: tuple[int, ...]


def change_endpoint(call: Call, change: Change, world: Changing) -> Changed:
    """Bring a change about, or one step nearer.

    Raises EndpointSettling while it is under way, ChangeFailed when it did not come true, EndpointDiverged when
    somebody else changed the endpoint, LockLost when another rollout holds it or another execution has taken over.
    """
    try:
        return settling_races(lambda: _attempt(call, change, world))
    except TransientFailure as failure:
        # What cannot be reached is asked again for as long as an update may take: it is no verdict on anything.
        raise EndpointSettling(f"AWS does not answer now: {failure}") from failure


def _attempt(call: Call, change: Change, world: Changing) -> Changed:
    known = present(world.records, call)
    touched = known.value.snapshot is not None and known.value.mode is not Mode.OBSERVE
    if change in RETURNS and not touched and not known.value.is_over:
        return _nothing_to_undo(known, change, call, world)
    found = held(world.records, call)
    parts = Parts.of(found.rollout.value)
    if reached(change, parts.rollout):
        return _changed(change, parts)
    if change in FORWARD and parts.rollout.outcome not in (None, RolloutOutcome.PROMOTED):
        raise _over(change, parts.rollout)
    seen = world.endpoints.describe(parts.endpoint)
    intent = found.endpoint.value.intent
    if intent is None or (intent.change, intent.step) != (change, parts.rollout.step):
        note_intent(found, change, seen, call, world)
        found = held(world.records, call)
    elif intent.awaits and seen is not None and seen.status not in BUSY:
        note_settled(found, intent, seen, world)
        found = held(world.records, call)
    return _moved(found, change, seen, world)


def _moved(found: Held, change: Change, seen: EndpointSeen | None, world: Changing) -> Changed:
    parts, intent = Parts.of(found.rollout.value), found.endpoint.value.intent
    if intent is None:
        raise StaleRecord("the intent is gone again")
    goal = goal_of(change, parts)
    move = next_move(goal, seen, intent)
    match move.move:
        case Move.DONE:
            return _done(found, change, seen, world)
        case Move.WAIT:
            return _waited(found, change, move, seen, world)
        case Move.FAILED | Move.DIVERGED:
            raise _ended(found, change, move, world)
        case Move.CREATE | Move.UPDATE | Move.SET_COUNTS | Move.SET_WEIGHTS:
            return _acted(found, change, goal, move.move, world)


def _nothing_to_undo(known: Known[Rollout], change: Change, call: Call, world: Changing) -> Changed:
    """It failed before there was a plan, or only watched: nothing was changed, so nothing is taken back, nor held."""
    rollout, now = known.value, world.clock.now()
    if rollout.outcome is None:
        because = plain_error(call.error) or rollout.because
        failed = replace(rollout, outcome=RolloutOutcome.FAILED, because=because)
        world.records.commit(Commit((save(failed, known, now),), messages=(rollout_card(failed, now),)), at=now)
    return Changed(change, ())


def _done(found: Held, change: Change, seen: EndpointSeen | None, world: Changing) -> Changed:
    parts = Parts.of(found.rollout.value)
    broken = broken_since(change, parts, seen, world)
    if broken is not None:
        # Where nothing served before there is no way back: somebody has to see to it.
        outcome = broken.outcome if parts.serving else RolloutOutcome.HELD
        raise _ended(found, change, NextMove(Move.FAILED, broken.reason), world, outcome=outcome)
    note_done(found, change, seen, world, finished=finish(found, change, seen, world))
    return _changed(change, parts)


def _waited(found: Held, change: Change, move: NextMove, seen: EndpointSeen | None, world: Changing) -> Changed:
    """Nothing can be done now but, where SageMaker moves the traffic by itself, to let the judge look or to tell it."""
    parts, intent = Parts.of(found.rollout.value), found.endpoint.value.intent
    guarded = seen is not None and seen.pending_config == parts.rollout.final_config and is_managed(parts.rollout)
    if guarded and change is Change.DEPLOY_GUARDED:
        return _done(found, change, None, world)
    if guarded and change in RETURNS:
        at = world.clock.now()
        world.metrics.publish_verdict(endpoint=parts.endpoint, rollout_id=parts.rollout.id, rejected=True, at=at)
    if seen is not None and intent is not None and not intent.acted and seen.pending_config != intent.config:
        note_others(found, intent, world)
    raise EndpointSettling(move.reason)


def _acted(found: Held, change: Change, goal: Goal, move: Move, world: Changing) -> Changed:
    parts, intent = Parts.of(found.rollout.value), found.endpoint.value.intent
    if change in FORWARD:
        forbidden = why_not(change, parts, world)
        if forbidden is not None:
            raise _ended(found, change, NextMove(Move.FAILED, forbidden.reason), world, outcome=forbidden.outcome)
    prepare(change, parts, world)
    try:
        act(change, goal, move, parts, world)
    except EndpointBusy as busy:
        if intent is not None:
            note_others(found, intent, world)
        raise EndpointSettling(str(busy)) from busy
    if intent is not None and move in (Move.CREATE, Move.UPDATE):
        found = note_act(found, intent, world)
    if change is Change.DEPLOY_GUARDED:
        return _done(found, change, None, world)
    raise EndpointSettling(f"{move.value} was accepted")


def _over(change: Change, rollout: Rollout) -> ChangeFailed | EndpointDiverged:
    """What was noted already by a function that died before it could say so: nothing goes forward any more."""
    reason = f"{change.value}: {rollout.because}"
    return EndpointDiverged(reason) if rollout.outcome is RolloutOutcome.DIVERGED else ChangeFailed(reason)


def _ended(
    found: Held, change: Change, move: NextMove, world: Changing, *, outcome: RolloutOutcome = RolloutOutcome.FAILED
) -> ChangeFailed | EndpointDiverged:
    note_ended(found, move, outcome, world)
    reason = f"{change.value}: {move.reason}"
    return EndpointDiverged(reason) if move.move is Move.DIVERGED else ChangeFailed(reason)


def _changed(change: Change, parts: Parts) -> Changed:
    rules, rollout = parts.rules, parts.rollout
    bake = {Change.DEPLOY_SHADOW: rules.shadow.bake_min_s if rules.shadow else 0}
    if change is Change.SHIFT_TRAFFIC:
        bake[change] = rules.steps[rollout.step].bake_min_s
    return Changed(change, tuple(waits_s(bake.get(change, 0), rules.give_up_after_s)))
