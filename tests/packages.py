"""A policy and a package for tests, ordinary in every way, to be changed where a test needs it."""

from typing import Any

from sluice.model.approval import Mode, OnExpiry, RoleNeed, Tier, Timing
from sluice.model.ids import Digest, GroupName, PackageArn, SlackUserId
from sluice.model.package import Actor, DocumentKind, DocumentSource, ModelPackage, PackageStatus, RegistryStatus
from sluice.model.policy_in_force import GateRules, MetricLimit, PolicyInForce
from tests.approvals import NOW

ACCOUNT, REGION, CHANNEL, TEAM = "111122223333", "us-east-1", "C0MODELS", "T0SLUICE"
GROUP = GroupName("fraud-detector")
ARN = PackageArn.parse(f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/{GROUP}/7")
CHAIN = f"group/{GROUP}"
ANNA, BEN, CHEN, DORA = (SlackUserId(f"U0{name}") for name in ("ANNA", "BEN", "CHEN", "DORA"))
ANNAS_ROLE = "arn:aws:iam::111122223333:user/anna"
METRICS = "s3://models/fraud-detector/7/evaluation.json"
GOOD = b'{"binary_classification_metrics": {"auc": {"value": 0.91, "standard_deviation": 0.01}}}'
BAD = b'{"binary_classification_metrics": {"auc": {"value": 0.71, "standard_deviation": 0.01}}}'
DAY = 86_400
NEEDS = (RoleNeed("data_science", 1, (ANNA, BEN)), RoleNeed("ml_engineering", 1, (CHEN, DORA)))
TIMING = Timing(DAY, OnExpiry.REJECT, (4 * 3600, 12 * 3600), 20 * 3600, (SlackUserId("U0OLGA"),))
STUDIO = Actor(principal_arn="arn:aws:sts::111122223333:assumed-role/studio/SageMaker", studio_profile="d-1/zoe")


def a_policy(**changes: Any) -> PolicyInForce:
    """An ordinary policy: standard, enforce, two roles of one person each."""
    ordinary: dict[str, Any] = {
        "group": GROUP,
        "digest": Digest("sha256:" + "cd" * 32),
        "tier": Tier.STANDARD,
        "mode": Mode.ENFORCE,
        "team": "fraud",
        "contacts": (SlackUserId("U0OLGA"),),
        "timing": TIMING,
        "approvers": NEEDS,
        "gates": GateRules(metrics=(MetricLimit("auc", minimum=0.85),)),
    }
    return PolicyInForce(**(ordinary | changes))


def a_package(**changes: Any) -> ModelPackage:
    """A package that Anna has just registered, pending, with its metrics."""
    ordinary: dict[str, Any] = {
        "arn": ARN,
        "group": GROUP,
        "status": RegistryStatus.PENDING,
        "package_status": PackageStatus.COMPLETED,
        "created_at": NOW,
        "last_modified": NOW,
        "created_by": Actor(principal_arn=ANNAS_ROLE),
        "sources": (DocumentSource(DocumentKind.MODEL_QUALITY, "", METRICS),),
    }
    return ModelPackage(**(ordinary | changes))
