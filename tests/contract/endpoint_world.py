"""A production endpoint, as SageMaker takes and tells it, for the contract suites."""

from datetime import UTC, datetime
from typing import Any

from botocore.stub import Stubber

PACKAGE = "arn:aws:sagemaker:us-east-1:111122223333:model-package/Fraud/7"
ROLE = "arn:aws:iam::111122223333:role/serving"
TAGS = {"stack": "sluice"}
BASE = "arn:aws:sagemaker:us-east-1:111122223333"
WHEN = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=UTC)
ABSENT = 'Could not find endpoint configuration "{}".'


def config(name: str = "fraud-6", **more: Any) -> dict[str, Any]:
    """A configuration of two instances of one variant."""
    return {"EndpointConfigName": name, "ProductionVariants": [variant()], **more}


def variant(name: str = "AllTraffic", **more: Any) -> dict[str, Any]:
    """A production variant."""
    return {
        "VariantName": name,
        "ModelName": "fraud-v6",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 2,
        "InitialVariantWeight": 1.0,
        **more,
    }


def endpoint_told(status: str = "InService", serving: str = "fraud-6", **more: Any) -> dict[str, Any]:
    return {
        "EndpointName": "fraud",
        "EndpointArn": f"{BASE}:endpoint/fraud",
        "EndpointConfigName": serving,
        "EndpointStatus": status,
        "CreationTime": WHEN,
        "LastModifiedTime": WHEN,
        **more,
    }


def config_told(name: str = "fraud-7", **more: Any) -> dict[str, Any]:
    made = {"EndpointConfigArn": f"{BASE}:endpoint-config/{name}", "CreationTime": WHEN}
    return config(name) | made | more


def model_told(package: str = PACKAGE) -> dict[str, Any]:
    container = {"ModelPackageName": package.lower()}
    return {"ModelName": "m", "ModelArn": f"{BASE}:model/m", "CreationTime": WHEN, "PrimaryContainer": container}


def refuse(stubber: Stubber, method: str, message: str, code: str = "ValidationException") -> None:
    stubber.add_client_error(method, code, message, http_status_code=400)
