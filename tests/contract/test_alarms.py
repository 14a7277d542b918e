"""What every `Alarms` must do, the fake and the real one over moto and the engine; Stubber word for word."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from sluice.adapters.alarms import CloudWatchAlarms
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.metric_query import AlarmPlan, MetricQuery, ringing, verdict_query
from sluice.ports import Alarms
from tests.fakes.alarms import FakeAlarms

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

VERDICT = AlarmPlan("verdict", "what the judge says", (verdict_query("fraud", "r1"),), 1.0, 1, 1, tags={"stack": "s"})
NAMED = {"EndpointName": "fraud", "VariantName": "candidate"}
WIRE = [{"Name": "EndpointName", "Value": "fraud"}, {"Name": "VariantName", "Value": "candidate"}]
TRIPWIRE = AlarmPlan(
    name="tripwire",
    description="wakes the judge",
    metrics=(
        MetricQuery("errors", "AWS/SageMaker", "Invocation5XXErrors", NAMED, "Sum"),
        MetricQuery("requests", "AWS/SageMaker", "Invocations", NAMED, "Sum"),
    ),
    expression="errors / requests",
    threshold=0.1,
    minutes=3,
    breaches=2,
)


@dataclass
class Store:
    """An `Alarms`, and a way to make one ring."""

    alarms: Alarms
    ring: Callable[[str], None]


@pytest.fixture
def cloudwatch(moto: None) -> "CloudWatchClient":
    client: CloudWatchClient = boto3.client("cloudwatch", region_name="us-east-1")
    return client


@pytest.fixture(params=["fake", "moto", "engine"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "fake":
        fake = FakeAlarms()
        return Store(fake, fake.ring)
    engine = request.param == "engine"
    client = request.getfixturevalue("engine").root("cloudwatch") if engine else request.getfixturevalue("cloudwatch")
    return Store(
        CloudWatchAlarms(client),
        lambda name: client.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test"),
    )


def test_only_those_that_ring_are_in_alarm_and_only_those_that_exist_have_a_state(store: Store) -> None:
    store.alarms.put(VERDICT)
    store.alarms.put(TRIPWIRE)

    store.ring("tripwire")

    states = store.alarms.states(("verdict", "tripwire", "nobody's"))
    assert states.keys() == {"verdict", "tripwire"}
    assert ringing(states) == {"tripwire"}
    assert store.alarms.states(()) == {}


def test_deleting_is_repeatable_and_takes_those_that_are_there(store: Store) -> None:
    store.alarms.put(TRIPWIRE)
    store.ring("tripwire")

    for _ in range(2):
        store.alarms.delete(("tripwire", "never made"))

    assert store.alarms.states(("tripwire",)) == {}


def test_the_fake_counts_what_changed_something() -> None:
    fake = FakeAlarms()

    for _ in range(2):
        fake.put(VERDICT)
    for _ in range(2):
        fake.delete(("verdict",))

    assert fake.effects == [("put", "verdict"), ("delete", "verdict")]


type Stubbed = tuple[Stubber, CloudWatchAlarms]


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    client = boto3.client("cloudwatch", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield stubber, CloudWatchAlarms(client)
        stubber.assert_no_pending_responses()


def test_an_alarm_on_one_metric(stubbed: Stubbed) -> None:
    stubber, alarms = stubbed
    request = {
        "AlarmName": "verdict",
        "AlarmDescription": "what the judge says",
        "Namespace": "Sluice/Canary",
        "MetricName": "CandidateRejected",
        "Dimensions": [{"Name": "Endpoint", "Value": "fraud"}, {"Name": "Rollout", "Value": "r1"}],
        "Period": 60,
        "Statistic": "Maximum",
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "TreatMissingData": "notBreaching",
        "Tags": [{"Key": "stack", "Value": "s"}],
    }
    stubber.add_response("put_metric_alarm", {}, request)

    alarms.put(VERDICT)


def test_an_alarm_on_an_expression_of_metrics(stubbed: Stubbed) -> None:
    stubber, alarms = stubbed

    def source(name: str, metric: str) -> dict[str, Any]:
        told = {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": WIRE}
        return {"Id": name, "MetricStat": {"Metric": told, "Period": 60, "Stat": "Sum"}, "ReturnData": False}

    result = {"Id": "breach", "Expression": "errors / requests", "Label": "tripwire", "ReturnData": True}
    request = {
        "AlarmName": "tripwire",
        "AlarmDescription": "wakes the judge",
        "Metrics": [source("errors", "Invocation5XXErrors"), source("requests", "Invocations"), result],
        "Threshold": 0.1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "TreatMissingData": "notBreaching",
    }
    stubber.add_response("put_metric_alarm", {}, request)

    alarms.put(TRIPWIRE)


def test_a_percentile_is_an_extended_statistic(cloudwatch: "CloudWatchClient") -> None:
    slow = MetricQuery("slow", "AWS/SageMaker", "ModelLatency", NAMED, "p99")

    CloudWatchAlarms(cloudwatch).put(AlarmPlan("slow", "", (slow,), 5e6, 1, 1))

    (told,) = cloudwatch.describe_alarms(AlarmNames=["slow"])["MetricAlarms"]
    assert told["ExtendedStatistic"] == "p99"


def test_names_go_by_a_hundred(stubbed: Stubbed) -> None:
    stubber, alarms = stubbed
    names = [f"a{n}" for n in range(101)]
    for some in (names[:100], names[100:]):
        stubber.add_response("delete_alarms", {}, {"AlarmNames": some})
    kinds = {"AlarmTypes": ["MetricAlarm", "CompositeAlarm", "LogAlarm"]}
    calm = {"AlarmName": "a0", "StateValue": "OK"}
    first = {"MetricAlarms": [calm, {"AlarmName": "a1", "StateValue": "ALARM"}], "NextToken": "t"}
    stubber.add_response("describe_alarms", first, {"AlarmNames": names[:100], **kinds})
    unsure = {"AlarmName": "a3", "StateValue": "INSUFFICIENT_DATA"}
    second = {"CompositeAlarms": [{"AlarmName": "a2", "StateValue": "ALARM"}], "LogAlarms": [unsure]}
    stubber.add_response("describe_alarms", second, {"AlarmNames": names[:100], **kinds, "NextToken": "t"})
    stubber.add_response("describe_alarms", {}, {"AlarmNames": names[100:], **kinds})

    alarms.delete(names)

    states = alarms.states(names)
    assert states == {"a0": "OK", "a1": "ALARM", "a2": "ALARM", "a3": "INSUFFICIENT_DATA"}
    assert ringing(states) == {"a1", "a2"}


def test_those_that_are_gone_are_no_failure(stubbed: Stubbed) -> None:
    stubber, alarms = stubbed
    stubber.add_client_error("delete_alarms", "ResourceNotFound", http_status_code=404)

    alarms.delete(("verdict",))


@pytest.mark.parametrize("code,kind", [
    ("Throttling", TransientFailure),
    ("ResourceConflict", TransientFailure),
    ("LimitExceeded", PermanentFailure),
    ("AccessDenied", PermanentFailure),
])  # fmt: skip
def test_refusals_say_whether_to_try_again(stubbed: Stubbed, code: str, kind: type[Exception]) -> None:
    stubber, alarms = stubbed
    for method in ("put_metric_alarm", "delete_alarms", "describe_alarms"):
        stubber.add_client_error(method, code, http_status_code=400)

    with pytest.raises(kind, match=code):
        alarms.put(VERDICT)
    with pytest.raises(kind, match=code):
        alarms.delete(("verdict",))
    with pytest.raises(kind, match=code):
        alarms.states(("verdict",))
