"""What every `Metrics` must do, the fake and the real one over moto and the engine; Stubber where those are laxer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from sluice.adapters.metrics import CloudWatchMetrics, metric_of
from sluice.adapters.moments import micros_of, moment_of
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.ids import Micros
from sluice.model.metric_query import AlarmPlan, AlarmState, MetricQuery, verdict_query
from sluice.ports import Metrics
from tests.fakes.alarms import FakeAlarms
from tests.fakes.clock import FakeClock
from tests.fakes.metrics import FakeMetrics

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

MINUTE = 60_000_000
NOON = micros_of(datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=2))
REQUESTS = MetricQuery(
    "requests", "AWS/SageMaker", "Invocations", {"EndpointName": "fraud", "VariantName": "candidate"}, "Sum"
)
OTHERS = replace(REQUESTS, id="others", dimensions={"EndpointName": "fraud", "VariantName": "AllTraffic"})


@dataclass
class Store:
    """A `Metrics`, a query, and a way to put one value for it into a minute counted from NOON."""

    metrics: Metrics
    query: MetricQuery
    put: Callable[[int, float], None]


def _fake() -> Store:
    fake = FakeMetrics()
    return Store(fake, REQUESTS, lambda minute, value: fake.record(REQUESTS, Micros(NOON + minute * MINUTE), [value]))


def _real(client: "CloudWatchClient", fresh: str) -> Store:
    """In a namespace of the test's own: nobody but AWS may publish under AWS/."""
    query = replace(REQUESTS, namespace=f"Test{fresh}")

    def put(minute: int, value: float) -> None:
        point: Any = {**metric_of(query), "Timestamp": moment_of(Micros(NOON + minute * MINUTE)), "Value": value}
        client.put_metric_data(Namespace=point.pop("Namespace"), MetricData=[point])

    return Store(CloudWatchMetrics(client), query, put)


@pytest.fixture
def cloudwatch(moto: None) -> "CloudWatchClient":
    client: CloudWatchClient = boto3.client("cloudwatch", region_name="us-east-1")
    return client


@pytest.fixture(params=["fake", "moto", "engine"])
def store(request: pytest.FixtureRequest) -> Store:
    fresh = request.getfixturevalue("fresh")
    match request.param:
        case "fake":
            return _fake()
        case "moto":
            return _real(request.getfixturevalue("cloudwatch"), fresh)
        case _:
            return _real(request.getfixturevalue("engine").root("cloudwatch"), fresh)


def test_values_come_by_minute_and_a_minute_without_one_is_none(store: Store) -> None:
    store.put(0, 5.0)
    store.put(2, 7.0)

    told = store.metrics.by_minute((store.query, OTHERS), start=NOON, end=Micros(NOON + 4 * MINUTE))

    assert told == {"requests": (5.0, None, 7.0, None), "others": (None,) * 4}


def test_a_window_begins_with_the_minute_of_its_start_and_has_only_whole_minutes(store: Store) -> None:
    for minute in range(4):
        store.put(minute, float(minute))

    start, end = Micros(NOON + MINUTE + 1), Micros(NOON + 4 * MINUTE - 1)

    assert store.metrics.by_minute((store.query,), start=start, end=end) == {"requests": (1.0, 2.0)}


def test_an_empty_window_has_no_values(store: Store) -> None:
    assert store.metrics.by_minute((store.query,), start=NOON, end=NOON) == {"requests": ()}
    assert store.metrics.by_minute((), start=NOON, end=Micros(NOON + MINUTE)) == {}


def test_a_verdict_can_be_read_where_the_alarm_looks(store: Store, fresh: str) -> None:
    rollout = f"r{fresh}"
    store.metrics.publish_verdict(endpoint="fraud", rollout_id=rollout, rejected=False, at=NOON)
    store.metrics.publish_verdict(endpoint="fraud", rollout_id=rollout, rejected=True, at=Micros(NOON + MINUTE))

    told = store.metrics.by_minute((verdict_query("fraud", rollout),), start=NOON, end=Micros(NOON + 2 * MINUTE))

    assert told == {"rejected": (0.0, 1.0)}


type Stubbed = tuple[Stubber, CloudWatchMetrics]


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    client = boto3.client("cloudwatch", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield stubber, CloudWatchMetrics(client)
        stubber.assert_no_pending_responses()


END = Micros(NOON + 2 * MINUTE)


def _result(query: str = "requests", status: str = "Complete", **values: float) -> dict[str, Any]:
    """Values by minute, such as m0=5."""
    moments = [moment_of(Micros(NOON + int(minute[1:]) * MINUTE)) for minute in values]
    return {"Id": query, "StatusCode": status, "Timestamps": moments, "Values": list(values.values())}


def test_a_query_says_metric_period_and_statistic(stubbed: Stubbed) -> None:
    stubber, metrics = stubbed
    dimensions = [{"Name": "EndpointName", "Value": "fraud"}, {"Name": "VariantName", "Value": "candidate"}]
    metric = {"Namespace": "AWS/SageMaker", "MetricName": "ModelLatency", "Dimensions": dimensions}
    stat = {"Metric": metric, "Period": 60, "Stat": "TC(250000:)"}
    request = {
        "MetricDataQueries": [{"Id": "slow", "MetricStat": stat, "ReturnData": True}],
        "StartTime": moment_of(NOON),
        "EndTime": moment_of(END),
    }
    stubber.add_response("get_metric_data", {"MetricDataResults": [_result("slow", m1=3)]}, request)

    slow = replace(REQUESTS, id="slow", metric="ModelLatency", stat="TC(250000:)")

    assert metrics.by_minute((slow,), start=Micros(NOON + 1), end=Micros(END + 1)) == {"slow": (None, 3.0)}


def test_a_series_goes_on_over_pages_and_is_partial_until_the_last(stubbed: Stubbed) -> None:
    stubber, metrics = stubbed
    first = {"MetricDataResults": [_result(status="PartialData", m1=2)], "NextToken": "t"}
    stubber.add_response("get_metric_data", first)
    stubber.add_response("get_metric_data", {"MetricDataResults": [_result(m0=1)]})

    assert metrics.by_minute((REQUESTS,), start=NOON, end=END) == {"requests": (1.0, 2.0)}


@pytest.mark.parametrize("answer", [
    {"MetricDataResults": [_result(status="PartialData", m0=1)]},
    {"MetricDataResults": [_result(status="InternalError")]},
    {"MetricDataResults": []},
    {"MetricDataResults": [_result(m0=1)], "Messages": [{"Code": "MaxMetricsExceeded", "Value": "too many"}]},
], ids=["partial", "error", "absent", "message"])  # fmt: skip
def test_an_incomplete_answer_is_no_answer(stubbed: Stubbed, answer: dict[str, Any]) -> None:
    stubber, metrics = stubbed
    stubber.add_response("get_metric_data", answer)

    with pytest.raises(TransientFailure):
        metrics.by_minute((REQUESTS,), start=NOON, end=END)


def test_a_forbidden_series_is_a_failure_for_good(stubbed: Stubbed) -> None:
    stubber, metrics = stubbed
    stubber.add_response("get_metric_data", {"MetricDataResults": [_result(status="Forbidden")]})

    with pytest.raises(PermanentFailure, match="requests"):
        metrics.by_minute((REQUESTS,), start=NOON, end=END)


def test_queries_go_by_five_hundred(stubbed: Stubbed) -> None:
    stubber, metrics = stubbed
    queries = [replace(REQUESTS, id=f"q{n}") for n in range(501)]
    for some in (queries[:500], queries[500:]):
        answer = {"MetricDataResults": [_result(q.id, m0=1) for q in some]}
        asked = [{"Id": q.id, "MetricStat": ANY, "ReturnData": True} for q in some]
        stubber.add_response("get_metric_data", answer, {"MetricDataQueries": asked, "StartTime": ANY, "EndTime": ANY})

    told = metrics.by_minute(queries, start=NOON, end=END)

    assert list(told) == [q.id for q in queries]


@pytest.mark.parametrize("code,kind", [("ThrottlingException", TransientFailure), ("AccessDenied", PermanentFailure)])
def test_a_refusal_says_whether_to_try_again(stubbed: Stubbed, code: str, kind: type[Exception]) -> None:
    stubber, metrics = stubbed
    stubber.add_client_error("get_metric_data", code, http_status_code=400)
    stubber.add_client_error("put_metric_data", code, http_status_code=400)

    with pytest.raises(kind, match=code):
        metrics.by_minute((REQUESTS,), start=NOON, end=END)
    with pytest.raises(kind, match=code):
        metrics.publish_verdict(endpoint="fraud", rollout_id="r1", rejected=True, at=NOON)


def test_a_verdict_is_one_datapoint_by_endpoint_and_rollout(stubbed: Stubbed) -> None:
    stubber, metrics = stubbed
    point = {
        "MetricName": "CandidateRejected",
        "Dimensions": [{"Name": "Endpoint", "Value": "fraud"}, {"Name": "Rollout", "Value": "r1"}],
        "Timestamp": moment_of(NOON),
        "Value": 1.0,
        "Unit": "None",
    }
    stubber.add_response("put_metric_data", {}, {"Namespace": "Sluice/Canary", "MetricData": [point]})

    metrics.publish_verdict(endpoint="fraud", rollout_id="r1", rejected=True, at=NOON)


def test_the_fake_can_be_late_as_cloudwatch_is() -> None:
    clock = FakeClock(NOON)
    fake = FakeMetrics(clock=clock)
    fake.delay_s = 90
    fake.record(REQUESTS, NOON, [1.0, 2.0])

    clock.advance(180)

    assert fake.by_minute((REQUESTS,), start=NOON, end=END) == {"requests": (1.0, None)}


def test_the_fakes_rejection_rings_the_alarm_that_watches_it() -> None:
    alarms = FakeAlarms()
    alarms.put(AlarmPlan("verdict", "", (verdict_query("fraud", "r1"),), 1.0, 1, 1))
    fake = FakeMetrics(alarms=alarms)

    fake.publish_verdict(endpoint="fraud", rollout_id="r1", rejected=False, at=NOON)
    assert not alarms.ringing
    fake.publish_verdict(endpoint="fraud", rollout_id="r1", rejected=True, at=NOON)

    assert alarms.states(("verdict", "other")) == {"verdict": AlarmState.ALARM}
