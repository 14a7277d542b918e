"""A rollback: one answer to signals of an incident, from the decision to the verified return."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from sluice.model.endpoint import ScalingSeen
from sluice.model.governing import Mode
from sluice.model.ids import EPOCH, GroupName, IncidentId, Micros, RollbackId, RolloutId, SlackUserId
from sluice.model.production import Served
from sluice.model.signal import Signal


class Decision(StrEnum):
    """What follows from a signal."""

    ROLL_BACK = "roll_back"
    HAND_OVER = "hand_over"
    """A rollout is under way on the endpoint: it looks at once, and this waits for its end."""
    RETRAIN = "retrain"
    ASK = "ask"
    """`recommend`, or a cause that does not take back by itself: people decide, by the button of the incident."""
    RECORD = "record"
    """`observe`: what would have been done is on record."""
    HOLD = "hold"
    """Nothing safe can be done by itself: a person is called, and no rollout begins until one has seen to it."""


class RollbackPhase(StrEnum):
    """Where a rollback stands."""

    REQUESTED = "requested"
    WAITING = "waiting"
    RETURNING = "returning"
    RECOVERING = "recovering"
    """What served before serves again; what was raised has still to be cleared."""
    DONE = "done"


class RollbackOutcome(StrEnum):
    """How a rollback can end."""

    RECOVERED = "recovered"
    """What served before serves again, and what was raised is cleared."""
    RETURNED = "returned"
    """What served before serves again; whether that helped shows later (a monitor that runs once a day)."""
    NOT_RECOVERED = "not_recovered"
    """What served before serves again, and it did not help: the incident gets worse."""
    HANDED_OVER = "handed_over"
    RETRAINING = "retraining"
    ASKED = "asked"
    RECORDED = "recorded"
    NOT_NEEDED = "not_needed"
    """Cleared, or already another version, before anything was begun."""
    HELD = "held"
    """Nothing could be done safely, or the return failed: no rollout until a person clears it."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A person wants it: who, and why. Then the mode and the limits of automation do not count."""

    person: SlackUserId
    name: str
    reason: str
    at: Micros


@dataclass(frozen=True, slots=True)
class Rollback:
    """Everything known of one rollback (record kind `rollback`, id = rollback id).

    `signal` is what asked for it. `attempt` counts executions. `fence` is the number of the endpoint's lock, 0 while it
    is not taken. `handed_to` is the rollout that the signal was handed over to. `left` is what served when it was
    decided, `target` what is to serve, with `instances` as served then and the `scaling` that there was; `mode` and
    `recover_within_s` are the policy's at the decision. `intended_at` is when the first change was noted. `outcome` is
    set as soon as it is decided, before it is brought about; `verified` that the target was seen to serve; `rejects`
    that the model is at fault, so that its package is to be rejected; `retraining` is the ARN of the pipeline execution
    that was started.
    """

    KIND: ClassVar[str] = "rollback"

    id: RollbackId
    incident_id: IncidentId
    group: GroupName
    region: str
    endpoint: str
    signal: Signal
    requested_at: Micros
    demand: Demand | None = None
    attempt: int = 1
    phase: RollbackPhase = RollbackPhase.REQUESTED
    decision: Decision | None = None
    because: str = ""
    mode: Mode | None = None
    handed_to: RolloutId | None = None
    left: Served | None = None
    target: Served | None = None
    instances: int = 0
    scaling: ScalingSeen | None = None
    recover_within_s: int = 0
    fence: int = 0
    decided_at: Micros = EPOCH
    intended_at: Micros = EPOCH
    returned_at: Micros = EPOCH
    verified: bool = False
    rejects: bool = False
    retraining: str = ""
    outcome: RollbackOutcome | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing will happen any more."""
        return self.phase is RollbackPhase.DONE
