"""Model packages for tests: one that is ordinary in every way, to be changed where a test needs it."""

from typing import Any

from sluice.model.ids import GroupName, Micros, PackageArn
from sluice.model.package import (
    Actor,
    Container,
    DocumentKind,
    DocumentSource,
    ModelPackage,
    PackageStatus,
    RegistryStatus,
)

GROUP = GroupName("fraud")
BASE = "arn:aws:sagemaker:us-east-1:111122223333"
DIGEST = "sha256:" + "4d" * 32


def an_arn(version: int = 7) -> PackageArn:
    """The ARN of a version of the ordinary group."""
    return PackageArn.parse(f"{BASE}:model-package/fraud/{version}")


def a_package(version: int = 7, **changes: Any) -> ModelPackage:
    """The ordinary package with some fields changed."""
    ordinary: dict[str, Any] = {
        "arn": an_arn(version),
        "group": GROUP,
        "status": RegistryStatus.PENDING,
        "package_status": PackageStatus.COMPLETED,
        "created_at": Micros(1_780_000_000_000_000 + version),
        "last_modified": Micros(1_780_000_000_000_000 + version),
        "created_by": Actor(principal_arn="arn:aws:iam::111122223333:user/anna"),
        "containers": (Container("111122223333.dkr.ecr.us-east-1.amazonaws.com/fraud:1", DIGEST, f"s3://m/{version}"),),
        "sources": (
            DocumentSource(DocumentKind.MODEL_QUALITY, "statistics", f"s3://b/{version}/quality.json"),
            DocumentSource(DocumentKind.BIAS, "report", f"s3://b/{version}/bias.json"),
            DocumentSource(DocumentKind.EXPLAINABILITY, "report", f"s3://b/{version}/shap.json"),
        ),
    }
    return ModelPackage(**(ordinary | changes))
