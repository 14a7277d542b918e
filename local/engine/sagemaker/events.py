"""The events that SageMaker documents for model packages, on the default bus."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ministack.services import eventbridge

from local.engine.sagemaker import faults

_DETAIL = (
    "ModelPackageGroupName",
    "ModelPackageName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "ModelPackageDescription",
    "CreationTime",
    "InferenceSpecification",
    "ModelPackageStatus",
    "ModelPackageStatusDetails",
    "CertifyForMarketplace",
    "ModelApprovalStatus",
    "MetadataProperties",
    "ModelMetrics",
    "CustomerMetadataProperties",
    "SourceUri",
    "ModelLifeCycle",
    "LastModifiedTime",
    "ApprovalDescription",
)
_TIMES = ("CreationTime", "LastModifiedTime")


def package_changed(package: dict[str, Any], updated: Sequence[str] = ()) -> None:
    """Emit `SageMaker Model Package State Change`, as often as the planned faults say (once, if none is planned)."""
    detail = {k: package[k] for k in _DETAIL if package.get(k) is not None}
    detail |= {k: _iso(package[k]) for k in _TIMES}
    if updated:
        detail["UpdatedModelPackageFields"] = list(updated)
    entry = {
        "Source": "aws.sagemaker",
        "DetailType": "SageMaker Model Package State Change",
        "Detail": json.dumps(detail),
        "Resources": [package["ModelPackageArn"]],
    }
    for _ in range(faults.copies_of_event(package.get("ModelPackageGroupName", ""))):
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
