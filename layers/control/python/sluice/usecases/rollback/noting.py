"""What a return writes down: before the act, around it, and what became of it."""

from dataclasses import dataclass, replace
from typing import Any

from sluice.core.rollback.returning import changes_hosting, goal_of, instances_now, target_of, variant_of
from sluice.core.rollout.effects import Move, NextMove
from sluice.model.commit import Commit, Entry
from sluice.model.endpoint import Change, EndpointRecord, EndpointSeen, Intent
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import EPOCH
from sluice.model.rollback import Rollback, RollbackOutcome, RollbackPhase
from sluice.usecases.rollback.bringing_back import Finished
from sluice.usecases.rollback.entries import rollback_entry, way
from sluice.usecases.rollback.holding import Held, TakingBack
from sluice.usecases.rollback.remembered import save_rollback
from sluice.usecases.rollback.telling import news
from sluice.usecases.rollout.remembered import save_endpoint


@dataclass(frozen=True, slots=True)
class Told:
    """What is written beside the rollback: the endpoint, the entry, and what the incident's execution is woken for."""

    endpoint: EndpointRecord
    entry: Entry
    what: str


def note_intent(found: Held, seen: EndpointSeen | None, world: TakingBack) -> None:
    """Note what is about to be done, before anything is; the record's version is the fence.

    How many instances serve, and how they scale, is noted with it, so that a repeat brings about the same.
    """
    now = world.clock.now()
    noted = _as_it_serves(
        replace(found.rollback.value, intended_at=found.rollback.value.intended_at or now), seen, world
    )
    intent = Intent(
        number=found.endpoint.value.effects + 1,
        change=Change.RESTORE,
        step=0,
        config=target_of(noted).config,
        modified_at=EPOCH if seen is None else seen.modified_at,
        before="" if seen is None else seen.config,
        noted_at=now,
    )
    facts = way(noted) | {"effect": intent.number, "counts": dict(goal_of(noted).counts)}
    facts["status"] = "" if seen is None else seen.status.value
    entry = rollback_entry(noted, EntryKind.ROLLBACK_INTENDED, str(intent.number), facts)
    endpoint = replace(found.endpoint.value, intent=intent, effects=intent.number)
    _commit(found, noted, Told(endpoint, entry, f"intended|{intent.number}"), world)


def _as_it_serves(rollback: Rollback, seen: EndpointSeen | None, world: TakingBack) -> Rollback:
    """The rollback with what it has to keep of what serves now; scaling is only in its way where hosting changes."""
    left = rollback.left
    if left is not None and left.document is None:
        left = replace(left, document=world.endpoints.config(left.config))
    known = replace(rollback, left=left, instances=rollback.instances or instances_now(rollback, seen))
    if left is None or known.scaling is not None or not changes_hosting(known):
        return known
    scaling = world.scaling.of_variant(known.endpoint, str(variant_of(left)["VariantName"]))
    return replace(known, scaling=scaling)


def note_others(found: Held, intent: Intent, world: TakingBack) -> None:
    """Others change the endpoint now, so this act has not taken place: what it shows after them is not our doing."""
    if not intent.awaits:
        _note(found, replace(intent, awaits=True), world)


def note_settled(found: Held, intent: Intent, seen: EndpointSeen, world: TakingBack) -> None:
    """They are done: from here on whatever changes the endpoint is this act, or somebody's after it."""
    settled = replace(intent, awaits=False, modified_at=seen.modified_at, before=seen.config)
    _note(found, settled, world)


def note_act(found: Held, intent: Intent, world: TakingBack) -> None:
    """The call was answered."""
    _note(found, replace(intent, acted=True), world)


def note_returned(found: Held, seen: EndpointSeen, finished: Finished, world: TakingBack) -> None:
    """What served before serves again; whether that helps has still to show."""
    rollback = found.rollback.value
    because = f"{rollback.because} {finished.told}".strip()
    after = replace(
        rollback,
        phase=RollbackPhase.RECOVERING,
        returned_at=max(seen.modified_at, rollback.intended_at),
        verified=finished.served,
        because=because,
    )
    facts = way(after) | {"status": seen.status.value, "verified": after.verified, "told": finished.told}
    entry = rollback_entry(after, EntryKind.ROLLBACK_DONE, _number(found), facts)
    endpoint = replace(found.endpoint.value, intent=None)
    _commit(found, after, Told(endpoint, entry, "returned"), world)


def note_failed(found: Held, move: NextMove, world: TakingBack) -> None:
    """It did not come true, and its intent is forgotten.

    Where nothing was done, and another version serves by now, there is no need of it; else a person has to see to it.
    """
    rollback, intent = found.rollback.value, found.endpoint.value.intent
    outcome, told = RollbackOutcome.HELD, f"The return failed: {move.reason}"
    if move.move is Move.DIVERGED and intent is not None and not intent.acted:
        outcome = RollbackOutcome.NOT_NEEDED
        told = f"Somebody else changed the endpoint meanwhile: {move.reason}. Nothing was overwritten."
    after = replace(rollback, outcome=outcome, because=f"{rollback.because} {told}".strip())
    facts: dict[str, Any] = way(after) | {"reason": move.reason}
    entry = rollback_entry(after, EntryKind.ROLLBACK_FAILED, _number(found), facts)
    _commit(found, after, Told(replace(found.endpoint.value, intent=None), entry, "failed"), world)


def _number(found: Held) -> str:
    intent = found.endpoint.value.intent
    return str(found.endpoint.value.effects if intent is None else intent.number)


def _note(found: Held, intent: Intent, world: TakingBack) -> None:
    noted, now = replace(found.endpoint.value, intent=intent), world.clock.now()
    world.records.commit(Commit((save_endpoint(noted, found.endpoint, now),)), at=now)


def _commit(found: Held, rollback: Rollback, told: Told, world: TakingBack) -> None:
    now = world.clock.now()
    saves = (save_endpoint(told.endpoint, found.endpoint, now), save_rollback(rollback, found.rollback, now))
    world.records.commit(Commit(saves, (told.entry,), news(rollback, world.records, told.what, now)), at=now)
