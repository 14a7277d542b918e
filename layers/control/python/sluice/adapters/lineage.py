"""`LineageSource` over SageMaker: training jobs and pipeline executions."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sluice.adapters.aws_errors import is_denied, is_missing, translated
from sluice.adapters.registry import actor_of
from sluice.model.evidence import Channel, PipelineRun, Training, Unread

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient


class SageMakerLineage:
    """Reads where a model came from; what is gone or may not be read is a value that says so."""

    def __init__(self, client: "SageMakerClient") -> None:
        self._client = client

    def training_job(self, arn: str) -> Training | Unread:
        """A training job by its ARN."""
        try:
            with translated("DescribeTrainingJob", unless=_is_answerable):
                answer = self._client.describe_training_job(TrainingJobName=arn.rpartition("/")[2])
        except ClientError as error:
            return _unread(arn, error)
        return _training(answer)

    def pipeline_run(self, arn: str) -> PipelineRun | Unread:
        """A pipeline execution by its ARN, with all of its steps."""
        try:
            with translated("DescribePipelineExecution", unless=_is_answerable):
                answer = self._client.describe_pipeline_execution(PipelineExecutionArn=arn)
                steps = list(self._steps(arn))
        except ClientError as error:
            return _unread(arn, error)
        experiment: Mapping[str, Any] = answer.get("PipelineExperimentConfig") or {}
        return PipelineRun(
            arn=arn,
            started_by=actor_of(answer.get("CreatedBy")),
            training_jobs=tuple(_made(steps, "TrainingJob")),
            registered=tuple(_made(steps, "RegisterModel")),
            experiment=experiment.get("ExperimentName"),
            trial=experiment.get("TrialName"),
        )

    def _steps(self, arn: str) -> Iterator[Mapping[str, Any]]:
        pages = self._client.get_paginator("list_pipeline_execution_steps").paginate(
            PipelineExecutionArn=arn, SortOrder="Ascending"
        )
        for page in pages:
            yield from page.get("PipelineExecutionSteps", ())


def _made(steps: Iterable[Mapping[str, Any]], kind: str) -> Iterator[str]:
    """ARNs of what the succeeded steps of a kind made."""
    for step in steps:
        arn = ((step.get("Metadata") or {}).get(kind) or {}).get("Arn")
        if arn and step.get("StepStatus") == "Succeeded":
            yield arn


def _training(answer: Mapping[str, Any]) -> Training:
    experiment = answer.get("ExperimentConfig") or {}
    return Training(
        arn=answer["TrainingJobArn"],
        image=(answer.get("AlgorithmSpecification") or {}).get("TrainingImage"),
        model_data=(answer.get("ModelArtifacts") or {}).get("S3ModelArtifacts"),
        inputs=tuple(_channels(answer.get("InputDataConfig") or ())),
        experiment=experiment.get("ExperimentName"),
        trial=experiment.get("TrialName"),
        run=experiment.get("RunName") or experiment.get("TrialComponentDisplayName"),
    )


def _channels(given: Iterable[Mapping[str, Any]]) -> Iterator[Channel]:
    for channel in given:
        source = channel.get("DataSource") or {}
        uri = (source.get("S3DataSource") or {}).get("S3Uri")
        file_system = source.get("FileSystemDataSource")
        if file_system:
            uri = f"{file_system['FileSystemType']}:{file_system['FileSystemId']}{file_system['DirectoryPath']}"
        if uri:
            yield Channel(channel["ChannelName"], uri)


def _is_answerable(error: ClientError) -> bool:
    return is_missing(error) or is_denied(error)


def _unread(arn: str, error: ClientError) -> Unread:
    return Unread(arn, "it is not there (any more)" if is_missing(error) else "SageMaker denies access to it")
