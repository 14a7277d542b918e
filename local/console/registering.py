"""Registering a model as a data scientist would: artefacts and reports in S3, then the real SageMaker API."""

import json
import time
from collections.abc import Mapping
from typing import Any

from local import team, training
from local.identities import Identities

GROUP = "fraud-detector"
_BUCKET = "fraud-models"
_MODEL = f"s3://{_BUCKET}/models/model.tar.gz"
_LIVE_WITHIN_S = 15.0
_POLICY = """\
version: 1
owner: {team: fraud, contacts: [U0OLGA]}
tier: pilot
mode: enforce
gates:
  metrics:
    - {name: auc, minimum: 0.85}
    - {name: precision, minimum: 0.7, required: false}
approvers:
  - {role: data_science, people: [U0ANNA, U0BEN], count: 1}
  - {role: ml_engineering, user_group: S0MLENG, count: 1}
approval: {expires_after: 24h, on_expiry: reject, remind_after: [4h, 12h]}
"""
# A good one is no worse than whatever the story of `make demo` left behind, which is compared with it.
_MEASURED = {
    True: {"auc": 0.95, "precision": 0.81, "recall": 0.77},
    False: {"auc": 0.791, "precision": 0.64, "recall": 0.7},
}


class Registering:
    """Makes what a newcomer needs, once, and registers versions of the demonstration model."""

    def __init__(self, outputs: Mapping[str, str], *, group: str = GROUP) -> None:
        self._group, self._engine_url = group, outputs["aws_endpoint_url"]
        self._identities = Identities(self._engine_url, outputs["region"])
        self._account, self._region = outputs["account_id"], outputs["region"]
        self._react = "PolicyQueueUrl" in outputs

    def register(self, *, good: bool) -> str:
        """Register a version as Anna and tell its ARN."""
        self._prepare()
        statistics = self._write_report(good=good)
        registry = self._identities.role("sagemaker", "data-scientist", session="anna")
        image = f"{self._account}.dkr.ecr.{self._region}.amazonaws.com/fraud@sha256:{'3f' * 32}"
        job = training.trained(self._engine_url, self._group, image=image, model=_MODEL)
        kinds = {"SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}
        answer = registry.create_model_package(
            ModelPackageGroupName=self._group,
            ModelPackageDescription="Gradient-boosted trees on card transactions",
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={"Containers": [{"Image": image, "ModelDataUrl": _MODEL}], **kinds},
            MetadataProperties={"GeneratedBy": job},
            ModelMetrics={"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": statistics}}},
        )
        return str(answer["ModelPackageArn"])

    def _prepare(self) -> None:
        registry = self._identities.root("sagemaker")
        groups = registry.list_model_package_groups(NameContains=self._group)["ModelPackageGroupSummaryList"]
        if not any(g["ModelPackageGroupName"] == self._group for g in groups):
            registry.create_model_package_group(ModelPackageGroupName=self._group)
        s3 = self._identities.root("s3")
        if _BUCKET not in {b["Name"] for b in s3.list_buckets()["Buckets"]}:
            s3.create_bucket(Bucket=_BUCKET)
            s3.put_object(Bucket=_BUCKET, Key=_MODEL.rpartition(f"{_BUCKET}/")[2], Body=b"weights")
        self._put_parameters()

    def _put_parameters(self) -> None:
        parameters = self._identities.root("ssm")
        for name, text in (("/sluice/people", team.PEOPLE), (f"/sluice/policies/{self._group}", _POLICY)):
            try:
                parameters.put_parameter(Name=name, Value=text, Type="String", Tier="Intelligent-Tiering")
            except parameters.exceptions.ParameterAlreadyExists:
                continue  # what somebody wrote there is theirs
            self._wait_until_live(parameters, name)

    def _wait_until_live(self, parameters: Any, name: str) -> None:
        # Registered before its policy is in force, a first version would be judged by the default policy.
        end = time.monotonic() + _LIVE_WITHIN_S
        while self._react and time.monotonic() < end:
            labels = parameters.get_parameter_history(Name=name)["Parameters"][-1].get("Labels", [])
            if "live" in labels:
                return
            time.sleep(0.1)

    def _write_report(self, *, good: bool) -> str:
        metrics: dict[str, Any] = {
            name: {"value": value, "standard_deviation": "NaN"} for name, value in _MEASURED[good].items()
        }
        report = {"version": 0.0, "dataset": {"item_count": 20_000}, "binary_classification_metrics": metrics}
        key = f"reports/{'good' if good else 'weak'}/statistics.json"
        self._identities.root("s3").put_object(Bucket=_BUCKET, Key=key, Body=json.dumps(report).encode())
        return f"s3://{_BUCKET}/{key}"
