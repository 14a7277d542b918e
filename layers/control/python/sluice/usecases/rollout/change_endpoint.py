"""One change of an endpoint: intent, act, verify, outcome. Called again until the endpoint is as it should be.

Whoever calls it after a death goes on from what the endpoint shows: the intent is written over the endpoint's record,
which only the holder of the lock can do, and an act that may have taken place is never repeated.
"""

from dataclasses import dataclass, replace
from typing import Any

from sluice.core.rollout.changes import FORWARD, Parts, goal_of, phase_after, phase_during, reached
from sluice.core.rollout.effects import Goal, Move, NextMove, next_move
from sluice.core.rollout.looks import waits_s
from sluice.core.rollout.pledge import broken_pledge
from sluice.errors import ChangeFailed, EndpointBusy, EndpointDiverged, EndpointSettling, StaleRecord
from sluice.model.commit import Commit, Entry
from sluice.model.endpoint import Change, EndpointSeen, Intent
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import EPOCH, PackageArn, RolloutId
from sluice.model.rollout import Phase, Rollout, RolloutOutcome
from sluice.usecases.messages import rollout_card
from sluice.usecases.remembering import keep, settling_races
from sluice.usecases.rollout.acting import act, finish, prepare
from sluice.usecases.rollout.changing import Changing, Held, held
from sluice.usecases.rollout.entries import rollout_entry
from sluice.usecases.rollout.remembered import save


@dataclass(frozen=True, slots=True)
class Changed:
    """A change that is done. `waits_s` are the seconds between the looks that follow it."""

    change: Change
    waits_s: tuple[int, ...]


def change_endpoint(rollout_id: RolloutId, change: Change, world: Changing, *, error: str = "") -> Changed:
    """Bring a change about, or one step nearer; `error` is what the machine came from.

    Raises EndpointSettling while it is under way, ChangeFailed when it did not come true, EndpointDiverged when
    somebody else changed the endpoint, LockLost when another rollout holds it.
    """
    return settling_races(lambda: _attempt(rollout_id, change, world, error))


def _attempt(rollout_id: RolloutId, change: Change, world: Changing, error: str) -> Changed:
    found = held(world.records, rollout_id)
    parts = Parts.of(found.rollout.value)
    if reached(change, parts.rollout):
        return _changed(change, parts)
    goal, seen = goal_of(change, parts), world.endpoints.describe(parts.endpoint)
    intent = found.endpoint.value.intent
    if intent is None or (intent.change, intent.step) != (change, parts.rollout.step):
        _intend(found, _new_intent(found, change, goal, seen), goal, error, world)
        found = held(world.records, rollout_id)
        intent = found.endpoint.value.intent
        if intent is None:
            raise StaleRecord("the intent is gone again")
    move = next_move(goal, seen, intent)
    match move.move:
        case Move.DONE:
            finish(change, parts, seen, world)
            _record_done(found, change, seen, world)
            return _changed(change, parts)
        case Move.WAIT:
            raise EndpointSettling(move.reason)
        case Move.FAILED | Move.DIVERGED:
            raise _ended(found, change, move, world)
        case Move.CREATE | Move.UPDATE | Move.SET_COUNTS | Move.SET_WEIGHTS:
            return _acted(found, change, goal, move.move, world)


def _new_intent(found: Held, change: Change, goal: Goal, seen: EndpointSeen | None) -> Intent:
    return Intent(
        number=found.endpoint.value.effects + 1,
        change=change,
        step=found.rollout.value.step,
        config=goal.config,
        modified_at=EPOCH if seen is None else seen.modified_at,
        before="" if seen is None else seen.config,
    )


def _intend(found: Held, intent: Intent, goal: Goal, error: str, world: Changing) -> None:
    """Note what is about to be done, before anything is; the record's version is the fence."""
    now, rollout = world.clock.now(), found.rollout.value
    noted = replace(found.endpoint.value, intent=intent, effects=intent.number)
    begun = replace(_begun(rollout, intent.change, error), answered=rollout.answer is not None)
    facts: dict[str, Any] = {"from": intent.before, "to": goal.config, "counts": dict(goal.counts)}
    entry = _entry(begun, EntryKind.CHANGE_INTENDED, intent, facts | {"weights": dict(goal.weights)})
    saves = (keep(found.endpoint, noted, found.endpoint.id), save(begun, found.rollout, now))
    world.records.commit(Commit(saves, (entry,), (rollout_card(begun, now),)), at=now)


def _begun(rollout: Rollout, change: Change, error: str) -> Rollout:
    during = phase_during(change)
    if during is None or rollout.phase is during:
        return rollout
    if rollout.outcome in (None, RolloutOutcome.PROMOTED):
        because = error or "a step could not be done"
        rollout = replace(rollout, outcome=RolloutOutcome.FAILED, because=because)
    return replace(rollout, phase=during, asked="", wish=None)


def _acted(found: Held, change: Change, goal: Goal, move: Move, world: Changing) -> Changed:
    parts = Parts.of(found.rollout.value)
    if change in FORWARD:
        _confirm_approved(found, world)
    prepare(change, parts, world)
    try:
        act(change, goal, move, parts, world)
    except EndpointBusy as busy:
        raise EndpointSettling(str(busy)) from busy
    endpoint = found.endpoint.value
    intent = endpoint.intent
    if intent is not None and move in (Move.CREATE, Move.UPDATE):
        noted = replace(endpoint, intent=replace(intent, acted=True))
        saves = [keep(found.endpoint, noted, found.endpoint.id)]
        world.records.commit(Commit(tuple(saves)), at=world.clock.now())
    if change is Change.DEPLOY_GUARDED:
        _record_done(held(world.records, parts.rollout.id), change, None, world)
        return _changed(change, parts)
    raise EndpointSettling(f"{move.value} was accepted")


def _confirm_approved(found: Held, world: Changing) -> None:
    """Read again right before the act: only what the registry calls Approved, and unchanged, comes nearer."""
    rollout = found.rollout.value
    package = world.registry.describe(PackageArn.parse(rollout.request.package_arn))
    broken = broken_pledge(package, rollout.request)
    if broken:
        withdrawn = replace(rollout, outcome=RolloutOutcome.WITHDRAWN, because=broken)
        entry = rollout_entry(withdrawn, EntryKind.APPROVAL_WITHDRAWN, "withdrawn", {"because": broken})
        now = world.clock.now()
        commit = Commit((save(withdrawn, found.rollout, now),), (entry,), (rollout_card(withdrawn, now),))
        world.records.commit(commit, at=now)
        raise ChangeFailed(broken)


def _record_done(found: Held, change: Change, seen: EndpointSeen | None, world: Changing) -> None:
    now, endpoint, rollout = world.clock.now(), found.endpoint.value, found.rollout.value
    after = phase_after(change)
    if after is not None:
        rollout = replace(rollout, phase=after, phase_since=now, paused_s=0, look=None)
    if change in (Change.CREATE_ENDPOINT, Change.PROMOTE, Change.COMPLETE_GUARDED):
        rollout = replace(rollout, phase=Phase.PROMOTING, outcome=RolloutOutcome.PROMOTED)
    if change is Change.RESTORE:
        rollout = replace(rollout, returned=True)
    facts: dict[str, Any] = {} if seen is None else {"config": seen.config, "status": seen.status.value}
    entries = () if endpoint.intent is None else (_entry(rollout, EntryKind.CHANGE_DONE, endpoint.intent, facts),)
    saves = (
        keep(found.endpoint, replace(endpoint, intent=None), found.endpoint.id),
        save(rollout, found.rollout, now),
    )
    world.records.commit(Commit(saves, entries, (rollout_card(rollout, now),)), at=now)


def _ended(found: Held, change: Change, move: NextMove, world: Changing) -> ChangeFailed | EndpointDiverged:
    """Record a change that did not come true, and forget its intent: if it is tried again, that is a new one."""
    now, endpoint, rollout = world.clock.now(), found.endpoint.value, found.rollout.value
    diverged = move.move is Move.DIVERGED
    outcome = RolloutOutcome.DIVERGED if diverged else rollout.outcome or RolloutOutcome.FAILED
    told = replace(
        rollout, outcome=outcome, because=rollout.because if rollout.outcome and not diverged else move.reason
    )
    entries: tuple[Entry, ...] = ()
    if endpoint.intent is not None:
        entries = (_entry(rollout, EntryKind.CHANGE_FAILED, endpoint.intent, {"reason": move.reason}),)
    saves = (keep(found.endpoint, replace(endpoint, intent=None), found.endpoint.id), save(told, found.rollout, now))
    world.records.commit(Commit(saves, entries, (rollout_card(told, now),)), at=now)
    reason = f"{change.value}: {move.reason}"
    return EndpointDiverged(reason) if diverged else ChangeFailed(reason)


def _changed(change: Change, parts: Parts) -> Changed:
    rules, rollout = parts.rules, parts.rollout
    bake = {Change.DEPLOY_SHADOW: rules.shadow.bake_min_s if rules.shadow else 0}
    if change is Change.SHIFT_TRAFFIC:
        bake[change] = rules.steps[rollout.step].bake_min_s
    return Changed(change, tuple(waits_s(bake.get(change, 0))))


def _entry(rollout: Rollout, kind: EntryKind, intent: Intent, facts: dict[str, Any]) -> Entry:
    body = {"change": intent.change.value, "step": intent.step, "effect": intent.number} | facts
    return rollout_entry(rollout, kind, str(intent.number), body)
