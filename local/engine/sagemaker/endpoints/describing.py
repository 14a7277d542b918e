"""DescribeEndpoint and the summaries of endpoints."""

from typing import Any

from local.engine.sagemaker.endpoints.state import Endpoint, Fleet, Layer


def describe(endpoint: Endpoint) -> dict[str, Any]:
    """An endpoint as DescribeEndpoint tells it."""
    answer: dict[str, Any] = {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "EndpointConfigName": endpoint.config["EndpointConfigName"],
        "EndpointStatus": endpoint.status,
        "FailureReason": endpoint.failure,
        "CreationTime": endpoint.created,
        "LastModifiedTime": endpoint.modified,
        "LastDeploymentConfig": endpoint.deployment,
        "AsyncInferenceConfig": endpoint.config.get("AsyncInferenceConfig"),
        "ExplainerConfig": endpoint.config.get("ExplainerConfig"),
        "MetricsConfig": endpoint.config.get("MetricsConfig"),
        "DataCaptureConfig": endpoint.capture,
    }
    if endpoint.served:
        answer |= _variants(endpoint.served[0])
    if pending := endpoint.pending:
        answer["PendingDeploymentSummary"] = {
            "EndpointConfigName": pending.layer.name,
            "StartTime": pending.started,
            **_variants(pending.layer),
        }
    return {name: value for name, value in answer.items() if value is not None}


def listed(endpoint: Endpoint) -> dict[str, Any]:
    """An endpoint as ListEndpoints tells it."""
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "CreationTime": endpoint.created,
        "LastModifiedTime": endpoint.modified,
        "EndpointStatus": endpoint.status,
    }


def captured(config: dict[str, Any]) -> dict[str, Any] | None:
    """DataCaptureConfigSummary of a configuration."""
    capture = config.get("DataCaptureConfig")
    if not capture:
        return None
    enabled = bool(capture.get("EnableCapture"))
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
        "DestinationS3Uri": capture["DestinationS3Uri"],
        "KmsKeyId": capture.get("KmsKeyId", ""),
    }


def _variants(layer: Layer) -> dict[str, Any]:
    production = [_summary(f) for f in layer.fleets if not f.shadow]
    shadows = [_summary(f) for f in layer.fleets if f.shadow]
    return {"ProductionVariants": production} | ({"ShadowProductionVariants": shadows} if shadows else {})


def _summary(fleet: Fleet) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "VariantName": fleet.variant,
        "DeployedImages": fleet.images,
        "CurrentWeight": fleet.weight,
        "DesiredWeight": fleet.desired_weight,
        "CurrentInstanceCount": fleet.count,
        "DesiredInstanceCount": fleet.desired_count,
    }
    if fleet.statuses:
        summary["VariantStatus"] = [dict(s) for s in fleet.statuses]
    if fleet.serverless:
        summary |= {"CurrentServerlessConfig": fleet.serverless, "DesiredServerlessConfig": fleet.desired_serverless}
    for name in ("ManagedInstanceScaling", "RoutingConfig"):
        if name in fleet.settings:
            summary[name] = fleet.settings[name]
    return summary
