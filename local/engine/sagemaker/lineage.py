"""Training jobs and pipeline executions: seeded from outside, described as SageMaker does."""

from typing import Any

from local.engine.sagemaker import paging, shapes, store
from local.engine.sagemaker.errors import invalid, not_found


def describe_training_job(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """DescribeTrainingJob."""
    job = store.training_jobs.get(store.arn("training-job", request["TrainingJobName"]))
    if job is None:
        raise not_found("Requested resource not found.")
    return dict(job)


def describe_pipeline_execution(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """DescribePipelineExecution."""
    arn = request["PipelineExecutionArn"]
    execution = store.pipeline_executions.get(arn.lower())
    if execution is None:
        raise not_found(f"Pipeline execution with ARN {arn} does not exist.")
    return dict(execution)


def list_pipeline_steps(request: dict[str, Any], caller: dict[str, Any]) -> dict[str, Any]:
    """ListPipelineExecutionSteps, newest first unless asked otherwise."""
    describe_pipeline_execution(request, caller)
    steps = list(store.pipeline_steps.get(request["PipelineExecutionArn"].lower(), []))
    if request.get("SortOrder", "Descending") == "Descending":
        steps.reverse()
    return paging.page(steps, request, answer="PipelineExecutionSteps")


def seed(document: dict[str, Any]) -> dict[str, Any]:
    """Put a training job or a pipeline execution (with `PipelineExecutionSteps`) in place, shaped as described."""
    if "TrainingJobName" in document:
        arn = store.arn("training-job", document["TrainingJobName"])
        store.training_jobs[arn] = _shaped("DescribeTrainingJob", {"TrainingJobArn": arn, **document})
        return {"TrainingJobArn": arn}
    if "PipelineExecutionArn" in document:
        arn = document["PipelineExecutionArn"]
        steps = document.get("PipelineExecutionSteps", [])
        rest = {k: v for k, v in document.items() if k != "PipelineExecutionSteps"}
        store.pipeline_executions[arn.lower()] = _shaped("DescribePipelineExecution", rest)
        store.pipeline_steps[arn.lower()] = steps
        return {"PipelineExecutionArn": arn}
    raise invalid("a seed names a TrainingJobName or a PipelineExecutionArn")


def _shaped(operation: str, document: dict[str, Any]) -> dict[str, Any]:
    unknown = shapes.unknown_members(operation, document)
    if unknown:
        raise invalid(f"{operation} has no {', '.join(unknown)}")
    return document
