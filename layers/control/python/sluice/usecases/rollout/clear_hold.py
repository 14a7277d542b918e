"""A person says that an endpoint is in order again: rollouts may begin there, and it is on record who said so."""

from dataclasses import replace

from sluice.core.rollout.notices import hold_cleared
from sluice.model.commit import Commit, Entry
from sluice.model.endpoint import EndpointRecord
from sluice.model.entry_kinds import EntryKind
from sluice.model.rollout import Rollout
from sluice.model.rollout_commands import ClearHold
from sluice.usecases.deciding import Deciding
from sluice.usecases.messages import notice, rollout_card
from sluice.usecases.remembering import Known, keep, recall, settling_races
from sluice.usecases.rollout.changing import endpoint_of
from sluice.usecases.rollout.entries import rollout_entry
from sluice.usecases.rollout.pressing import UNKNOWN, Pressing
from sluice.usecases.rollout.remembered import save
from sluice.usecases.rollout.saying import said_of_hold

_NO_HOLD = "Nothing that this rollout left holds the endpoint any more."
_NO_REASON = "A reason is needed: what was put right? Nothing was changed."


def clear_hold(command: ClearHold, world: Deciding) -> None:
    """Clear a hold once, if the presser may; the reason goes to the ledger and to the channel."""
    pressing = Pressing.of(command, world)
    settling_races(lambda: _attempt(command, pressing, world))


def _attempt(command: ClearHold, pressing: Pressing, world: Deciding) -> None:
    known = recall(world.records, Rollout, command.rollout_id)
    world.records.commit(_commit(command, known, pressing, world), at=world.clock.now())


def _commit(command: ClearHold, known: Known[Rollout] | None, pressing: Pressing, world: Deciding) -> Commit:
    if known is None:
        return Commit(messages=(pressing.told(None, UNKNOWN),))
    rollout = known.value
    away = pressing.turned_away(rollout) or ("" if command.reason.strip() else _NO_REASON)
    if away:
        entry = _entry(rollout, EntryKind.HOLD_NOT_CLEARED, command, pressing, why=away)
        return Commit(entries=(entry,), messages=(pressing.told(rollout, away),))
    endpoint = endpoint_of(world.records, rollout)
    if endpoint is None or not endpoint.value.hold or rollout.cleared_by is not None:
        return Commit(messages=(pressing.told(rollout, _NO_HOLD),))
    return _cleared(command, known, endpoint, pressing, world)


def _cleared(
    command: ClearHold, known: Known[Rollout], endpoint: Known[EndpointRecord], pressing: Pressing, world: Deciding
) -> Commit:
    rollout, now = known.value, world.clock.now()
    free, cleared = replace(endpoint.value, hold=""), replace(rollout, cleared_by=command.person)
    drawn = hold_cleared(rollout, command.person, command.reason.strip())
    entry = _entry(rollout, EntryKind.HOLD_CLEARED, command, pressing, hold=endpoint.value.hold)
    told = pressing.told(rollout, "The hold is cleared: rollouts may begin on this endpoint again.")
    return Commit(
        saves=(keep(endpoint, free, endpoint.id), save(cleared, known, now)),
        entries=(entry,),
        messages=(
            notice(f"hold-cleared|{rollout.id}|{pressing.key}", rollout.channel, drawn),
            rollout_card(cleared, now),
            *said_of_hold(rollout, now),
            told,
        ),
    )


def _entry(rollout: Rollout, kind: EntryKind, command: ClearHold, pressing: Pressing, **more: str) -> Entry:
    body = {"person": command.person, "name": pressing.name, "reason": command.reason.strip(), "at": command.pressed_at}
    return rollout_entry(rollout, kind, pressing.key, body | more)
