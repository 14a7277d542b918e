"""What can be asked about approvals: commands of the decisions queue (model/commands.py)."""

from dataclasses import dataclass
from enum import StrEnum

from sluice.model.governing import Choice
from sluice.model.ids import ApprovalId, Micros, SlackUserId


class Timer(StrEnum):
    """What a schedule of an approval is for."""

    REMIND = "remind"
    ESCALATE = "escalate"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True)
class CastVote:
    """A person pressed a button or sent the form. `pressed_at` is the entry's time of receipt."""

    approval_id: ApprovalId
    person: SlackUserId
    team: str
    channel: str
    choice: Choice
    reason: str
    pressed_at: Micros


@dataclass(frozen=True, slots=True)
class CardDelivered:
    """Slack accepted the card: from now on the time to decide runs."""

    approval_id: ApprovalId
    delivered_at: Micros


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A schedule of an approval came due; `number` tells the reminders apart."""

    approval_id: ApprovalId
    timer: Timer
    number: int = 0


@dataclass(frozen=True, slots=True)
class EvidenceTouched:
    """The package was edited while its release waits: its evidence has to be collected again."""

    package_arn: str
    epoch: int


@dataclass(frozen=True, slots=True)
class DecidedElsewhere:
    """The registry status was changed around Sluice and stays so: nobody needs to be asked any more.

    `approval_id` is the approval that was open then; None while its release had not asked yet.
    """

    package_arn: str
    status: str
    by: str
    approval_id: ApprovalId | None = None


@dataclass(frozen=True, slots=True)
class ResumeRelease:
    """A settled approval's execution may still wait: resume it from the record."""

    approval_id: ApprovalId
