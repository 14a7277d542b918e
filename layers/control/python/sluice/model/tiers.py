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


STEP_DEFAULTS: Mapping[Tier, tuple[int, ...]] = {
    Tier.PILOT: (10,),
    Tier.STANDARD: (10, 50),
    Tier.CRITICAL: (5, 25, 50),
}
"""Percents of the steps of a weighted rollout, for policies that name none."""

BAKE_DEFAULTS: Mapping[Tier, Mapping[str, Any]] = {
    Tier.PILOT: {"minimum": "10m", "maximum": "1h", "requests": 0},
    Tier.STANDARD: {"minimum": "15m", "maximum": "2h", "requests": 200},
    Tier.CRITICAL: {"minimum": "30m", "maximum": "4h", "requests": 1000},
}
"""How long a step is watched, for what a policy leaves out."""

RESPONSE_DEFAULTS: Mapping[Tier, Mapping[str, Mapping[str, Any]]] = {
    Tier.PILOT: {
        "watch": {"for": "1d"},
        "rollback": {"cool_down": "30m", "at_most": 3},
        "paging": {"repeat": "4h", "silence": "24h", "freeze": "critical"},
    },
    Tier.STANDARD: {
        "watch": {"for": "3d"},
        "rollback": {"cool_down": "1h", "at_most": 2},
        "paging": {"repeat": "30m", "silence": "4h", "freeze": "error"},
    },
    Tier.CRITICAL: {
        "watch": {"for": "7d"},
        "rollback": {"cool_down": "1h", "at_most": 2},
        "paging": {"repeat": "15m", "silence": "2h", "freeze": "error"},
    },
}
"""What follows when production goes wrong, for what a policy leaves out."""

NEXT_LEVEL_S: Mapping[Tier, int] = {Tier.PILOT: 3600, Tier.STANDARD: 900, Tier.CRITICAL: 300}
"""When those who manage are called, for policies without routes."""


@dataclass(frozen=True, slots=True)
class Floor:
    """The least that a tier accepts: people, roles, required gates, facts of lineage, the longest wait, instances.

    `first_percent` is how much of the traffic may meet a new version first. `calls_people` says that what is critical
    reaches a person at any time, is repeated within the hour, and holds releases back.
    """

    approvals: int
    roles: int
    gates: tuple[str, ...] = ()
    lineage: tuple[LineageFact, ...] = ()
    expires_within: str = "30d"
    may_keep_pending: bool = True
    min_instances: int = 1
    first_percent: int = 100
    judges_errors: bool = False
    calls_people: bool = False


FLOORS: Mapping[Tier, Floor] = {
    Tier.PILOT: Floor(approvals=1, roles=1),
    Tier.STANDARD: Floor(
        approvals=1,
        roles=1,
        gates=("lineage",),
        lineage=(LineageFact.TRAINING_JOB,),
        min_instances=2,
        first_percent=50,
        judges_errors=True,
    ),
    Tier.CRITICAL: Floor(
        approvals=2,
        roles=2,
        gates=("metrics", "explainability", "model_card", "lineage", "images"),
        lineage=tuple(_ORIGIN),
        expires_within="7d",
        may_keep_pending=False,
        min_instances=2,
        first_percent=10,
        judges_errors=True,
        calls_people=True,
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
    rollout = values.get("rollout")
    if isinstance(rollout, Mapping):
        filled["rollout"] = _rollout(tier, rollout)
    for part, usual in RESPONSE_DEFAULTS[tier].items():
        if isinstance(values.get(part), Mapping):
            filled[part] = {**usual, **values[part]}
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


def _rollout(tier: Tier, given: Mapping[str, Any]) -> dict[str, Any]:
    target = given.get("target")
    kind = target.get("kind", "realtime") if isinstance(target, Mapping) else "realtime"
    strategy = "weighted" if kind == "realtime" else "guardrails"
    filled = {"strategy": strategy, "give_up_after": "24h", **given}
    if filled["strategy"] == "guardrails":
        filled.setdefault("guardrails", {"type": "all_at_once" if kind == "serverless" else "canary"})
    else:
        filled.setdefault("steps", [{"percent": percent} for percent in STEP_DEFAULTS[tier]])
    if isinstance(filled.get("steps"), list):
        filled["steps"] = [_baked(tier, step) for step in filled["steps"]]
    if "shadow" in filled:
        filled["shadow"] = _baked(tier, filled["shadow"])
    if "min_instances" not in given:
        filled["min_instances"] = _min_instances(tier, kind, filled.get("guardrails"))
    return filled


def _min_instances(tier: Tier, kind: Any, guardrails: Any) -> int:
    if kind == "serverless":
        return 1
    shares = isinstance(guardrails, Mapping) and guardrails.get("type") in ("canary", "linear")
    return max(FLOORS[tier].min_instances, 2 if shares else 1)


def _baked(tier: Tier, step: Any) -> Any:
    """A step with the bake of its tier for what it leaves out, with one end moved where the other would cross it."""
    if not isinstance(step, Mapping) or not isinstance(step.get("bake", {}), Mapping):
        return step
    given, usual = step.get("bake", {}), BAKE_DEFAULTS[tier]
    bake = {**usual, **given}
    try:
        crossed = duration_s(bake["minimum"]) > duration_s(bake["maximum"])
    except ValueError:
        return {**step, "bake": bake}  # validation says what is wrong with it
    if crossed and "maximum" not in given:
        bake["maximum"] = bake["minimum"]
    elif crossed and "minimum" not in given:
        bake["minimum"] = bake["maximum"]
    return {**step, "bake": bake}
