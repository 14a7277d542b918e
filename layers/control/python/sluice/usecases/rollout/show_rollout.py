"""The card of a rollout: one message from the request to the end."""

from dataclasses import replace

from sluice.core.rollout.card import rollout_card
from sluice.model.ids import Micros, RolloutId
from sluice.model.posted import Posted
from sluice.model.rollout import Rollout
from sluice.usecases.delivering import Delivering
from sluice.usecases.rollout.remembered import save
from sluice.usecases.showing import Showing


def show_rollout(rollout_id: RolloutId, world: Delivering, *, attempt: int) -> None:
    """Post the card, or bring the posted one up to date."""
    Showing(Rollout, rollout_card, _noted, save).show(rollout_id, world, attempt=attempt)


def _noted(rollout: Rollout, posted: Posted, at: Micros) -> Rollout:
    del at
    return replace(rollout, message_ts=posted.ts, posted_in=posted.channel)
