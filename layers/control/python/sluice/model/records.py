"""What Sluice remembers of model packages and policies between events."""

from dataclasses import dataclass
from typing import ClassVar

from sluice.model.approval import Mode
from sluice.model.ids import ApprovalId, Micros, RolloutId
from sluice.model.policy_in_force import PolicyInForce


@dataclass(frozen=True, slots=True)
class StatusIntent:
    """A registry status that Sluice is about to set, noted first so that its event is recognised when it comes back."""

    status: str
    description: str
    at: Micros


@dataclass(frozen=True, slots=True)
class PackageRecord:
    """One model package as Sluice last saw it (record kind `package`, id = lower-case ARN).

    `generation` counts approvals asked for, from 1; `started` says whether its execution is known to run.
    `evidence_epoch` rises whenever evidence may have changed. `intent` is the status that a decision is about to set,
    `undo` the set-back of somebody else's: either may be on its way, so neither takes the other's place.
    `rollout` is the rollout that the release of this generation waits for, none once it has its outcome.
    """

    KIND: ClassVar[str] = "package"

    arn: str
    group: str
    version: int
    status: str
    last_modified: Micros
    mode: Mode
    generation: int = 0
    started: bool = False
    concluded: bool = False
    evidence_epoch: int = 0
    intent: StatusIntent | None = None
    undo: StatusIntent | None = None
    approval: ApprovalId | None = None
    rollout: RolloutId | None = None
    outcome: str = ""

    @property
    def awaiting(self) -> bool:
        """Whether a release of the present generation is under way."""
        return self.generation > 0 and not self.concluded


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """The policy in force of a group (record kind `policy`, id = lower-case group name).

    `text` is its canonical JSON; `since` is when the group's first policy was accepted: what was decided before
    that is not a decision made around Sluice.
    """

    KIND: ClassVar[str] = "policy"

    in_force: PolicyInForce
    text: str
    since: Micros
