"""What a policy says of a group in a word: how much is at stake, how far Sluice may go, and who has a say.

Apart from approvals, because every function of a rollout reads it and few read an approval.
"""

from dataclasses import dataclass
from enum import StrEnum

from sluice.model.ids import SlackUserId


class Tier(StrEnum):
    """How much is at stake for a model group."""

    PILOT = "pilot"
    STANDARD = "standard"
    CRITICAL = "critical"


class Mode(StrEnum):
    """How far Sluice may go by itself for a model group."""

    OBSERVE = "observe"
    RECOMMEND = "recommend"
    ENFORCE = "enforce"


class Choice(StrEnum):
    """What a person can answer on a card."""

    APPROVE = "approve"
    REJECT = "reject"
    REQUEST_CHANGES = "request_changes"


@dataclass(frozen=True, slots=True)
class RoleNeed:
    """So many distinct people of one role. Members are `people` and, when named, those of a Slack user group."""

    role: str
    count: int
    people: tuple[SlackUserId, ...] = ()
    user_group: str | None = None
