"""`Monitors` over SageMaker Model Monitor."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sluice.adapters.aws_errors import found
from sluice.adapters.moments import micros_of, moment_of
from sluice.adapters.paging import pages
from sluice.model.ids import Micros
from sluice.model.monitor_seen import JobStatus, MonitorJob, MonitorRun, MonitorSchedule, RunStatus

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient

_RUNS = 10
"""How many runs are told of: two that are over, however many wait or were stopped meanwhile."""
_PAGE = 100
_TEXT_CHARS = 1024


class SageMakerMonitors:
    """Reads monitoring schedules, their runs and the jobs of those."""

    def __init__(self, client: "SageMakerClient") -> None:
        self._client = client

    def job(self, name: str) -> MonitorJob | None:
        """A processing job, whether it is a monitor's or not; None when there is none."""
        answer = found("DescribeProcessingJob", lambda: self._client.describe_processing_job(ProcessingJobName=name))
        return None if answer is None else _job(answer)

    def schedule(self, name: str) -> MonitorSchedule | None:
        """A monitoring schedule, or None when there is none."""
        answer: Mapping[str, Any] | None = found(
            "DescribeMonitoringSchedule",
            lambda: self._client.describe_monitoring_schedule(MonitoringScheduleName=name),
        )
        if answer is None:
            return None
        told = answer.get("MonitoringType") or answer.get("MonitoringScheduleConfig", {}).get("MonitoringType", "")
        return MonitorSchedule(answer["MonitoringScheduleName"], told, answer.get("EndpointName", ""))

    def runs(self, schedule: str) -> Sequence[MonitorRun]:
        """The last runs of a schedule, the newest first; none for one that is gone."""
        answer = found(
            "ListMonitoringExecutions",
            lambda: self._client.list_monitoring_executions(
                MonitoringScheduleName=schedule, SortBy="ScheduledTime", SortOrder="Descending", MaxResults=_RUNS
            ),
        )
        return () if answer is None else tuple(map(_run, answer["MonitoringExecutionSummaries"]))

    def violated(self, *, since: Micros) -> Iterator[MonitorRun]:
        """Runs of every schedule of the region that were due since a moment and found violations."""
        asked: dict[str, Any] = {
            "StatusEquals": RunStatus.COMPLETED_WITH_VIOLATIONS.value,
            "ScheduledTimeAfter": moment_of(since),
            "MaxResults": _PAGE,
        }
        listed = pages("ListMonitoringExecutions", lambda t: self._client.list_monitoring_executions(**asked, **t))
        return (_run(summary) for page in listed for summary in page["MonitoringExecutionSummaries"])


def _job(answer: Mapping[str, Any]) -> MonitorJob:
    outputs = (answer.get("ProcessingOutputConfig") or {}).get("Outputs") or ()
    ended = answer.get("ProcessingEndTime") or answer.get("LastModifiedTime") or answer["CreationTime"]
    return MonitorJob(
        name=answer["ProcessingJobName"],
        arn=answer["ProcessingJobArn"],
        status=JobStatus(answer["ProcessingJobStatus"]),
        ended_at=micros_of(ended),
        schedule=answer.get("MonitoringScheduleArn", "").rpartition("/")[2],
        exit_message=answer.get("ExitMessage", "")[:_TEXT_CHARS],
        failure=answer.get("FailureReason", "")[:_TEXT_CHARS],
        outputs=tuple(o["S3Output"]["S3Uri"] for o in outputs if o.get("S3Output", {}).get("S3Uri")),
    )


def _run(answer: Mapping[str, Any]) -> MonitorRun:
    return MonitorRun(
        status=RunStatus(answer["MonitoringExecutionStatus"]),
        scheduled_at=micros_of(answer["ScheduledTime"]),
        job_arn=answer.get("ProcessingJobArn", ""),
        schedule=answer["MonitoringScheduleName"],
        endpoint=answer.get("EndpointName", ""),
        failure=answer.get("FailureReason", "")[:_TEXT_CHARS],
    )
