"""What an endpoint is at this moment, as SageMaker describes it: status, variants, versions, instances."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError


@dataclass(frozen=True)
class Variant:
    """One variant as it serves; `share` is its part of the traffic, 0 to 1 (of a shadow: the part that is copied)."""

    name: str
    version: str
    share: float
    instances: int
    wanted: int
    hardware: str
    is_shadow: bool = False


@dataclass(frozen=True)
class EndpointNow:
    """An endpoint with all its variants."""

    name: str
    status: str
    config: str
    modified: datetime
    variants: list[Variant]
    failure: str = ""
    pending: str = ""


class EndpointReader:
    """Reads endpoints; what a configuration or a model says never changes and is read once."""

    def __init__(self, sagemaker: Any) -> None:
        self._sagemaker = sagemaker
        self._configs: dict[str, Mapping[str, Any]] = {}
        self._versions: dict[str, str] = {}

    def names(self) -> list[str]:
        """Every endpoint of the region, by name."""
        pages = self._sagemaker.get_paginator("list_endpoints").paginate()
        return sorted(str(e["EndpointName"]) for page in pages for e in page["Endpoints"])

    def now(self, name: str) -> EndpointNow | None:
        """The endpoint, or None where there is none of that name."""
        try:
            found = self._sagemaker.describe_endpoint(EndpointName=name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationException":
                return None
            raise
        return EndpointNow(
            name=str(found["EndpointName"]),
            status=str(found["EndpointStatus"]),
            config=str(found["EndpointConfigName"]),
            modified=found["LastModifiedTime"],
            variants=self._variants(found),
            failure=str(found.get("FailureReason", "")),
            pending=str(found.get("PendingDeploymentSummary", {}).get("EndpointConfigName", "")),
        )

    def _variants(self, found: Mapping[str, Any]) -> list[Variant]:
        config = self._config(str(found["EndpointConfigName"]))
        production = list(found.get("ProductionVariants", ()))
        total = sum(v.get("CurrentWeight", 0.0) for v in production)
        known = {v["VariantName"]: v for side in ("", "Shadow") for v in config.get(f"{side}ProductionVariants", ())}
        seen = [self._variant(v, known, total) for v in production]
        copied = [self._variant(v, known, total, is_shadow=True) for v in found.get("ShadowProductionVariants", ())]
        return seen + copied

    def _variant(
        self, seen: Mapping[str, Any], known: Mapping[str, Any], total: float, *, is_shadow: bool = False
    ) -> Variant:
        told = known.get(seen["VariantName"], {})
        weight = float(seen.get("CurrentWeight", 0.0))
        return Variant(
            name=str(seen["VariantName"]),
            version=self._version(str(told.get("ModelName", ""))),
            share=weight / total if total else 0.0,
            instances=int(seen.get("CurrentInstanceCount", 0)),
            wanted=int(seen.get("DesiredInstanceCount", 0)),
            hardware=str(told.get("InstanceType", "serverless" if "ServerlessConfig" in told else "")),
            is_shadow=is_shadow,
        )

    def _config(self, name: str) -> Mapping[str, Any]:
        if name not in self._configs:
            try:
                self._configs[name] = self._sagemaker.describe_endpoint_config(EndpointConfigName=name)
            except ClientError:
                return {}  # deleted by somebody: the endpoint still serves
        return self._configs[name]

    def _version(self, model: str) -> str:
        """The version of the package that a model was made of; the model's name where there is none."""
        if model and model not in self._versions:
            try:
                container = self._sagemaker.describe_model(ModelName=model).get("PrimaryContainer", {})
            except ClientError:
                return model
            version = str(container.get("ModelPackageName", "")).rpartition("/")[2]
            self._versions[model] = f"v{version}" if version.isdigit() else model
        return self._versions.get(model, "")
