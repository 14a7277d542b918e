"""A person takes a promoted version back: the rollback is recorded with the press, and started after it."""

from sluice.core.rollback.naming import demanded_rollback_id
from sluice.core.rollback.requesting import demanded_rollback
from sluice.model.commit import Commit
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros, RolloutId
from sluice.model.rollback import Rollback
from sluice.model.rollout import Rollout, Wish
from sluice.ports import Executions, Records
from sluice.usecases.remembering import recall
from sluice.usecases.rollback.entries import rollback_entry
from sluice.usecases.rollback.remembered import save_rollback
from sluice.usecases.rollback.starting import start_rollback


def demanded(rollout: Rollout, wish: Wish, now: Micros) -> Commit:
    """What is written beside the press."""
    rollback = demanded_rollback(rollout, wish)
    body = {"asked": wish.kind.value, "person": wish.person, "name": wish.name, "reason": wish.reason}
    body |= {"rollout_id": rollout.id}
    entry = rollback_entry(rollback, EntryKind.ROLLBACK_REQUESTED, "demand", body)
    return Commit(saves=(save_rollback(rollback, None, now),), entries=(entry,))


def start_demanded(rollout_id: RolloutId, pressed_at: Micros, records: Records, executions: Executions) -> None:
    """Start what a press has asked for, however often the press comes; nothing where it asked for no rollback."""
    known = recall(records, Rollback, demanded_rollback_id(rollout_id, pressed_at))
    if known is not None and not known.value.is_over:
        start_rollback(known.value, executions)
