"""What every `Monitors` must do, the fake and the real one over the engine; Stubber word for word."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from local import admin, clock
from local.identities import Identities
from sluice.adapters.monitors import SageMakerMonitors
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.ids import Micros
from sluice.model.monitor_seen import JobStatus, MonitorJob, MonitorRun, MonitorSchedule, RunStatus
from sluice.ports.signals import Monitors
from tests.fakes.monitors import FakeMonitors

AT = datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC)
AT_MICROS = Micros(1_780_000_000_000_000)
VIOLATED = RunStatus.COMPLETED_WITH_VIOLATIONS


@dataclass
class Store:
    """A `Monitors`, and a way to let a monitor run: answers the name of the job. `began` is before all of it."""

    monitors: Monitors
    run: Callable[[str, RunStatus], str]
    began: Micros


def _fake() -> Store:
    fake, made = FakeMonitors(), iter(range(100))

    def run(schedule: str, found: RunStatus) -> str:
        at = Micros(next(made) + 1)
        name = f"job-{at}"
        fake.schedules.setdefault(schedule, MonitorSchedule(schedule, "ModelBias", "shop"))
        says = {RunStatus.COMPLETED: "Completed: none", VIOLATED: "CompletedWithViolations: 1"}
        status = JobStatus.FAILED if found is RunStatus.FAILED else JobStatus.COMPLETED
        outputs = (f"s3://reports/{at}",)
        fake.jobs[name] = MonitorJob(
            name, f"arn/{name}", status, at, schedule.lower(), says.get(found, ""), "", outputs
        )
        told = MonitorRun(found, at, f"arn/{name}", "", schedule, "shop")
        fake.history.setdefault(schedule, []).insert(0, told)
        return name

    return Store(fake, run, Micros(0))


def _engine(engine: Identities) -> Store:
    engine.root("s3").create_bucket(Bucket="reports")
    url = engine.root("sagemaker").meta.endpoint_url
    began = Micros(int(clock.now() * 1_000_000) - 1_000_000)

    def run(schedule: str, found: RunStatus) -> str:
        asked = {
            "schedule": schedule,
            "endpoint": "shop",
            "type": "ModelBias",
            "reports": "s3://reports",
            "violations": [{"feature_name": "age"}] if found is VIOLATED else [],
            "failure": found is RunStatus.FAILED,
        }
        return str(admin.call(url, "POST", "monitoring-run", asked)["ProcessingJobName"])

    return Store(SageMakerMonitors(engine.root("sagemaker")), run, began)


@pytest.fixture(params=["fake", "engine"])
def store(request: pytest.FixtureRequest) -> Store:
    return _fake() if request.param == "fake" else _engine(request.getfixturevalue("engine"))


def test_a_job_says_for_which_schedule_it_ran_and_what_came_of_it(store: Store, fresh: str) -> None:
    name = store.run(f"Daily{fresh}", VIOLATED)

    job = store.monitors.job(name)

    assert job is not None
    assert (job.schedule, job.status) == (f"daily{fresh}", JobStatus.COMPLETED)
    assert job.exit_message.startswith("CompletedWithViolations")
    assert job.outputs[0].startswith("s3://reports/")


def test_a_schedule_says_what_it_watches_however_its_name_is_spelled(store: Store, fresh: str) -> None:
    store.run(f"Daily{fresh}", RunStatus.COMPLETED)

    assert store.monitors.schedule(f"daily{fresh}") == MonitorSchedule(f"Daily{fresh}", "ModelBias", "shop")


def test_the_runs_of_a_schedule_are_told_the_newest_first(store: Store, fresh: str) -> None:
    for found in (VIOLATED, RunStatus.COMPLETED, RunStatus.FAILED):
        store.run(f"Daily{fresh}", found)

    runs = store.monitors.runs(f"Daily{fresh}")

    assert [run.status for run in runs] == [RunStatus.FAILED, RunStatus.COMPLETED, VIOLATED]
    assert {run.schedule for run in runs} <= {f"Daily{fresh}"}


def test_runs_that_found_violations_are_found_over_all_schedules(store: Store, fresh: str) -> None:
    for name in ("a", "b"):
        store.run(f"{name}{fresh}", VIOLATED)
        store.run(f"{name}{fresh}", RunStatus.COMPLETED)

    found = [run for run in store.monitors.violated(since=store.began) if run.schedule.endswith(fresh)]

    assert sorted(run.schedule for run in found) == [f"a{fresh}", f"b{fresh}"]
    assert {(run.status, run.endpoint) for run in found} == {(VIOLATED, "shop")}


def test_what_is_not_there_is_none(store: Store) -> None:
    assert store.monitors.job("never") is None
    assert store.monitors.schedule("never") is None
    assert store.monitors.runs("never") == ()


type Stubbed = tuple[Stubber, SageMakerMonitors]


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    client = boto3.client("sagemaker", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield stubber, SageMakerMonitors(client)
        stubber.assert_no_pending_responses()


def _job(**more: Any) -> dict[str, Any]:
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
    return {
        "ProcessingJobName": "job",
        "ProcessingJobArn": "arn:aws:sagemaker:us-east-1:111122223333:processing-job/job",
        "ProcessingResources": {"ClusterConfig": cluster},
        "AppSpecification": {"ImageUri": "image"},
        "ProcessingJobStatus": "InProgress",
        "CreationTime": AT,
        **more,
    }


def test_a_job_that_has_only_begun_has_the_moment_of_its_creation_and_nothing_else(stubbed: Stubbed) -> None:
    stubber, monitors = stubbed
    stubber.add_response("describe_processing_job", _job(), {"ProcessingJobName": "job"})

    job = monitors.job("job")

    assert job == MonitorJob("job", _job()["ProcessingJobArn"], JobStatus.IN_PROGRESS, AT_MICROS)


def test_an_output_that_goes_elsewhere_than_s3_is_passed_over(stubbed: Stubbed) -> None:
    stubber, monitors = stubbed
    outputs = {"Outputs": [{"OutputName": "o", "FeatureStoreOutput": {"FeatureGroupName": "g"}}]}
    stubber.add_response("describe_processing_job", _job(ProcessingOutputConfig=outputs))

    job = monitors.job("job")

    assert job is not None
    assert job.outputs == ()


def test_runs_are_asked_for_as_sagemaker_takes_it(stubbed: Stubbed) -> None:
    stubber, monitors = stubbed
    stubber.add_response(
        "list_monitoring_executions",
        {"MonitoringExecutionSummaries": []},
        {"MonitoringScheduleName": "s", "SortBy": "ScheduledTime", "SortOrder": "Descending", "MaxResults": 10},
    )

    assert monitors.runs("s") == ()


def test_pages_of_violations_are_followed(stubbed: Stubbed) -> None:
    stubber, monitors = stubbed
    asked = {"StatusEquals": "CompletedWithViolations", "ScheduledTimeAfter": AT, "MaxResults": 100}
    run = {
        "MonitoringScheduleName": "s",
        "ScheduledTime": AT,
        "CreationTime": AT,
        "LastModifiedTime": AT,
        "MonitoringExecutionStatus": "CompletedWithViolations",
    }
    answer = {"MonitoringExecutionSummaries": [run]}
    stubber.add_response("list_monitoring_executions", answer | {"NextToken": "t"}, asked)
    stubber.add_response("list_monitoring_executions", answer, asked | {"NextToken": "t"})

    assert len(list(monitors.violated(since=AT_MICROS))) == 2


@pytest.mark.parametrize(
    "code, error", [("ThrottlingException", TransientFailure), ("AccessDeniedException", PermanentFailure)]
)
def test_failures_are_told_apart(stubbed: Stubbed, code: str, error: type[Exception]) -> None:
    stubber, monitors = stubbed
    stubber.add_client_error("describe_processing_job", code)

    with pytest.raises(error, match="DescribeProcessingJob"):
        monitors.job("job")
