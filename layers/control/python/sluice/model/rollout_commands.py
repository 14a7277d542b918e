"""What can be asked about rollouts: commands of the decisions queue (model/commands.py)."""

from dataclasses import dataclass

from sluice.model.ids import Micros, RolloutId, SlackUserId
from sluice.model.rollout import WishKind


@dataclass(frozen=True, slots=True)
class AskRollout:
    """A person pressed a button of a rollout, or sent its form. `pressed_at` is the entry's time of receipt."""

    rollout_id: RolloutId
    person: SlackUserId
    team: str
    channel: str
    kind: WishKind
    reason: str
    pressed_at: Micros


@dataclass(frozen=True, slots=True)
class ClearHold:
    """A person says that the endpoint which a rollout left on hold may be rolled out to again."""

    rollout_id: RolloutId
    person: SlackUserId
    team: str
    channel: str
    reason: str
    pressed_at: Micros


@dataclass(frozen=True, slots=True)
class WakeRollout:
    """Something happened that the judge should look at now: an alarm, an edit of the package."""

    rollout_id: RolloutId
    reason: str


@dataclass(frozen=True, slots=True)
class ResumeRollout:
    """A look that has decided is owed its answer: hand it over from the record."""

    rollout_id: RolloutId


@dataclass(frozen=True, slots=True)
class FinishRollout:
    """A rollout has ended (`RolloutFinished` says the same): its release waits for the outcome."""

    rollout_id: RolloutId
