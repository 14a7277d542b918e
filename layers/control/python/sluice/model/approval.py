"""An approval: the quorum by role on one evidence digest, from the question to its one answer."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from sluice.model.governing import Choice, Mode, RoleNeed, Tier
from sluice.model.ids import ApprovalId, Digest, GroupName, Micros, SlackUserId
from sluice.model.people import RegistrationFacts
from sluice.model.release import Answer

__all__ = [
    "Approval",
    "ApprovalStatus",
    "Choice",
    "GateLine",
    "GateVerdict",
    "MetricLine",
    "Mode",
    "OnExpiry",
    "Registrant",
    "RoleNeed",
    "Tier",
    "Timing",
    "Vote",
]


class ApprovalStatus(StrEnum):
    """Where an approval stands; everything but OPEN is final."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    DECIDED_ELSEWHERE = "decided_elsewhere"


class OnExpiry(StrEnum):
    """What expiry means for the package; approval is never implied."""

    REJECT = "reject"
    KEEP_PENDING = "keep_pending"


class GateVerdict(StrEnum):
    """Outcome of one gate."""

    PASSED = "passed"
    FAILED = "failed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's standing answer; a later one of the same person replaces it.

    `roles`: what they could fill then.

    `name` is the person's name in `/sluice/people`, empty for someone not listed there.
    """

    person: SlackUserId
    choice: Choice
    reason: str
    at: Micros
    roles: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Registrant:
    """Who registered the package: a person, or why nobody could be named."""

    person: SlackUserId | None
    shown_as: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GateLine:
    """One gate's result as a card shows it."""

    gate: str
    verdict: GateVerdict
    required: bool
    reason: str


@dataclass(frozen=True, slots=True)
class MetricLine:
    """One metric beside that of the version it is compared with; `trend` is better, worse, same or new."""

    metric: str
    candidate: float | None
    production: float | None
    trend: str


@dataclass(frozen=True, slots=True)
class Timing:
    """The policy's times in seconds, counted from the delivery of the card."""

    expires_after_s: int
    on_expiry: OnExpiry
    remind_after_s: tuple[int, ...] = ()
    escalate_after_s: int | None = None
    escalate_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """The question to people about one release on one evidence digest, and everything that was answered.

    `epoch` is the package's evidence epoch it was asked on; `on_hold` while evidence is being collected again.
    `answer` is what the waiting execution gets once it is settled; `resumed` says that it got it. `production_version`
    is what the version is compared with: what serves `production_endpoint`, or the newest approved where that is empty.
    """

    KIND: ClassVar[str] = "approval"

    id: ApprovalId
    release_id: str
    package_arn: str
    group: GroupName
    version: int
    generation: int
    tier: Tier
    mode: Mode
    digest: Digest
    epoch: int
    policy_digest: str
    channel: str
    registrant: Registrant
    needs: tuple[RoleNeed, ...]
    gates: tuple[GateLine, ...]
    timing: Timing
    requested_at: Micros
    registration: RegistrationFacts | None = None
    comparison: tuple[MetricLine, ...] = ()
    production_version: int | None = None
    production_endpoint: str = ""
    votes: tuple[Vote, ...] = ()
    voided_votes: int = 0
    posted_in: str | None = None
    message_ts: str | None = None
    posted_at: Micros | None = None
    delivered_at: Micros | None = None
    deadline: Micros | None = None
    reminded: int = 0
    escalated: bool = False
    on_hold: bool = False
    status: ApprovalStatus = ApprovalStatus.OPEN
    settled_at: Micros | None = None
    settled_because: str = ""
    answer: Answer | None = None
    resumed: bool = False

    @property
    def channel_id(self) -> str:
        """Where the card is: the channel that Slack answered with, which differs from a person's id for a DM."""
        return self.posted_in or self.channel

    @property
    def is_open(self) -> bool:
        """Whether an answer can still count."""
        return self.status is ApprovalStatus.OPEN

    @property
    def gates_passed(self) -> bool:
        """Whether no required gate failed or lacks its evidence."""
        return all(g.verdict is GateVerdict.PASSED for g in self.gates if g.required)
