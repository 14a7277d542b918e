"""A person asks something of a rollout: note it if they may and it can be done, and have the judge look."""

from sluice.core.rollout.wishes import Heard, Hearing, hear, serves_alone
from sluice.model.commit import Commit, Entry
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros
from sluice.model.rollout import Rollout, Wish, WishKind
from sluice.model.rollout_commands import AskRollout
from sluice.usecases.deciding import Deciding
from sluice.usecases.messages import rollout_card
from sluice.usecases.remembering import Known, recall, settling_races
from sluice.usecases.rollback.demand_rollback import demanded, start_demanded
from sluice.usecases.rollout.entries import rollout_entry
from sluice.usecases.rollout.pressing import UNKNOWN, Pressing
from sluice.usecases.rollout.remembered import save
from sluice.usecases.rollout.try_again import try_again
from sluice.usecases.rollout.wake_rollout import wake_rollout


def ask_rollout(command: AskRollout, world: Deciding) -> None:
    """Note a wish once, however often its message comes, and tell the person what is true."""
    pressing = Pressing.of(command, world)
    hearing = settling_races(lambda: _attempt(command, pressing, world))
    if hearing is not Hearing.REFUSED:
        wake_rollout(command.rollout_id, world)
        start_demanded(command.rollout_id, command.pressed_at, world.records, world.rollbacks)


def _attempt(command: AskRollout, pressing: Pressing, world: Deciding) -> Hearing:
    known, now = recall(world.records, Rollout, command.rollout_id), world.clock.now()
    if known is None:
        world.records.commit(Commit(messages=(pressing.told(None, UNKNOWN),)), at=now)
        return Hearing.REFUSED
    wish = Wish(command.kind, command.person, pressing.name, command.reason.strip(), command.pressed_at)
    away, beside = pressing.turned_away(known.value), Commit()
    heard = Heard(Hearing.REFUSED, known.value, away) if away else hear(known.value, wish)
    if heard.hearing is Hearing.GRANTED and wish.kind is WishKind.TRY_AGAIN:
        heard, beside = try_again(known.value, heard, world)
    elif heard.hearing is Hearing.GRANTED and serves_alone(known.value):
        beside = demanded(known.value, wish, now)
    commit = _commit(known, heard, wish, pressing, now)
    saves, messages = commit.saves + beside.saves, commit.messages + beside.messages
    world.records.commit(Commit(saves, commit.entries + beside.entries, messages), at=now)
    return heard.hearing


def _commit(known: Known[Rollout], heard: Heard, wish: Wish, pressing: Pressing, now: Micros) -> Commit:
    told = pressing.told(known.value, heard.message)
    match heard.hearing:
        case Hearing.ALREADY:
            return Commit(messages=(told,))
        case Hearing.REFUSED:
            entry = _entry(known.value, EntryKind.ROLLOUT_ASK_REFUSED, wish, pressing, why=heard.message)
            return Commit(entries=(entry,), messages=(told,))
        case Hearing.GRANTED:
            return Commit(
                saves=(save(heard.rollout, known, now),),
                entries=(_entry(heard.rollout, EntryKind.ROLLOUT_ASKED, wish, pressing),),
                messages=(rollout_card(heard.rollout, now), told),
            )


def _entry(rollout: Rollout, kind: EntryKind, wish: Wish, pressing: Pressing, **more: str) -> Entry:
    body = {
        "asked": wish.kind.value,
        "person": wish.person,
        "name": wish.name,
        "reason": wish.reason,
        "at": wish.at,
        "phase": rollout.phase.value,
        "step": rollout.step,
    }
    return rollout_entry(rollout, kind, pressing.key, body | more)
