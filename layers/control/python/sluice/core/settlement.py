"""Closing an approval: its final state, and the one answer that the waiting execution gets. Pure."""

import hashlib
from dataclasses import dataclass, replace

from sluice.core.modes import Effect, Situation, effect_of
from sluice.core.quorum import assign, counting
from sluice.model.approval import Approval, ApprovalStatus, Choice, Mode
from sluice.model.ids import Micros
from sluice.model.package import RegistryStatus
from sluice.model.records import StatusIntent
from sluice.model.release import Answer, Outcome, Route

DESCRIPTION_CHARS = 1024
"""ApprovalDescription of UpdateModelPackage: at most 1,024 characters (botocore, sagemaker)."""

_FINAL = {
    Situation.QUORUM_REACHED: (ApprovalStatus.APPROVED, Outcome.APPROVED),
    Situation.REJECTED: (ApprovalStatus.REJECTED, Outcome.REJECTED),
    Situation.EXPIRED: (ApprovalStatus.EXPIRED, Outcome.EXPIRED),
    Situation.DECIDED_ELSEWHERE: (ApprovalStatus.DECIDED_ELSEWHERE, Outcome.DECIDED_ELSEWHERE),
}


@dataclass(frozen=True, slots=True)
class Settlement:
    """The settled approval with its answer, and the status about to be set in the registry, if any."""

    approval: Approval
    answer: Answer
    intent: StatusIntent | None


def settle(approval: Approval, situation: Situation, *, at: Micros, because: str) -> Settlement:
    """Settle an open approval; gates are never a situation here, they are judged before anybody is asked."""
    status, outcome = _FINAL[situation]
    effect = effect_of(approval.mode, situation, on_expiry=approval.timing.on_expiry)
    answer = _answer(approval, effect, outcome, because)
    if effect is Effect.RECORD:
        answer = replace(answer, description=_would_have(approval, situation, because))
    settled = replace(
        approval, status=status, settled_at=at, settled_because=_told(effect, because), answer=answer, on_hold=False
    )
    wanted = answer.status if answer.route is Route.SET_STATUS else ""
    intent = StatusIntent(wanted, answer.description, at) if wanted else None
    return Settlement(settled, answer, intent)


def who_approved(approval: Approval) -> str:
    """The counted approvals in words, such as `Ben (data_science), Chen (ml_engineering)`."""
    approvals = {v.person: v for v in counting(approval) if v.choice is Choice.APPROVE}
    seats = assign(approval.needs, list(approvals.values()))
    names = [f"{approvals[person].name or person} ({role})" for role, people in seats.items() for person in people]
    return ", ".join(names) or "nobody"


def registry_description(because: str, tail: str) -> str:
    """An ApprovalDescription: the reason, cut to fit, and where it comes from."""
    # The registry takes no line break here (pattern `.*`), but a reason is typed in a field of several lines.
    told = "".join(c if c.isprintable() else " " for c in because)
    return told[: DESCRIPTION_CHARS - len(tail)] + tail


def client_token(*parts: str) -> str:
    """A ClientToken for UpdateModelPackage (1-36 letters, digits, hyphens): the same parts, the same change."""
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:36]


def _answer(approval: Approval, effect: Effect, outcome: Outcome, because: str) -> Answer:
    match effect:
        case Effect.APPROVE_PACKAGE:
            return _set_status(approval, RegistryStatus.APPROVED, outcome, because)
        case Effect.REJECT_PACKAGE:
            return _set_status(approval, RegistryStatus.REJECTED, outcome, because)
        case Effect.RECORD:
            return Answer(Route.CONCLUDE, Outcome.OBSERVED)
        case Effect.KEEP_PENDING | Effect.REPORT | Effect.SET_BACK_TO_PENDING | Effect.ASK_PEOPLE | Effect.TAKE_BACK:
            return Answer(Route.CONCLUDE, outcome)


def _set_status(approval: Approval, status: RegistryStatus, outcome: Outcome, because: str) -> Answer:
    tail = f" (Sluice release {approval.release_id}, evidence {approval.digest[:23]})"
    token = client_token("settle", approval.id, status.value)
    return Answer(Route.SET_STATUS, outcome, status.value, registry_description(because, tail), token)


def _would_have(approval: Approval, situation: Situation, because: str) -> str:
    """What `enforce` would have done, for the notice of a release that was only observed."""
    enforced = effect_of(Mode.ENFORCE, situation, on_expiry=approval.timing.on_expiry)
    would = {
        Effect.APPROVE_PACKAGE: "it would have been approved",
        Effect.REJECT_PACKAGE: "it would have been rejected",
        Effect.SET_BACK_TO_PENDING: "that status would have been set back to pending",
    }.get(enforced, "it would have stayed pending")
    return f"{would}. {because}"[:DESCRIPTION_CHARS]


def _told(effect: Effect, because: str) -> str:
    if effect is Effect.RECORD:
        return f"{because} In observe mode the registry was not touched."
    return because
