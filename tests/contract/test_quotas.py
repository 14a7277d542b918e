"""What `Quotas` reads of Service Quotas, word for word, and what it says when it cannot know."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from local.identities import Identities
from sluice.adapters.metrics import CloudWatchMetrics
from sluice.adapters.quotas import HostingQuotas
from sluice.errors import TransientFailure
from sluice.model.ids import Micros
from sluice.model.metric_query import MetricQuery
from tests.fakes.clock import FakeClock
from tests.fakes.metrics import FakeMetrics
from tests.fakes.quotas import FakeQuotas

LARGE = "ml.m5.large"
DIMENSIONS = {"Class": "None", "Resource": "endpoint/ml.m5.large", "Service": "SageMaker", "Type": "Resource"}
USAGE = {
    "MetricNamespace": "AWS/Usage",
    "MetricName": "ResourceCount",
    "MetricDimensions": DIMENSIONS,
    "MetricStatisticRecommendation": "Maximum",
}
QUERY = MetricQuery("usage", "AWS/Usage", "ResourceCount", DIMENSIONS, "Maximum")
MINUTE = 60_000_000

type Stubbed = tuple[Stubber, HostingQuotas, FakeMetrics, FakeClock]


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    client = boto3.client("service-quotas", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    metrics, clock = FakeMetrics(), FakeClock()
    with Stubber(client) as stubber:
        yield stubber, HostingQuotas(client, metrics, clock), metrics, clock
        stubber.assert_no_pending_responses()


def _quota(kind: str = LARGE, value: float = 4.0, use: str = "endpoint usage", **more: Any) -> dict[str, Any]:
    return {"ServiceCode": "sagemaker", "QuotaName": f"{kind} for {use}", "QuotaCode": "L-1", "Value": value, **more}


def _list(stubber: Stubber, *quotas: dict[str, Any]) -> None:
    stubber.add_response("list_service_quotas", {"Quotas": list(quotas)}, {"ServiceCode": "sagemaker"})


def test_a_quota_is_found_by_its_name_over_the_pages_and_read_once(stubbed: Stubbed) -> None:
    stubber, quotas, _, _ = stubbed
    first = {"Quotas": [_quota(use="training job usage"), _quota(f"{LARGE}r")], "NextToken": "t"}
    stubber.add_response("list_service_quotas", first, {"ServiceCode": "sagemaker"})
    second = {"Quotas": [_quota(value=20.0)], "NextToken": "never asked for"}
    stubber.add_response("list_service_quotas", second, {"ServiceCode": "sagemaker", "NextToken": "t"})

    assert [quotas.endpoint_instances(LARGE) for _ in range(2)] == [20, 20]


@pytest.mark.parametrize("code", ["AccessDeniedException", "NoSuchResourceException"])
def test_a_quota_that_may_not_be_read_cannot_be_told(stubbed: Stubbed, code: str) -> None:
    stubber, quotas, _, _ = stubbed
    stubber.add_client_error("list_service_quotas", code, http_status_code=400)

    assert quotas.endpoint_instances(LARGE) is None
    assert quotas.instances_in_use(LARGE) is None


def test_a_quota_that_is_not_listed_cannot_be_told(stubbed: Stubbed) -> None:
    stubber, quotas, _, _ = stubbed
    _list(stubber, _quota("ml.c5.large"))

    assert quotas.endpoint_instances(LARGE) is None


def test_throttling_is_not_taken_for_an_answer(stubbed: Stubbed) -> None:
    stubber, quotas, _, _ = stubbed
    stubber.add_client_error("list_service_quotas", "TooManyRequestsException", http_status_code=429)
    _list(stubber, _quota())

    with pytest.raises(TransientFailure):
        quotas.endpoint_instances(LARGE)
    assert quotas.endpoint_instances(LARGE) == 4


def test_usage_is_the_newest_value_of_the_metric_that_the_quota_names(stubbed: Stubbed) -> None:
    stubber, quotas, metrics, clock = stubbed
    _list(stubber, _quota(UsageMetric=USAGE))
    metrics.record(QUERY, Micros(clock.at - 20 * MINUTE), [7.0, None, None, None, None, 3.0])

    assert quotas.instances_in_use(LARGE) == 3


def test_usage_without_a_metric_or_a_recent_value_cannot_be_told(stubbed: Stubbed) -> None:
    stubber, quotas, metrics, clock = stubbed
    _list(stubber, _quota("ml.c5.large"))
    _list(stubber, _quota(UsageMetric=USAGE))
    metrics.record(QUERY, Micros(clock.at - 90 * MINUTE), [7.0])

    assert quotas.instances_in_use("ml.c5.large") is None
    assert quotas.instances_in_use(LARGE) is None


def test_the_fake_tells_what_it_was_given_and_no_more() -> None:
    fake = FakeQuotas()
    fake.limits[LARGE], fake.used[LARGE] = 8, 2

    assert (fake.endpoint_instances(LARGE), fake.instances_in_use(LARGE)) == (8, 2)
    assert (fake.endpoint_instances("ml.c5.large"), fake.instances_in_use("ml.c5.large")) == (None, None)


def test_the_engine_tells_quotas_as_service_quotas_does(engine: Identities) -> None:
    metrics = CloudWatchMetrics(engine.root("cloudwatch"))
    quotas = HostingQuotas(engine.root("service-quotas"), metrics, FakeClock())

    assert quotas.endpoint_instances(LARGE) == 20
    assert quotas.endpoint_instances("ml.nonsense") is None
    assert quotas.instances_in_use("ml.nonsense") is None
