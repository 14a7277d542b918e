"""Model Monitor of the embedded SageMaker, and what CloudTrail tells, through the real boto3."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import clock
from sluice.core.signals.violations import violations_of
from sluice.model.monitor_event import JobEvent, monitor_event
from sluice.model.trail_event import ApiCall, Operation
from tests.integration.local.conftest import Rig
from tests.integration.local.serving_rig import Serving

DRIFT = {
    "feature_name": "amount",
    "constraint_check_type": "baseline_drift_check",
    "description": "Baseline drift distance: 0.31 exceeds threshold: 0.1",
}


@pytest.fixture
def schedule(rig: Rig) -> str:
    """A schedule of the test's own, with a bucket for its reports."""
    name = f"Daily-{uuid.uuid4().hex[:10]}"
    rig.client("s3").create_bucket(Bucket=f"reports-{name.lower()}")
    definition = {
        "MonitoringInputs": [{"EndpointInput": {"EndpointName": f"of-{name}", "LocalPath": "/opt/ml/input"}}],
        "MonitoringOutputConfig": {
            "MonitoringOutputs": [
                {"S3Output": {"S3Uri": f"s3://reports-{name.lower()}/monitoring", "LocalPath": "/opt/ml/output"}}
            ]
        },
        "MonitoringResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 20}
        },
        "MonitoringAppSpecification": {"ImageUri": "analyzer"},
        "RoleArn": "arn:aws:iam::111122223333:role/monitoring",
    }
    config = {"MonitoringJobDefinition": definition, "MonitoringType": "ModelQuality"}
    rig.client("sagemaker").create_monitoring_schedule(MonitoringScheduleName=name, MonitoringScheduleConfig=config)
    return name


def _run(rig: Rig, schedule: str, **more: Any) -> dict[str, Any]:
    return rig.admin("POST", "monitoring-run", {"schedule": schedule, **more})


def _job(rig: Rig, name: str) -> dict[str, Any]:
    return dict(rig.client("sagemaker").describe_processing_job(ProcessingJobName=name))


def test_a_run_with_violations_leaves_a_report_a_job_that_says_so_and_an_event_that_does_not(
    rig: Rig, schedule: str
) -> None:
    made = _run(rig, schedule, violations=[DRIFT])

    job = _job(rig, made["ProcessingJobName"])
    bucket, _, key = made["S3Uri"].removeprefix("s3://").partition("/")
    report = rig.client("s3").get_object(Bucket=bucket, Key=f"{key}/constraint_violations.json")["Body"].read()
    (event,) = rig.until(lambda: rig.events(made["ProcessingJobName"]))
    assert job["ProcessingJobStatus"] == "Completed"
    assert job["ExitMessage"].startswith("CompletedWithViolations: ")
    assert job["MonitoringScheduleArn"].endswith(f"monitoring-schedule/{schedule.lower()}")
    assert [f.value for f in violations_of(report)] == [0.31]
    assert monitor_event(event) == JobEvent("111122223333", "us-east-1", made["ProcessingJobName"])
    assert "ExitMessage" not in event["detail"]


def test_a_clean_run_says_so_and_leaves_no_report(rig: Rig, schedule: str) -> None:
    made = _run(rig, schedule, violations=[])

    job = _job(rig, made["ProcessingJobName"])

    assert job["ExitMessage"].startswith("Completed: ")
    assert "Contents" not in rig.client("s3").list_objects_v2(Bucket=f"reports-{schedule.lower()}")


def test_a_run_that_fails_says_why(rig: Rig, schedule: str) -> None:
    made = _run(rig, schedule, failure="InternalServerError: try again")

    job = _job(rig, made["ProcessingJobName"])
    (event,) = rig.until(lambda: rig.events(made["ProcessingJobName"]))

    assert (job["ProcessingJobStatus"], job["FailureReason"]) == ("Failed", "InternalServerError: try again")
    assert event["detail"]["ProcessingJobStatus"] == "Failed"


def test_the_runs_of_a_schedule_are_listed_the_newest_first_and_by_status(rig: Rig, schedule: str) -> None:
    sagemaker = rig.client("sagemaker")
    for more in ({"violations": [DRIFT]}, {}, {"failure": True}):
        _run(rig, schedule, **more)
        clock.advance(60)

    listed = sagemaker.list_monitoring_executions(MonitoringScheduleName=schedule, SortBy="ScheduledTime")
    since = datetime.fromtimestamp(clock.now(), UTC) - timedelta(hours=1)
    violated = sagemaker.list_monitoring_executions(StatusEquals="CompletedWithViolations", ScheduledTimeAfter=since)

    found = [run["MonitoringExecutionStatus"] for run in listed["MonitoringExecutionSummaries"]]
    assert found == ["Failed", "Completed", "CompletedWithViolations"]
    assert schedule in {run["MonitoringScheduleName"] for run in violated["MonitoringExecutionSummaries"]}


def test_a_schedule_is_described_with_its_endpoint_its_type_and_its_last_run(rig: Rig, schedule: str) -> None:
    _run(rig, schedule, violations=[DRIFT])

    described = rig.client("sagemaker").describe_monitoring_schedule(MonitoringScheduleName=schedule.lower())

    assert (described["MonitoringScheduleName"], described["EndpointName"]) == (schedule, f"of-{schedule}")
    assert described["MonitoringType"] == "ModelQuality"
    assert described["LastMonitoringExecutionSummary"]["MonitoringExecutionStatus"] == "CompletedWithViolations"


@pytest.mark.parametrize("thing", ["job", "schedule"])
def test_what_is_not_there_is_not_found(rig: Rig, thing: str) -> None:
    sagemaker = rig.client("sagemaker")

    asked = {
        "job": lambda: sagemaker.describe_processing_job(ProcessingJobName="never"),
        "schedule": lambda: sagemaker.describe_monitoring_schedule(MonitoringScheduleName="never"),
    }

    with pytest.raises(ClientError) as refused:
        asked[thing]()

    assert refused.value.response["Error"]["Code"] == "ResourceNotFound"


def test_a_run_makes_its_schedule_when_it_is_told_the_endpoint(rig: Rig) -> None:
    name = f"made-{uuid.uuid4().hex[:10]}"
    rig.client("s3").create_bucket(Bucket=f"reports-{name}")

    _run(rig, name, endpoint="shop", type="ModelBias", reports=f"s3://reports-{name}", violations=[DRIFT])

    described = rig.client("sagemaker").describe_monitoring_schedule(MonitoringScheduleName=name)
    assert (described["EndpointName"], described["MonitoringType"]) == ("shop", "ModelBias")


def test_an_event_can_be_lost(rig: Rig, schedule: str) -> None:
    rig.admin("POST", "faults", {"event": {"copies": 0, "times": 1, "group": schedule}})

    lost, told = (_run(rig, schedule, violations=[DRIFT]) for _ in range(2))

    rig.until(lambda: rig.events(told["ProcessingJobName"]))
    assert rig.events(lost["ProcessingJobName"]) == []


# What CloudTrail tells


def _calls(rig: Rig, about: str) -> list[ApiCall]:
    events = [e for e in rig.events(about) if e["detail-type"] == "AWS API Call via CloudTrail"]
    return [ApiCall.parse(e) for e in events if e["detail"]["eventName"] in list(Operation)]


def test_a_call_that_changes_an_endpoint_is_told_with_who_made_it(rig: Rig, shop: Serving) -> None:
    shop.create(shop.config("one"))
    shop.config("two")
    rig.events(shop.name)

    shop.update(f"{shop.name}-two")

    (call,) = rig.until(lambda: _calls(rig, shop.name))
    assert (call.operation, call.endpoint, call.config) == (Operation.UPDATE_ENDPOINT, shop.name, f"{shop.name}-two")
    assert call.who == "arn:aws:iam::111122223333:root"
    assert call.failed == ""


def test_a_refused_call_is_told_with_its_error(rig: Rig, shop: Serving) -> None:
    with pytest.raises(ClientError):
        rig.client("sagemaker").update_endpoint(EndpointName=shop.name, EndpointConfigName="none")

    (call,) = rig.until(lambda: _calls(rig, shop.name))
    assert call.failed == "ValidationException"
    assert json.dumps(call.who)
