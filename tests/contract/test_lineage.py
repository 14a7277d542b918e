"""SageMaker's lineage calls, checked by botocore's own model (moto knows no pipeline steps with metadata)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from sluice.adapters.lineage import SageMakerLineage
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.evidence import Channel, PipelineRun, Training, Unread
from sluice.model.package import Actor

BASE = "arn:aws:sagemaker:us-east-1:111122223333"
JOB = f"{BASE}:training-job/train-7"
RUN = f"{BASE}:pipeline/fraud/execution/abc"
WHEN = datetime(2026, 3, 1, tzinfo=UTC)

TRAINED: dict[str, Any] = {
    "TrainingJobName": "train-7",
    "TrainingJobArn": JOB,
    "ModelArtifacts": {"S3ModelArtifacts": "s3://m/7"},
    "TrainingJobStatus": "Completed",
    "SecondaryStatus": "Completed",
    "AlgorithmSpecification": {"TrainingImage": "i:1", "TrainingInputMode": "File"},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    "CreationTime": WHEN,
}


@pytest.fixture
def stubbed() -> Iterator[tuple[Stubber, SageMakerLineage]]:
    client = boto3.client("sagemaker", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield stubber, SageMakerLineage(client)
        stubber.assert_no_pending_responses()


def test_a_training_job_is_read_with_its_data_and_run(stubbed: tuple[Stubber, SageMakerLineage]) -> None:
    stubber, lineage = stubbed
    s3 = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://d/train"}}
    files = {
        "FileSystemDataSource": {
            "FileSystemId": "fs-12345678901",
            "FileSystemAccessMode": "ro",
            "FileSystemType": "FSxLustre",
            "DirectoryPath": "/d",
        }
    }
    answer = TRAINED | {
        "InputDataConfig": [{"ChannelName": "train", "DataSource": s3}, {"ChannelName": "fs", "DataSource": files}],
        "ExperimentConfig": {"ExperimentName": "e", "TrialName": "t", "RunName": "r"},
    }
    stubber.add_response("describe_training_job", answer, {"TrainingJobName": "train-7"})

    assert lineage.training_job(JOB) == Training(
        arn=JOB,
        image="i:1",
        model_data="s3://m/7",
        inputs=(Channel("train", "s3://d/train"), Channel("fs", "FSxLustre:fs-12345678901/d")),
        experiment="e",
        trial="t",
        run="r",
    )


def test_a_training_job_without_the_optional_is_read(stubbed: tuple[Stubber, SageMakerLineage]) -> None:
    stubber, lineage = stubbed
    stubber.add_response("describe_training_job", TRAINED)

    assert lineage.training_job(JOB) == Training(JOB, "i:1", "s3://m/7")


def _step(name: str, status: str, **metadata: Any) -> dict[str, Any]:
    return {"StepName": name, "StepStatus": status, "Metadata": metadata}


def test_a_pipeline_run_is_read_with_all_pages_of_its_steps(stubbed: tuple[Stubber, SageMakerLineage]) -> None:
    stubber, lineage = stubbed
    asked = {"PipelineExecutionArn": RUN, "SortOrder": "Ascending"}
    starter = {"UserProfileName": "ben", "DomainId": "d-1", "UserProfileArn": "arn:x"}
    stubber.add_response(
        "describe_pipeline_execution",
        {
            "PipelineExecutionArn": RUN,
            "CreatedBy": starter,
            "PipelineExperimentConfig": {"ExperimentName": "e", "TrialName": "t"},
        },
        {"PipelineExecutionArn": RUN},
    )
    first = [_step("a", "Failed", TrainingJob={"Arn": f"{JOB}-old"}), _step("b", "Succeeded", TrainingJob={"Arn": JOB})]
    second = [
        _step("c", "Succeeded", Condition={"Outcome": "True"}),
        _step("d", "Succeeded", RegisterModel={"Arn": f"{BASE}:model-package/fraud/7"}),
        {"StepName": "e", "StepStatus": "Executing"},
    ]
    stubber.add_response("list_pipeline_execution_steps", {"PipelineExecutionSteps": first, "NextToken": "n"}, asked)
    stubber.add_response(
        "list_pipeline_execution_steps", {"PipelineExecutionSteps": second}, asked | {"NextToken": "n"}
    )

    assert lineage.pipeline_run(RUN) == PipelineRun(
        arn=RUN,
        started_by=Actor(studio_profile="d-1/ben"),
        training_jobs=(JOB,),
        registered=(f"{BASE}:model-package/fraud/7",),
        experiment="e",
        trial="t",
    )


@pytest.mark.parametrize(
    "code,message,http,reason",
    [
        ("ResourceNotFound", "gone", 400, "it is not there (any more)"),
        ("ValidationException", "Requested resource not found.", 400, "it is not there (any more)"),
        ("AccessDeniedException", "no", 403, "SageMaker denies access to it"),
    ],
)
def test_what_cannot_be_read_is_a_value(
    stubbed: tuple[Stubber, SageMakerLineage], code: str, message: str, http: int, reason: str
) -> None:
    stubber, lineage = stubbed
    for operation in ("describe_training_job", "describe_pipeline_execution"):
        stubber.add_client_error(operation, code, message, http_status_code=http)

    assert lineage.training_job(JOB) == Unread(JOB, reason)
    assert lineage.pipeline_run(RUN) == Unread(RUN, reason)


@pytest.mark.parametrize(
    "code,raises", [("ThrottlingException", TransientFailure), ("ValidationException", PermanentFailure)]
)
def test_other_failures_are_raised(
    stubbed: tuple[Stubber, SageMakerLineage], code: str, raises: type[Exception]
) -> None:
    stubber, lineage = stubbed
    stubber.add_client_error("describe_training_job", code, "Rate exceeded", http_status_code=400)

    with pytest.raises(raises, match=code):
        lineage.training_job(JOB)
