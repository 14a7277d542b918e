"""One run of a monitor, when an admin call asks for it: a processing job with its report in S3, and its event."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from ministack.services import eventbridge, s3

from local import clock
from local.engine.cloudwatch.alarms import watching
from local.engine.sagemaker import faults, store
from local.engine.sagemaker.errors import invalid, not_found
from local.engine.sagemaker.monitoring import schedules

_REPORT = "constraint_violations.json"
_FAILURE = "AlgorithmError: Error: No usable value for features, exit code: 255"
_ANALYZER = "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer"
_OUTPUT = "/opt/ml/processing/output"


def describe_job(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """DescribeProcessingJob."""
    job = store.processing_jobs.get(store.arn("processing-job", request["ProcessingJobName"]))
    if job is None:
        raise not_found("Could not find requested job with name: " + request["ProcessingJobName"])
    return dict(job)


def run(document: dict[str, Any]) -> dict[str, Any]:
    """`POST /_sluice/monitoring-run`: a schedule runs now, and finds these `violations`, or fails with `failure`.

    `violations` are as in a real report; none is a clean run. With `endpoint`, and `type` and `reports` if wanted, a
    schedule that is not there is made first. `report: false` leaves no report.
    """
    name = str(document["schedule"])
    if document.get("endpoint") and store.arn("monitoring-schedule", name) not in store.monitoring_schedules:
        schedules.create(_schedule(name, document), {})
    schedule, failure = schedules.find(name), document.get("failure")
    violations = document.get("violations") or []
    if not isinstance(violations, list):
        raise invalid("violations is a list")
    job = _job(schedule, violations, _FAILURE if failure is True else failure)
    uri = job["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    if violations and not failure and document.get("report", True):
        _write(f"{uri}/{_REPORT}", {"violations": violations})
    store.processing_jobs[job["ProcessingJobArn"]] = job
    summary = _summary(schedule, job, violations)
    store.monitoring_runs.setdefault(schedule["MonitoringScheduleArn"], []).append(summary)
    _emit(job, name)
    return {"ProcessingJobName": job["ProcessingJobName"], "S3Uri": uri}


def _schedule(name: str, document: dict[str, Any]) -> dict[str, Any]:
    definition = {
        "MonitoringInputs": [{"EndpointInput": {"EndpointName": document["endpoint"], "LocalPath": "/opt/ml/input"}}],
        "MonitoringOutputConfig": {
            "MonitoringOutputs": [
                {"S3Output": {"S3Uri": document.get("reports", "s3://monitoring"), "LocalPath": _OUTPUT}}
            ]
        },
        "MonitoringResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 20}
        },
        "MonitoringAppSpecification": {"ImageUri": _ANALYZER},
        "RoleArn": "arn:aws:iam::111122223333:role/monitoring",
    }
    config = {
        "MonitoringJobDefinition": definition,
        "MonitoringType": document.get("type", "DataQuality"),
        "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
    }
    return {"MonitoringScheduleName": name, "MonitoringScheduleConfig": config}


def _job(schedule: dict[str, Any], violations: list[Any], failure: str | None) -> dict[str, Any]:
    now = clock.now()
    moment = datetime.fromtimestamp(now, UTC)
    definition = schedule["MonitoringScheduleConfig"]["MonitoringJobDefinition"]
    base = definition["MonitoringOutputConfig"]["MonitoringOutputs"][0]["S3Output"]["S3Uri"].rstrip("/")
    where = f"{base}/{schedule.get('EndpointName', 'batch')}/{schedule['MonitoringScheduleName']}/{moment:%Y/%m/%d/%H}"
    name = f"model-monitoring-{moment:%Y%m%d%H%M}-{uuid.uuid4().hex[:24]}"
    job = {
        "ProcessingJobName": name,
        "ProcessingJobArn": store.arn("processing-job", name),
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "result",
                    "S3Output": {"S3Uri": where, "LocalPath": _OUTPUT, "S3UploadMode": "Continuous"},
                    "AppManaged": False,
                }
            ]
        },
        "ProcessingResources": {"ClusterConfig": definition["MonitoringResources"]["ClusterConfig"]},
        "AppSpecification": {"ImageUri": definition["MonitoringAppSpecification"]["ImageUri"]},
        "RoleArn": definition["RoleArn"],
        "ProcessingJobStatus": "Failed" if failure else "Completed",
        "CreationTime": now,
        "ProcessingStartTime": now,
        "ProcessingEndTime": now,
        "LastModifiedTime": now,
        "MonitoringScheduleArn": schedule["MonitoringScheduleArn"],
    }
    if failure:
        return job | {"FailureReason": failure}
    found = f"CompletedWithViolations: Job completed successfully with {len(violations)} violations."
    clean = "Completed: Job completed successfully with no violations."
    return job | {"ExitMessage": found if violations else clean}


def _summary(schedule: dict[str, Any], job: dict[str, Any], violations: list[Any]) -> dict[str, Any]:
    status = job["ProcessingJobStatus"] if not violations or "FailureReason" in job else "CompletedWithViolations"
    summary = {
        "MonitoringScheduleName": schedule["MonitoringScheduleName"],
        "ScheduledTime": job["CreationTime"],
        "CreationTime": job["CreationTime"],
        "LastModifiedTime": job["LastModifiedTime"],
        "MonitoringExecutionStatus": status,
        "ProcessingJobArn": job["ProcessingJobArn"],
        "EndpointName": schedule.get("EndpointName"),
        "MonitoringType": schedule["MonitoringType"],
        "FailureReason": job.get("FailureReason"),
    }
    return {key: value for key, value in summary.items() if value is not None}


def _write(uri: str, report: dict[str, Any]) -> None:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    status, *_ = s3._put_object(bucket, key, json.dumps(report, indent=2).encode(), {})
    if status >= 300:
        raise invalid(f"the report cannot be written to {uri}: is there such a bucket?")


def _emit(job: dict[str, Any], schedule: str) -> None:
    """`SageMaker Processing Job State Change`, without what is not proven that it carries: the job says the rest."""
    shown = {k: v for k, v in job.items() if k not in ("ExitMessage", "MonitoringScheduleArn")}
    for key in ("CreationTime", "ProcessingStartTime", "ProcessingEndTime", "LastModifiedTime"):
        shown[key] = int(job[key] * 1000)
    entry = {
        "Source": "aws.sagemaker",
        "DetailType": "SageMaker Processing Job State Change",
        "Resources": [job["ProcessingJobArn"]],
        "Detail": json.dumps(shown),
    }
    for _ in range(faults.copies_of_event(schedule)):
        watching.later(lambda: eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True))
