"""What IAM sees of a SageMaker request: its resources, what else it needs, and its condition keys."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_NAMED = {
    "ModelPackageName": "model-package",
    "ModelPackageArn": "model-package",
    "TrainingJobName": "training-job",
    "PipelineExecutionArn": "pipeline",
    "MonitoringScheduleName": "monitoring-schedule",
    "ProcessingJobName": "processing-job",
    "ResourceArn": "",
}
# Names of these are lower-case in ARNs, and so in what policies are compared with.
_SERVING = {"EndpointName": "endpoint", "EndpointConfigName": "endpoint-config", "ModelName": "model"}
_LISTS = ("ListModelPackageGroups", "ListEndpoints", "ListEndpointConfigs", "ListModels", "ListMonitoringExecutions")
_OF_TWO = ("CreateEndpoint", "UpdateEndpoint")
_WITH_ROLE = ("CreateModel", "CreateEndpointConfig")
_TAGGED = ("CreateModel", "CreateEndpointConfig", "CreateEndpoint", "CreateModelPackage", "CreateModelPackageGroup")


@dataclass(frozen=True, slots=True)
class Right:
    """An action on a resource that the caller must be allowed."""

    action: str
    resource: str
    context: dict[str, Any] = field(default_factory=dict)


def resource(operation: str, document: dict[str, Any], region: str, account: str) -> str:
    """ARN that the policies of the caller must allow, `*` where SageMaker has no resource for the operation."""
    prefix = f"arn:aws:sagemaker:{region}:{account}:"
    group = document.get("ModelPackageGroupName")
    if operation in _LISTS:
        return "*"
    if operation in ("CreateModelPackage", "ListModelPackages"):
        name = str(group or document.get("ModelPackageName") or "*").rsplit("/", 1)[-1]
        return f"{prefix}model-package/{name.lower()}/*"
    if group:
        return str(group) if str(group).startswith("arn:") else f"{prefix}model-package-group/{str(group).lower()}"
    for name_field, kind in _SERVING.items():
        if value := document.get(name_field):
            return f"{prefix}{kind}/{str(value).lower()}"
    for name_field, kind in _NAMED.items():
        if value := document.get(name_field):
            return str(value) if str(value).startswith("arn:") else f"{prefix}{kind}/{value}"
    return "*"


def further(
    operation: str, document: dict[str, Any], region: str, account: str, *, volume_key: str | None = None
) -> Iterator[Right]:
    """What the caller must be allowed beside the operation on its first resource.

    `volume_key` is the KmsKeyId of the configuration that is to be served.
    """
    config = document.get("EndpointConfigName")
    if operation in _OF_TWO and config:
        arn = f"arn:aws:sagemaker:{region}:{account}:endpoint-config/{str(config).lower()}"
        yield Right(f"sagemaker:{operation}", arn)
        if volume_key is not None:
            via = {"kms:ViaService": f"sagemaker.{region}.amazonaws.com", "kms:GrantIsForAWSResource": "true"}
            key = volume_key if volume_key.startswith("arn:") else f"arn:aws:kms:{region}:{account}:key/{volume_key}"
            yield Right("kms:CreateGrant", key, via)
    role = document.get("ExecutionRoleArn")
    if operation in _WITH_ROLE and role:
        yield Right("iam:PassRole", str(role), {"iam:PassedToService": "sagemaker.amazonaws.com"})
    if operation in _TAGGED and document.get("Tags"):
        tags = {f"aws:RequestTag/{t.get('Key')}": t.get("Value") for t in document["Tags"]}
        keys = {"aws:TagKeys": [t.get("Key") for t in document["Tags"]]}
        yield Right("sagemaker:AddTags", resource(operation, document, region, account), tags | keys)
    rollback = (document.get("DeploymentConfig") or {}).get("AutoRollbackConfiguration") or {}
    for alarm in rollback.get("Alarms") or []:
        arn = f"arn:aws:cloudwatch:{region}:{account}:alarm:{alarm.get('AlarmName')}"
        yield Right("cloudwatch:DescribeAlarms", arn)


def conditions(operation: str, document: dict[str, Any]) -> dict[str, Any]:
    """Condition keys of the operations that have any, those of tags apart."""
    match operation:
        case "CreateModelPackage" | "UpdateModelPackage":
            keys = _of_package(document)
        case "CreateEndpointConfig":
            keys = _of_config(document)
        case "CreateModel":
            keys = _of_network(document)
        case _:
            keys = {}
    return {key: value for key, value in keys.items() if value not in (None, [])}


def _of_package(document: dict[str, Any]) -> dict[str, Any]:
    life_cycle = document.get("ModelLifeCycle") or {}
    keys = {
        "sagemaker:ModelApprovalStatus": document.get("ModelApprovalStatus"),
        "sagemaker:ModelLifeCycle:stage": life_cycle.get("Stage"),
        "sagemaker:ModelLifeCycle:stageStatus": life_cycle.get("StageStatus"),
    }
    for name, value in (document.get("CustomerMetadataProperties") or {}).items():
        keys[f"sagemaker:CustomerMetadataProperties/{name}"] = value
    return keys


def _of_config(document: dict[str, Any]) -> dict[str, Any]:
    variants = [
        *(document.get("ProductionVariants") or []),
        *(document.get("ShadowProductionVariants") or []),
    ]
    serverless = [v["ServerlessConfig"] for v in variants if v.get("ServerlessConfig")]
    return _of_network(document) | {
        "sagemaker:InstanceTypes": [v["InstanceType"] for v in variants if v.get("InstanceType")],
        "sagemaker:ServerlessMaxConcurrency": [str(s.get("MaxConcurrency")) for s in serverless],
        "sagemaker:ServerlessMemorySize": [str(s.get("MemorySizeInMB")) for s in serverless],
        "sagemaker:VolumeKmsKey": document.get("KmsKeyId"),
    }


def _of_network(document: dict[str, Any]) -> dict[str, Any]:
    network, isolated = document.get("VpcConfig") or {}, document.get("EnableNetworkIsolation")
    return {
        "sagemaker:NetworkIsolation": None if isolated is None else str(bool(isolated)).lower(),
        "sagemaker:VpcSubnets": network.get("Subnets"),
        "sagemaker:VpcSecurityGroupIds": network.get("SecurityGroupIds"),
    }
