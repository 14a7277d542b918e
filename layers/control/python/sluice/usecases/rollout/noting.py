"""What a change writes down: before the act, around it, and what became of it."""

from dataclasses import replace
from typing import Any

from sluice.core.causes import plain_error
from sluice.core.rollout.changes import ENDS, FORWARD, RETURNS, Parts, goal_of, is_emptied, phase_after
from sluice.core.rollout.effects import Move, NextMove
from sluice.core.rollout.fleet import full_size
from sluice.model.commit import Commit, Entry
from sluice.model.endpoint import Change, EndpointSeen, Intent
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import EPOCH
from sluice.model.rollout import Phase, Rollout, RolloutOutcome
from sluice.usecases.messages import rollout_card
from sluice.usecases.remembering import keep
from sluice.usecases.rollout.acting import Finished
from sluice.usecases.rollout.allowing import asked_back
from sluice.usecases.rollout.changing import Call, Changing, Held
from sluice.usecases.rollout.entries import rollout_entry
from sluice.usecases.rollout.remembered import save


def note_intent(found: Held, change: Change, seen: EndpointSeen | None, call: Call, world: Changing) -> None:
    """Note what is about to be done, before anything is; the record's version is the fence.

    How many instances carry the traffic is noted with it, so that a repeat makes the same configuration.
    """
    now, rollout = world.clock.now(), found.rollout.value
    begun = replace(_begun(rollout, change, call), answered=rollout.answer is not None)
    if change in FORWARD and rollout.snapshot is not None and rollout.rules is not None:
        begun = replace(begun, instances=full_size(rollout.snapshot, rollout.rules.target.variant, seen))
    goal = goal_of(change, Parts.of(begun))
    intent = Intent(
        number=found.endpoint.value.effects + 1,
        change=change,
        step=rollout.step,
        config=goal.config,
        modified_at=EPOCH if seen is None else seen.modified_at,
        before="" if seen is None else seen.config,
        noted_at=now,
    )
    noted = replace(found.endpoint.value, intent=intent, effects=intent.number)
    facts: dict[str, Any] = {"from": intent.before, "to": goal.config, "counts": dict(goal.counts)}
    entry = _entry(begun, EntryKind.CHANGE_INTENDED, intent, facts | {"weights": dict(goal.weights)})
    saves = (keep(found.endpoint, noted, found.endpoint.id), save(begun, found.rollout, now))
    world.records.commit(Commit(saves, (entry,), (rollout_card(begun, now),)), at=now)


def note_others(found: Held, intent: Intent, world: Changing) -> None:
    """Others change the endpoint now, so this act has not taken place: what it shows after them is not our doing."""
    if not intent.awaits:
        _note(found, replace(intent, awaits=True), world)


def note_settled(found: Held, intent: Intent, seen: EndpointSeen, world: Changing) -> None:
    """They are done: from here on whatever changes the endpoint is this act, or somebody's after it."""
    _note(found, replace(intent, awaits=False, modified_at=seen.modified_at, before=seen.config), world)


def note_act(found: Held, intent: Intent, world: Changing) -> Held:
    """The call was answered; what is held is given back as it was written."""
    endpoint = _note(found, replace(intent, acted=True), world)
    return replace(found, endpoint=replace(found.endpoint, value=endpoint, version=found.endpoint.version + 1))


def note_done(found: Held, change: Change, seen: EndpointSeen | None, world: Changing, *, finished: Finished) -> None:
    """The change came true, with what has to be said about it all the same."""
    now, endpoint, rollout = world.clock.now(), found.endpoint.value, found.rollout.value
    after = phase_after(change)
    if after is not None:
        rollout = replace(rollout, phase=after, phase_since=now, paused_s=0, look=None, reminded=False)
    if finished.told:
        because = f"{rollout.because} {finished.told}".strip()
        rollout = replace(rollout, because=because, unscaled=finished.unscaled)
    if change in ENDS:
        rollout = replace(rollout, phase=Phase.PROMOTING, outcome=RolloutOutcome.PROMOTED)
    if change in RETURNS:
        emptied = rollout.emptied or is_emptied(change, Parts.of(rollout), seen)
        rollout = replace(rollout, emptied=emptied, returned=change is Change.RESTORE)
    facts: dict[str, Any] = {} if seen is None else {"config": seen.config, "status": seen.status.value}
    entries = () if endpoint.intent is None else (_entry(rollout, EntryKind.CHANGE_DONE, endpoint.intent, facts),)
    saves = (
        keep(found.endpoint, replace(endpoint, intent=None), found.endpoint.id),
        save(rollout, found.rollout, now),
    )
    world.records.commit(Commit(saves, entries, (rollout_card(rollout, now),)), at=now)


def note_ended(found: Held, move: NextMove, outcome: RolloutOutcome, world: Changing) -> None:
    """The change did not come true, and its intent is forgotten: if it is tried again, that is a new one.

    What was decided before stands, unless somebody else has the endpoint now.
    """
    now, endpoint, rollout = world.clock.now(), found.endpoint.value, found.rollout.value
    if move.move is Move.DIVERGED:
        outcome, faulty = RolloutOutcome.DIVERGED, rollout.is_faulty
        rollout = replace(rollout, outcome=outcome, because=move.reason, rejects=faulty)
    elif rollout.outcome is None:
        rollout = replace(rollout, outcome=outcome, because=move.reason)
    withdrawn = outcome is RolloutOutcome.WITHDRAWN and asked_back(rollout) is None
    kind = EntryKind.APPROVAL_WITHDRAWN if withdrawn else EntryKind.CHANGE_FAILED
    entries: tuple[Entry, ...] = ()
    if endpoint.intent is not None:
        entries = (_entry(rollout, kind, endpoint.intent, {"reason": move.reason}),)
    saves = (keep(found.endpoint, replace(endpoint, intent=None), found.endpoint.id), save(rollout, found.rollout, now))
    world.records.commit(Commit(saves, entries, (rollout_card(rollout, now),)), at=now)


def _begun(rollout: Rollout, change: Change, call: Call) -> Rollout:
    if change not in RETURNS or rollout.phase is Phase.RETURNING:
        return rollout
    if rollout.outcome in (None, RolloutOutcome.PROMOTED):
        because = plain_error(call.error) or "a step could not be done"
        rollout = replace(rollout, outcome=RolloutOutcome.FAILED, because=because)
    return replace(rollout, phase=Phase.RETURNING, emptied=rollout.phase is Phase.SHADOW, asked="", wish=None)


def _note(found: Held, intent: Intent, world: Changing) -> Any:
    noted = replace(found.endpoint.value, intent=intent)
    world.records.commit(Commit((keep(found.endpoint, noted, found.endpoint.id),)), at=world.clock.now())
    return noted


def _entry(rollout: Rollout, kind: EntryKind, intent: Intent, facts: dict[str, Any]) -> Entry:
    body = {"change": intent.change.value, "step": intent.step, "effect": intent.number} | facts
    return rollout_entry(rollout, kind, str(intent.number), body)
