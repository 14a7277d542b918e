"""What travels through the `release` state machine: names and digests, never documents."""

from dataclasses import dataclass
from enum import StrEnum

from sluice.model.ids import GroupName


@dataclass(frozen=True, slots=True)
class Release:
    """One generation of one package on its way to a decision; `release_id` reads GROUP/VERSION/GENERATION."""

    release_id: str
    package_arn: str
    group: GroupName
    version: int
    generation: int
    region: str


class Outcome(StrEnum):
    """How a release can end: before it goes to production, or with the outcome of its rollout."""

    APPROVED = "approved"
    REJECTED = "rejected"
    GATES_FAILED = "gates_failed"
    EXPIRED = "expired"
    DECIDED_ELSEWHERE = "decided_elsewhere"
    OBSERVED = "observed"
    EVIDENCE_CHANGED = "evidence_changed"
    FAILED = "failed"
    PROMOTED = "promoted"
    RETURNED = "returned"
    UNDECIDED = "undecided"
    WITHDRAWN = "withdrawn"
    ROLLOUT_REFUSED = "rollout_refused"
    ROLLOUT_OBSERVED = "rollout_observed"
    ROLLOUT_FAILED = "rollout_failed"
    SUPERSEDED = "superseded"
    DIVERGED = "diverged"
    HELD = "held"


OF_ROLLOUT = frozenset(
    {
        Outcome.PROMOTED,
        Outcome.RETURNED,
        Outcome.UNDECIDED,
        Outcome.WITHDRAWN,
        Outcome.ROLLOUT_REFUSED,
        Outcome.ROLLOUT_OBSERVED,
        Outcome.ROLLOUT_FAILED,
        Outcome.SUPERSEDED,
        Outcome.DIVERGED,
        Outcome.HELD,
    }
)
"""Outcomes of an approved version that was on its way to production."""


class Route(StrEnum):
    """The one field that the machine's choices compare."""

    ASK = "ask"
    SET_STATUS = "set_status"
    COLLECT_AGAIN = "collect_again"
    CONCLUDE = "conclude"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a decision hands to the machine. `status`, `description` and `client_token` go to UpdateModelPackage."""

    route: Route
    outcome: Outcome
    status: str = ""
    description: str = ""
    client_token: str = ""


@dataclass(frozen=True, slots=True)
class BrokenExecution:
    """An execution that ended without reaching an end of its own; `status` is FAILED, TIMED_OUT or ABORTED."""

    release: Release
    status: str
