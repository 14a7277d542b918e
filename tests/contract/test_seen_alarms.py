"""What every `SeenAlarms` must do, the fake and the real one over moto and the engine; Stubber word for word."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from sluice.adapters.seen_alarms import CloudWatchSeenAlarms
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.alarm_seen import AlarmMetric, AlarmSeen
from sluice.model.ids import Micros
from sluice.model.metric_query import AlarmState
from sluice.ports.signals import SeenAlarms
from tests.fakes.seen_alarms import FakeSeenAlarms

PREFIX = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"
METRIC = AlarmMetric("AWS/SageMaker", "ModelLatency", {"EndpointName": "shop", "VariantName": "AllTraffic"})
WIRE = {"Namespace": METRIC.namespace, "MetricName": METRIC.name}
DIMENSIONS = [{"Name": k, "Value": v} for k, v in METRIC.dimensions.items()]
RULE = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 5.0, "EvaluationPeriods": 1}
AT = datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC)


@dataclass
class Store:
    """A `SeenAlarms`, and ways to make alarms, to let them ring and to tag them."""

    alarms: SeenAlarms
    make: Callable[[str], None]
    combine: Callable[[str, str], None]
    ring: Callable[[str], None]
    tag: Callable[[str], None]


def _real(client: Any) -> Store:
    alarms = CloudWatchSeenAlarms(client)

    def make(name: str) -> None:
        metric = {**WIRE, "Dimensions": DIMENSIONS, "Statistic": "Average", "Period": 60}
        client.put_metric_alarm(AlarmName=name, **RULE, **metric)

    def combine(name: str, rule: str) -> None:
        client.put_composite_alarm(AlarmName=name, AlarmRule=rule)

    def ring(name: str) -> None:
        client.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")

    def tag(name: str) -> None:
        tags = [{"Key": "sluice:endpoint", "Value": "shop"}]
        client.tag_resource(ResourceARN=alarms.seen((name,))[name].arn, Tags=tags)

    return Store(alarms, make, combine, ring, tag)


def _fake() -> Store:
    fake = FakeSeenAlarms()

    def put(name: str, **given: Any) -> None:
        fake.put(AlarmSeen(name, PREFIX + name, AlarmState.OK, Micros(1), **given))

    def ring(name: str) -> None:
        known = fake.alarms[name]
        fake.put(AlarmSeen(name, known.arn, AlarmState.ALARM, Micros(2), metrics=known.metrics, rule=known.rule))

    def tag(name: str) -> None:
        fake.tagged[PREFIX + name] = {"sluice:endpoint": "shop"}

    return Store(fake, lambda name: put(name, metrics=(METRIC,)), lambda name, rule: put(name, rule=rule), ring, tag)


@pytest.fixture(params=["fake", "moto", "engine"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "fake":
        return _fake()
    if request.param == "moto":
        request.getfixturevalue("moto")
        return _real(boto3.client("cloudwatch", region_name="us-east-1"))
    return _real(request.getfixturevalue("engine").root("cloudwatch"))


def test_an_alarm_is_seen_with_what_it_watches_and_one_that_is_not_there_is_not(store: Store, fresh: str) -> None:
    store.make(f"latency{fresh}")

    seen = store.alarms.seen((f"latency{fresh}", "nobody's"))

    assert list(seen) == [f"latency{fresh}"]
    assert seen[f"latency{fresh}"].metrics == (METRIC,)
    assert seen[f"latency{fresh}"].arn.endswith(f":alarm:latency{fresh}")


@pytest.mark.parametrize("store", ["fake", "engine"], indirect=True)  # moto has no composite alarms
def test_a_composite_alarm_is_seen_with_its_rule(store: Store, fresh: str) -> None:
    store.make(f"child{fresh}")
    store.combine(f"parent{fresh}", f"ALARM(child{fresh})")

    seen = store.alarms.seen((f"parent{fresh}",))[f"parent{fresh}"]

    assert (seen.rule, seen.metrics) == (f"ALARM(child{fresh})", ())


def test_those_that_ring_are_found_of_either_kind(store: Store, fresh: str) -> None:
    store.make(f"quiet{fresh}")
    store.make(f"loud{fresh}")
    store.ring(f"loud{fresh}")

    found = {alarm.name: alarm.state for alarm in store.alarms.ringing() if alarm.name.endswith(fresh)}

    assert found == {f"loud{fresh}": AlarmState.ALARM}
    assert store.alarms.seen((f"loud{fresh}",))[f"loud{fresh}"].state is AlarmState.ALARM


def test_tags_of_an_alarm_are_told_and_of_one_without_there_are_none(store: Store, fresh: str) -> None:
    store.make(f"tagged{fresh}")
    store.make(f"plain{fresh}")
    store.tag(f"tagged{fresh}")
    seen = store.alarms.seen((f"tagged{fresh}", f"plain{fresh}"))

    told = {name.removesuffix(fresh): store.alarms.tags(alarm.arn) for name, alarm in seen.items()}

    assert told == {"tagged": {"sluice:endpoint": "shop"}, "plain": {}}


def test_nothing_is_asked_for_no_names(store: Store) -> None:
    assert store.alarms.seen(()) == {}


type Stubbed = tuple[Stubber, CloudWatchSeenAlarms]


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    client = boto3.client("cloudwatch", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield stubber, CloudWatchSeenAlarms(client)
        stubber.assert_no_pending_responses()


def _described(**alarm: Any) -> dict[str, Any]:
    ordinary = {"AlarmName": "a", "AlarmArn": PREFIX + "a", "StateValue": "ALARM", "StateUpdatedTimestamp": AT}
    return {"MetricAlarms": [ordinary | alarm]}


KINDS = ["MetricAlarm", "CompositeAlarm", "LogAlarm"]


def _one(stubbed: Stubbed, answer: dict[str, Any]) -> AlarmSeen:
    stubber, alarms = stubbed
    stubber.add_response("describe_alarms", answer, {"AlarmNames": ["a"], "AlarmTypes": KINDS})
    return alarms.seen(("a",))["a"]


def test_the_moment_is_that_of_the_transition_where_there_was_one(stubbed: Stubbed) -> None:
    seen = _one(stubbed, _described(StateTransitionedTimestamp=datetime(2026, 5, 28, 20, 0, tzinfo=UTC)))

    assert seen.since == Micros(1_779_998_400_000_000)


def test_an_alarm_of_an_expression_has_the_metrics_that_it_is_made_of(stubbed: Stubbed) -> None:
    stat = {"Metric": {**WIRE, "Dimensions": DIMENSIONS}, "Period": 60, "Stat": "Sum"}
    queries = [
        {"Id": "e1", "Expression": "m1 / 2", "ReturnData": True},
        {"Id": "m1", "MetricStat": stat, "ReturnData": False},
    ]

    assert _one(stubbed, _described(Metrics=queries)).metrics == (METRIC,)


@pytest.mark.parametrize(
    "data, value",
    [
        ('{"recentDatapoints": [1.0, 2.5], "threshold": 2.0}', 2.5),
        ('{"recentDatapoints": [1.0, null]}', 1.0),
        ('{"recentDatapoints": []}', None),
        ('{"recentDatapoints": "x"}', None),
        ('{"recentDatapoints": [NaN]}', None),
        ("[]", None),
        ("{", None),
        ("", None),
    ],
)
def test_the_newest_figure_is_told_where_there_is_one(stubbed: Stubbed, data: str, value: float | None) -> None:
    seen = _one(stubbed, _described(StateReasonData=data, Threshold=2.0))

    assert (seen.value, seen.limit) == (value, 2.0)


def test_a_suppressed_alarm_says_by_what(stubbed: Stubbed) -> None:
    composite = {"CompositeAlarms": _described(AlarmRule="ALARM(b)", ActionsSuppressedBy="WaitPeriod")["MetricAlarms"]}

    assert _one(stubbed, composite).suppressed == "WaitPeriod"


def test_many_names_are_asked_for_a_hundred_at_a_time_and_pages_are_followed(stubbed: Stubbed) -> None:
    stubber, alarms = stubbed
    names = [f"n{n}" for n in range(101)]
    first = {"AlarmNames": names[:100], "AlarmTypes": KINDS}
    stubber.add_response("describe_alarms", {**_described(), "NextToken": "t"}, first)
    stubber.add_response("describe_alarms", _described(AlarmName="b"), first | {"NextToken": "t"})
    stubber.add_response("describe_alarms", {}, {"AlarmNames": names[100:], "AlarmTypes": KINDS})

    assert sorted(alarms.seen(names)) == ["a", "b"]


def test_an_alarm_that_is_gone_has_no_tags(stubbed: Stubbed) -> None:
    stubber, alarms = stubbed
    stubber.add_client_error("list_tags_for_resource", "ResourceNotFoundException")

    assert alarms.tags(PREFIX + "a") == {}


@pytest.mark.parametrize("code, error", [("Throttling", TransientFailure), ("AccessDenied", PermanentFailure)])
def test_failures_are_told_apart(stubbed: Stubbed, code: str, error: type[Exception]) -> None:
    stubber, alarms = stubbed
    stubber.add_client_error("describe_alarms", code)

    with pytest.raises(error, match="DescribeAlarms"):
        alarms.seen(("a",))
