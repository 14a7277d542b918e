"""All kinds of evidence through the real template, its roles and the registry."""

import json
from pathlib import Path
from typing import Any

from local.cloud import Cloud
from local.engine.settings import ACCOUNT_ID, REGION
from local.team import BUCKET, POLICY, Team

SAMPLES = Path(__file__).parents[1] / "samples"
GATES = """\
gates:
  metrics:
    - {name: auc, minimum: 0.85}
    - {name: lowest_completeness, document: data_quality, minimum: 0.9}
  bias: [{metric: DPPL, facet: customer_gender_female, max_abs: 0.1}]
  explainability: {required: true, max_top_share: 0.6}
  model_card: {statuses: [Approved]}
  lineage: {require: [training_job, training_data, source_commit, image_digest]}
  images: {repositories: [REPOSITORY], digest: required}
"""
STRICT = POLICY[: POLICY.index("gates:")] + GATES + POLICY[POLICY.index("approvers:") :]


def _put(cloud: Cloud, group: str, name: str, content: bytes) -> dict[str, str]:
    cloud.client("s3").put_object(Bucket=BUCKET, Key=f"{group}/{name}", Body=content)
    return {"ContentType": "application/json", "S3Uri": f"s3://{BUCKET}/{group}/{name}"}


def _metrics(cloud: Cloud, group: str, **changes: bytes) -> dict[str, Any]:
    common = {"common": {"num_present": 95, "num_missing": 5}}
    contents = {
        "quality": json.dumps({"binary_classification_metrics": {"auc": {"value": 0.9}}}).encode(),
        "data": json.dumps({"dataset": {"item_count": 100}, "features": [{"numerical_statistics": common}]}).encode(),
        "bias": (SAMPLES / "clarify_analysis_bias.json").read_bytes(),
        "shap": (SAMPLES / "clarify_analysis_explainability.json").read_bytes(),
    } | changes
    at = {name: _put(cloud, group, f"{name}.json", content) for name, content in contents.items()}
    return {
        "ModelQuality": {"Statistics": at["quality"]},
        "ModelDataQuality": {"Statistics": at["data"]},
        "Bias": {"Report": at["bias"]},
        "Explainability": {"Report": at["shap"]},
    }


def _from_pipeline(cloud: Cloud, team: Team, group: str) -> dict[str, str]:
    """The origin of a package that a pipeline registered."""
    run = f"arn:aws:sagemaker:{REGION}:{ACCOUNT_ID}:pipeline/{group}/execution/abc123"
    steps = [{"StepName": "train", "StepStatus": "Succeeded", "Metadata": {"TrainingJob": {"Arn": team.train(group)}}}]
    cloud.admin(
        "POST",
        "seed",
        {"PipelineExecutionArn": run, "PipelineExecutionStatus": "Succeeded", "PipelineExecutionSteps": steps},
    )
    return {"GeneratedBy": run, "CommitId": "c0ffee", "Repository": "https://git.example.com/fraud"}


def test_a_version_with_all_evidence_passes_every_gate(cloud: Cloud, team: Team, group: str) -> None:
    team.enrol(group, STRICT)

    team.register(
        group,
        ModelMetrics=_metrics(cloud, group),
        MetadataProperties=_from_pipeline(cloud, team, group),
        ModelCard={"ModelCardContent": json.dumps({"model_overview": {}}), "ModelCardStatus": "Approved"},
    )
    team.until(lambda: team.entries(group, "GatesChecked"), "the gates checked")

    body = team.entries(group, "GatesChecked")[-1]["body"]
    assert [(r["gate"], r["verdict"], r["reason"]) for r in body["results"] if r["verdict"] != "passed"] == []
    assert len(body["results"]) == 11
    assert body["route"] == "ask"


def test_evidence_that_fails_or_cannot_be_read_rejects_with_every_reason(cloud: Cloud, team: Team, group: str) -> None:
    team.enrol(group, STRICT)
    biased = (
        (SAMPLES / "clarify_analysis_bias.json")
        .read_bytes()
        .replace(
            b'"description": "Difference in Positive Proportions in Predicted Labels (DPPL)",\n              "value": 0.0',
            b'"value": -0.14',
        )
    )
    metrics = _metrics(cloud, group, bias=biased, shap=b'{"explanations": NaN}')
    metrics["ModelDataQuality"]["Statistics"]["S3Uri"] = f"s3://{BUCKET}/{group}/absent.json"

    arn = team.register(group, ModelMetrics=metrics)
    team.concluded(group, "gates_failed")

    description = team.description(arn)
    assert team.status(arn) == "Rejected"
    assert "DPPL -0.14 of customer_gender_female=1 is 0.14 away from 0, more than the 0.1 allowed" in description
    assert "the data quality document is missing" in description
    kinds = {d["kind"]: d["status"] for d in team.entries(group, "EvidenceCollected")[-1]["body"]["documents"]}
    assert kinds == {
        "model_quality": "present",
        "data_quality": "missing",
        "bias": "present",
        "explainability": "malformed",
    }
