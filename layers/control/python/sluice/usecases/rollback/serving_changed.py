"""The card of a promoted rollout says whether its version still serves, and so whether it can be taken back."""

from dataclasses import replace

from sluice.model.commit import Commit
from sluice.model.ids import Micros, RolloutId
from sluice.model.rollout import Rollout
from sluice.ports import Records
from sluice.usecases.messages import rollout_card
from sluice.usecases.remembering import recall
from sluice.usecases.rollout.remembered import save


def serving_changed(rollout_id: RolloutId, records: Records, now: Micros, *, replaced: bool) -> Commit:
    """What is written when the version of a rollout serves no more, or again; nothing where that is known already."""
    known = recall(records, Rollout, rollout_id) if rollout_id else None
    if known is None or known.value.replaced is replaced:
        return Commit()
    after = replace(known.value, replaced=replaced)
    return Commit((save(after, known, now),), messages=(rollout_card(after, now),))
