"""The events that SageMaker documents for endpoints, configurations and models, shaped as the samples of its guide.

They differ from those of the registry: statuses in upper snake case, times in milliseconds, explicit nulls.
"""

import json
import re
from typing import Any

from ministack.services import eventbridge

from local.engine.cloudwatch.alarms import watching
from local.engine.sagemaker import faults, store

_VARIANT = (
    "VariantName",
    "ModelName",
    "InitialInstanceCount",
    "InstanceType",
    "InitialVariantWeight",
    "AcceleratorType",
    "CoreDumpConfig",
    "ServerlessConfig",
    "VolumeSizeInGB",
    "ModelDataDownloadTimeoutInSeconds",
    "ContainerStartupHealthCheckTimeoutInSeconds",
    "EnableSSMAccess",
)
_CONFIG = ("DataCaptureConfig", "KmsKeyId", "AsyncInferenceConfig", "ExplainerConfig")
_SUMMARY = ("VariantName", "CurrentWeight", "DesiredWeight", "CurrentInstanceCount", "DesiredInstanceCount")


def model_created(model: dict[str, Any]) -> None:
    """Emit `SageMaker Model State Change`."""
    detail = {
        "ModelName": model["ModelName"],
        "PrimaryContainer": model.get("PrimaryContainer"),
        "Containers": model.get("Containers"),
        "ExecutionRoleArn": model.get("ExecutionRoleArn"),
        "CreationTime": _millis(model["CreationTime"]),
        "ModelArn": model["ModelArn"],
    }
    _emit("SageMaker Model State Change", model["ModelArn"], detail, model["ModelName"])


def config_created(config: dict[str, Any]) -> None:
    """Emit `SageMaker Endpoint Config State Change`."""
    shadows = config.get("ShadowProductionVariants")
    detail = {
        "EndpointConfigName": config["EndpointConfigName"],
        "EndpointConfigArn": config["EndpointConfigArn"],
        "ProductionVariants": [_variant(v) for v in config["ProductionVariants"]],
        **{name: config.get(name) for name in _CONFIG},
        "CreationTime": _millis(config["CreationTime"]),
        "ShadowProductionVariants": [_variant(v) for v in shadows] if shadows else None,
    }
    _emit("SageMaker Endpoint Config State Change", config["EndpointConfigArn"], detail, config["EndpointConfigName"])


def endpoint_changed(described: dict[str, Any]) -> None:
    """Emit `SageMaker Endpoint State Change`, given what DescribeEndpoint answers."""
    detail = _endpoint(described)
    for variant in detail["ProductionVariants"]:
        variant.pop("VariantStatus", None)
    detail["FailureReason"] = described.get("FailureReason")
    _emit("SageMaker Endpoint State Change", described["EndpointArn"], detail, described["EndpointName"])


def deployment_changed(described: dict[str, Any]) -> None:
    """Emit `SageMaker Endpoint Deployment State Change`, given what DescribeEndpoint answers."""
    detail = _endpoint(described)
    if pending := described.get("PendingDeploymentSummary"):
        detail["PendingDeploymentSummary"] = {
            "EndpointConfigName": pending["EndpointConfigName"],
            "StartTime": _millis(pending["StartTime"]),
            "ProductionVariants": [_summary(v) for v in pending["ProductionVariants"]],
        }
    name = "SageMaker Endpoint Deployment State Change"
    _emit(name, described["EndpointArn"], detail, described["EndpointName"])


def _endpoint(described: dict[str, Any]) -> dict[str, Any]:
    return {
        "EndpointName": described["EndpointName"],
        "EndpointArn": described["EndpointArn"],
        "EndpointConfigName": described.get("EndpointConfigName"),
        "ProductionVariants": [_summary(v) for v in described.get("ProductionVariants", [])],
        "EndpointStatus": re.sub(r"(?<=[a-z])(?=[A-Z])", "_", described["EndpointStatus"]).upper(),
        "CreationTime": _millis(described["CreationTime"]),
        "LastModifiedTime": _millis(described["LastModifiedTime"]),
    }


def _summary(variant: dict[str, Any]) -> dict[str, Any]:
    summary = {name: variant[name] for name in _SUMMARY if name in variant}
    if statuses := variant.get("VariantStatus"):
        summary["VariantStatus"] = [{**s, "StartTime": _millis(s["StartTime"])} for s in statuses]
    return summary


def _variant(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: settings.get(name) for name in _VARIANT}


def _emit(kind: str, arn: str, detail: dict[str, Any], name: str) -> None:
    tagged = {**detail, "Tags": dict(store.tags.get(arn.lower(), {}))}
    entry = {"Source": "aws.sagemaker", "DetailType": kind, "Resources": [arn], "Detail": json.dumps(tagged)}
    for _ in range(faults.copies_of_event(name)):
        watching.later(lambda: eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True))


def _millis(seconds: float) -> int:
    return int(seconds * 1000)
