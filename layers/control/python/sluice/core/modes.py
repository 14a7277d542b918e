"""What Sluice does in each mode. The table of docs/modes.md, as code; a test walks both."""

from enum import StrEnum

from sluice.model.approval import Mode, OnExpiry


class Situation(StrEnum):
    """What has been found or decided about a package that waits, or that goes to production."""

    GATE_FAILED = "gate_failed"
    GATE_MISSING = "gate_missing"
    QUORUM_REACHED = "quorum_reached"
    REJECTED = "rejected"
    EXPIRED = "expired"
    DECIDED_ELSEWHERE = "decided_elsewhere"
    APPROVAL_WITHDRAWN = "approval_withdrawn"


class Effect(StrEnum):
    """What follows from a situation; only the first three change the registry."""

    APPROVE_PACKAGE = "approve_package"
    REJECT_PACKAGE = "reject_package"
    SET_BACK_TO_PENDING = "set_back_to_pending"
    ASK_PEOPLE = "ask_people"
    KEEP_PENDING = "keep_pending"
    REPORT = "report"
    RECORD = "record"
    TAKE_BACK = "take_back"


_TABLE: dict[Situation, tuple[Effect, Effect, Effect]] = {
    Situation.GATE_FAILED: (Effect.RECORD, Effect.ASK_PEOPLE, Effect.REJECT_PACKAGE),
    Situation.GATE_MISSING: (Effect.RECORD, Effect.ASK_PEOPLE, Effect.REJECT_PACKAGE),
    Situation.QUORUM_REACHED: (Effect.RECORD, Effect.APPROVE_PACKAGE, Effect.APPROVE_PACKAGE),
    Situation.REJECTED: (Effect.RECORD, Effect.REJECT_PACKAGE, Effect.REJECT_PACKAGE),
    Situation.EXPIRED: (Effect.RECORD, Effect.KEEP_PENDING, Effect.REJECT_PACKAGE),
    Situation.DECIDED_ELSEWHERE: (Effect.RECORD, Effect.REPORT, Effect.SET_BACK_TO_PENDING),
    Situation.APPROVAL_WITHDRAWN: (Effect.RECORD, Effect.TAKE_BACK, Effect.TAKE_BACK),
}
_COLUMN = {Mode.OBSERVE: 0, Mode.RECOMMEND: 1, Mode.ENFORCE: 2}


def effect_of(mode: Mode, situation: Situation, *, on_expiry: OnExpiry = OnExpiry.REJECT) -> Effect:
    """The effect of a situation; `on_expiry` is the policy's word on what expiry means in `enforce`."""
    effect = _TABLE[situation][_COLUMN[mode]]
    if situation is Situation.EXPIRED and effect is Effect.REJECT_PACKAGE and on_expiry is OnExpiry.KEEP_PENDING:
        return Effect.KEEP_PENDING
    return effect
