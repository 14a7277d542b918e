"""Monitors as SageMaker tells of them: a schedule, its runs, and the processing job of one run."""

from dataclasses import dataclass
from enum import StrEnum

from sluice.model.ids import Micros


class JobStatus(StrEnum):
    """`ProcessingJobStatus` of DescribeProcessingJob (botocore's sagemaker model)."""

    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"


class RunStatus(StrEnum):
    """`MonitoringExecutionStatus` of ListMonitoringExecutions (botocore's sagemaker model)."""

    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    COMPLETED_WITH_VIOLATIONS = "CompletedWithViolations"
    FAILED = "Failed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"


@dataclass(frozen=True, slots=True)
class MonitorJob:
    """A processing job. `schedule` is the monitoring schedule that it ran for, empty for any other job.

    `outputs` are where in S3 its outputs are. `ended_at` is when it was over, or changed last.
    """

    name: str
    arn: str
    status: JobStatus
    ended_at: Micros
    schedule: str = ""
    exit_message: str = ""
    failure: str = ""
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MonitorSchedule:
    """A monitoring schedule. `endpoint` is empty for one of batch transforms; `type` is its MonitoringType."""

    name: str
    type: str = ""
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class MonitorRun:
    """One run of a schedule. `endpoint` is empty for one of batch transforms."""

    status: RunStatus
    scheduled_at: Micros
    job_arn: str = ""
    failure: str = ""
    schedule: str = ""
    endpoint: str = ""
