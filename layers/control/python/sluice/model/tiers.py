"""What the tiers mean: defaults that a policy gets without asking, and a floor that it may tighten but not go under."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sluice.model.approval import Tier
from sluice.model.document_fields import duration_s
from sluice.model.policy_in_force import LineageFact

_ORIGIN = [LineageFact.TRAINING_JOB, LineageFact.TRAINING_DATA, LineageFact.SOURCE_COMMIT]

APPROVAL_DEFAULTS: Mapping[Tier, Mapping[str, Any]] = {
    Tier.PILOT: {"expires_after": "7d", "on_expiry": "keep_pending", "remind_after": ["1d", "3d"]},
    Tier.STANDARD: {"expires_after": "48h", "on_expiry": "reject", "remind_after": ["4h", "24h"]},
    Tier.CRITICAL: {"expires_after": "24h", "on_expiry": "reject", "remind_after": ["2h", "8h"]},
}
"""Times of an approval for what a policy leaves out."""

ESCALATION_DEFAULTS: Mapping[Tier, str | None] = {Tier.PILOT: None, Tier.STANDARD: "36h", Tier.CRITICAL: "12h"}
"""When the owner's contacts are called in, for policies that say nothing about escalation."""

GATE_DEFAULTS: Mapping[Tier, Mapping[str, Any]] = {
    Tier.PILOT: {},
    Tier.STANDARD: {"lineage": {"require": [LineageFact.TRAINING_JOB]}},
    Tier.CRITICAL: {
        "explainability": {},
        "model_card": {"statuses": ["Approved"]},
        "lineage": {"require": _ORIGIN},
    },
}
"""Gates of a tier for what a policy leaves out."""


@dataclass(frozen=True, slots=True)
class Floor:
    """The least that a tier accepts: people, roles, required gates, facts of lineage, the longest wait."""

    approvals: int
    roles: int
    gates: tuple[str, ...] = ()
    lineage: tuple[LineageFact, ...] = ()
    expires_within: str = "30d"
    may_keep_pending: bool = True


FLOORS: Mapping[Tier, Floor] = {
    Tier.PILOT: Floor(approvals=1, roles=1),
    Tier.STANDARD: Floor(approvals=1, roles=1, gates=("lineage",), lineage=(LineageFact.TRAINING_JOB,)),
    Tier.CRITICAL: Floor(
        approvals=2,
        roles=2,
        gates=("metrics", "explainability", "model_card", "lineage", "images"),
        lineage=tuple(_ORIGIN),
        expires_within="7d",
        may_keep_pending=False,
    ),
}
"""The floor of each tier."""


def with_tier_defaults(values: Any) -> Any:
    """Fill in what a policy leaves to its tier; what is not even a policy is passed on for validation to refuse."""
    if not isinstance(values, Mapping) or values.get("tier") not in list(Tier):
        return values
    tier = Tier(values["tier"])
    filled = dict(values)
    gates = values.get("gates", {})
    if isinstance(gates, Mapping):
        filled["gates"] = {**GATE_DEFAULTS[tier], **gates}
    approval = values.get("approval", {})
    if isinstance(approval, Mapping):
        filled["approval"] = _approval(tier, approval, values.get("owner"))
    return filled


def _approval(tier: Tier, given: Mapping[str, Any], owner: Any) -> dict[str, Any]:
    filled = {**APPROVAL_DEFAULTS[tier], **given}
    try:
        expires_s = duration_s(filled["expires_after"])
    except ValueError:
        return filled  # validation says what is wrong with it
    if "remind_after" not in given:
        filled["remind_after"] = [r for r in filled["remind_after"] if duration_s(r) < expires_s]
    after = ESCALATION_DEFAULTS[tier]
    contacts = owner.get("contacts") if isinstance(owner, Mapping) else None
    if "escalate" not in given and contacts and after and duration_s(after) < expires_s:
        filled["escalate"] = {"after": after, "to": contacts}
    return filled
