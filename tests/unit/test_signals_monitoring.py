"""What monitors say of a model becomes a signal: a run of Model Monitor that is over, and a word of a team's own."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from sluice.errors import InvalidInput, TransientFailure
from sluice.model.monitor_event import JobEvent, monitor_event
from sluice.model.monitor_seen import JobStatus, RunStatus
from sluice.model.signal import Cause, SignalKind
from sluice.usecases.signals.taking import SignalAction
from tests.event_samples import ROOT, sample
from tests.packages import GROUP, REGION
from tests.rollouts import ENDPOINT
from tests.signals import ANY_JSON, REPORTS, SCHEDULE, SignalWorld, watching

VIOLATED = RunStatus.COMPLETED_WITH_VIOLATIONS
REPORT = (ROOT / "tests/samples/constraint_violations_data_quality.json").read_bytes()


def _world(kind: str = "DataQuality") -> SignalWorld:
    world = SignalWorld()
    world.schedule(kind=kind)
    return world


def _about_the_model(world: SignalWorld) -> list[tuple[bool, str]]:
    return [(signal.raised, signal.source) for signal in world.signals if signal.source.startswith("monitor/")]


def test_a_run_with_violations_raises_a_signal_that_names_the_features() -> None:
    world = _world()

    admission = world.run(VIOLATED, REPORT)

    assert admission.action is SignalAction.TAKE
    signal = world.signals[0]
    assert (signal.kind, signal.cause, signal.raised) == (SignalKind.MONITOR, Cause.DATA_QUALITY, True)
    assert (signal.group, signal.endpoint) == (GROUP, ENDPOINT)
    assert signal.summary == (
        "Monitor Fraud-daily found 3 violations of data quality: Area Code_408, VMail Plan_no, Churn"
    )
    assert signal.findings[0].limit == 100.0
    assert signal.links["Report"].startswith(f"https://{REGION}.console.aws.amazon.com/s3/object/reports?")


def test_a_clean_run_clears_what_an_earlier_one_raised() -> None:
    world = _world()
    world.run(VIOLATED, REPORT)

    world.later(3600)
    world.run()

    assert _about_the_model(world) == [(True, f"monitor/{SCHEDULE}"), (False, f"monitor/{SCHEDULE}")]


@pytest.mark.parametrize(
    "kind, cause",
    [
        ("DataQuality", Cause.DATA_QUALITY),
        ("ModelQuality", Cause.MODEL_QUALITY),
        ("ModelBias", Cause.BIAS),
        ("ModelExplainability", Cause.ATTRIBUTION),
        ("", Cause.OTHER),
    ],
)
def test_the_type_of_the_monitor_is_the_cause(kind: str, cause: Cause) -> None:
    world = _world(kind)

    world.run(VIOLATED, REPORT)

    assert world.signals[0].cause is cause


def test_the_same_run_told_twice_is_the_same_signal() -> None:
    world = _world()
    world.run(VIOLATED, REPORT)

    world.job("model-monitoring-1")

    assert len({signal.key for signal in world.signals if signal.raised}) == 1


# Reports that do not help


@pytest.mark.parametrize(
    "report, said",
    [(None, "it is not in S3"), (b" " * 1_000_001, "1000001 bytes"), (b"{", "it is not JSON"), (b"[]", "no list")],
)
def test_violations_count_without_a_report_and_the_job_says_what_it_knows(report: bytes | None, said: str) -> None:
    world = _world()

    world.run(VIOLATED, report)

    signal = world.signals[0]
    assert (signal.raised, signal.findings) == (True, ())
    assert "with 2 violations" in signal.summary
    assert said in signal.summary


def test_violations_count_when_nobody_may_read_the_report() -> None:
    world = _world()
    world.documents.denied |= {f"{REPORTS}/1/constraint{s}_violations.json" for s in ("", "s")}

    world.run(VIOLATED, REPORT)

    assert "S3 denies access" in world.signals[0].summary


def test_a_job_without_an_output_says_what_it_knows() -> None:
    world = _world()

    world.run(VIOLATED, outputs=())

    assert world.signals[0].raised
    assert "no output in S3" in world.signals[0].summary


def test_a_report_is_found_under_the_other_name_of_the_documentation() -> None:
    world = _world()
    world.documents.contents[f"{REPORTS}/1/constraints_violations.json"] = REPORT

    world.run(VIOLATED)

    assert len(world.signals[0].findings) == 3


def test_a_report_that_s3_cannot_give_now_is_asked_for_again_with_its_event() -> None:
    world = _world()
    world.documents.fail_next = TransientFailure("GetObject: SlowDown")

    with pytest.raises(TransientFailure):
        world.run(VIOLATED, REPORT)

    assert world.job("model-monitoring-1").action is SignalAction.TAKE


# What the job does not say


@pytest.mark.parametrize("status", [VIOLATED, RunStatus.COMPLETED])
def test_a_job_that_says_nothing_is_looked_up_among_the_runs(status: RunStatus) -> None:
    world = _world()

    world.run(status, REPORT, exit_message="")

    assert world.signals[0].raised is (status is VIOLATED)


def test_a_job_of_which_nobody_says_what_it_found_neither_raises_nor_clears() -> None:
    world = _world()

    admission = world.run(RunStatus.IN_PROGRESS, exit_message="")

    assert (admission.action, world.signals) == (SignalAction.IGNORE, [])


# Runs that fail


def test_one_run_that_fails_says_nothing() -> None:
    world = _world()

    admission = world.run(RunStatus.FAILED)

    assert (admission.action, world.signals) == (SignalAction.IGNORE, [])
    assert "AlgorithmError" in admission.reason


def test_two_runs_in_a_row_that_fail_say_that_nobody_watches_and_clear_nothing() -> None:
    world = _world()
    world.run(VIOLATED, REPORT)
    world.run(RunStatus.FAILED)

    world.run(RunStatus.FAILED)

    last = world.signals[-1]
    assert (last.raised, last.cause, last.source) == (True, Cause.OTHER, f"monitor-runs/{SCHEDULE}")
    assert _about_the_model(world) == [(True, f"monitor/{SCHEDULE}")]


def test_a_run_between_two_that_fail_keeps_them_apart_and_a_stopped_one_does_not() -> None:
    apart, together = _world(), _world()
    for world, between in ((apart, RunStatus.COMPLETED), (together, RunStatus.STOPPED)):
        world.run(RunStatus.FAILED)
        world.run(between, status=JobStatus.COMPLETED if world is apart else JobStatus.STOPPED)
        world.run(RunStatus.FAILED)

    assert [s.raised for s in apart.signals if s.source.startswith("monitor-runs/")] == []
    assert [s.raised for s in together.signals if s.source.startswith("monitor-runs/")] == [True]


def test_a_monitor_that_works_again_says_so() -> None:
    world = _world()
    for status in (RunStatus.FAILED, RunStatus.FAILED, RunStatus.COMPLETED):
        world.run(status)

    runs = [signal for signal in world.signals if signal.source.startswith("monitor-runs/")]

    assert [signal.raised for signal in runs] == [True, False]
    assert runs[0].at < runs[1].at


# Which jobs, which endpoint


def test_a_job_that_is_no_monitors_is_left_alone() -> None:
    world = _world()

    admission = world.run(schedule="")

    assert (admission.action, admission.reason) == (SignalAction.IGNORE, "it ran for no monitoring schedule")


@pytest.mark.parametrize("status", [JobStatus.IN_PROGRESS, JobStatus.STOPPING, JobStatus.STOPPED])
def test_a_job_that_did_not_come_to_an_end_says_nothing(status: JobStatus) -> None:
    world = _world()

    assert world.run(status=status).action is SignalAction.IGNORE
    assert world.signals == []


def test_a_job_that_is_gone_is_left_alone() -> None:
    assert _world().job("never-there").action is SignalAction.IGNORE


def test_a_monitor_of_an_endpoint_that_no_policy_names_is_ignored_with_a_reason() -> None:
    world = SignalWorld()
    world.schedule(endpoint="somebody-elses")

    admission = world.run(VIOLATED, REPORT)

    assert admission.action is SignalAction.IGNORE
    assert "somebody-elses" in admission.reason


def test_a_monitor_that_a_policy_names_is_about_its_endpoint_whatever_it_watches() -> None:
    world = SignalWorld(watching(monitors=(SCHEDULE,)))
    world.schedule(endpoint="")

    world.run(VIOLATED, REPORT)

    assert world.signals[0].endpoint == ENDPOINT


def test_a_monitor_that_was_deleted_after_its_run_is_known_by_the_policy_that_names_it() -> None:
    world = SignalWorld(watching(monitors=(SCHEDULE,)))

    world.run(VIOLATED, REPORT)

    assert (world.signals[0].endpoint, world.signals[0].cause) == (ENDPOINT, Cause.OTHER)


def test_an_endpoint_that_a_policy_named_once_is_nobodys_now() -> None:
    world = SignalWorld()
    world.schedule(endpoint=ENDPOINT)
    moved = watching()
    assert moved.rollout is not None
    world.govern(replace(moved, rollout=replace(moved.rollout, target=replace(moved.rollout.target, endpoint="new"))))

    assert world.run(VIOLATED, REPORT).action is SignalAction.IGNORE


# Its event


@given(ANY_JSON)
def test_no_job_event_makes_the_parser_fail(detail: Any) -> None:
    event = sample("sagemaker_processing_job_monitor_violations.json") | {"detail": detail}

    with pytest.raises(InvalidInput):
        monitor_event(event)


def test_a_job_event_names_its_job_account_and_region() -> None:
    event = sample("sagemaker_processing_job_monitor_violations.json")

    told = monitor_event(event)

    assert told == JobEvent(event["account"], event["region"], event["detail"]["ProcessingJobName"])
