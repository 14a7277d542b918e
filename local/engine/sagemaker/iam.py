"""What IAM sees of a SageMaker request: its resource and its condition keys."""

from typing import Any

_NAMED = {
    "ModelPackageName": "model-package",
    "ModelPackageArn": "model-package",
    "TrainingJobName": "training-job",
    "PipelineExecutionArn": "pipeline",
    "ResourceArn": "",
}


def resource(operation: str, document: dict[str, Any], region: str, account: str) -> str:
    """ARN that the policies of the caller must allow, `*` where SageMaker has no resource for the operation."""
    prefix = f"arn:aws:sagemaker:{region}:{account}:"
    group = document.get("ModelPackageGroupName")
    if operation == "ListModelPackageGroups":
        return "*"
    if operation in ("CreateModelPackage", "ListModelPackages"):
        name = str(group or document.get("ModelPackageName") or "*").rsplit("/", 1)[-1]
        return f"{prefix}model-package/{name.lower()}/*"
    if group:
        return str(group) if str(group).startswith("arn:") else f"{prefix}model-package-group/{str(group).lower()}"
    for field, kind in _NAMED.items():
        if value := document.get(field):
            return str(value) if str(value).startswith("arn:") else f"{prefix}{kind}/{value}"
    return "*"


def conditions(operation: str, document: dict[str, Any]) -> dict[str, Any]:
    """Condition keys of CreateModelPackage and UpdateModelPackage."""
    if operation not in ("CreateModelPackage", "UpdateModelPackage"):
        return {}
    life_cycle = document.get("ModelLifeCycle") or {}
    keys = {
        "sagemaker:ModelApprovalStatus": document.get("ModelApprovalStatus"),
        "sagemaker:ModelLifeCycle:stage": life_cycle.get("Stage"),
        "sagemaker:ModelLifeCycle:stageStatus": life_cycle.get("StageStatus"),
    }
    for name, value in (document.get("CustomerMetadataProperties") or {}).items():
        keys[f"sagemaker:CustomerMetadataProperties/{name}"] = value
    return {key: value for key, value in keys.items() if value is not None}
