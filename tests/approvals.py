"""Approvals for tests: one that is ordinary in every way, to be changed where a test needs it."""

from typing import Any

from sluice.model.approval import (
    Approval,
    GateLine,
    GateVerdict,
    MetricLine,
    Mode,
    OnExpiry,
    Registrant,
    RoleNeed,
    Tier,
    Timing,
)
from sluice.model.ids import ApprovalId, Digest, GroupName, Micros, SlackUserId

NOW = Micros(1_780_000_000_000_000)
HOUR = 3_600_000_000

ORDINARY: dict[str, Any] = {
    "id": ApprovalId("apr_3f1c0f0c9f9d4d0e8a7b6c5d4e3f2a1b"),
    "release_id": "rel-5d41402abc4b2a76",
    "package_arn": "arn:aws:sagemaker:us-east-1:111122223333:model-package/fraud-detector/7",
    "group": GroupName("fraud-detector"),
    "version": 7,
    "generation": 1,
    "tier": Tier.STANDARD,
    "mode": Mode.ENFORCE,
    "digest": Digest("sha256:" + "ab" * 32),
    "epoch": 1,
    "policy_digest": "sha256:" + "cd" * 32,
    "channel": "C0MODELS",
    "registrant": Registrant(SlackUserId("U0ANNA"), "Anna Ferreira"),
    "needs": (
        RoleNeed("data_science", 1, (SlackUserId("U0ANNA"), SlackUserId("U0BEN"))),
        RoleNeed("ml_engineering", 1, (), "S0MLENG"),
    ),
    "gates": (
        GateLine("metrics auc", GateVerdict.PASSED, True, "auc is 0.912, at least 0.85 is needed"),
        GateLine(
            "bias DPPL", GateVerdict.PASSED, True, "DPPL of customer_gender_female is 0.04, at most 0.1 is allowed"
        ),
        GateLine("model_card", GateVerdict.PASSED, True, "the model card is Approved"),
        GateLine("explainability", GateVerdict.MISSING, False, "no explainability report is attached"),
    ),
    "timing": Timing(86_400, OnExpiry.REJECT, (14_400,), 72_000, ("U0OLGA",)),
    "requested_at": NOW,
    "comparison": (MetricLine("auc", 0.912, 0.905, "better"), MetricLine("f1", 0.71, 0.73, "worse")),
    "production_version": 6,
    "production_endpoint": "fraud-prod",
    "delivered_at": NOW,
    "deadline": Micros(NOW + 24 * HOUR),
}


def an_approval(**changes: Any) -> Approval:
    """The ordinary approval with some fields changed."""
    return Approval(**(ORDINARY | changes))
