"""Reading metrics of the engine: paging, order, periods, limits, and the three protocols."""

import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import clock
from tests.integration.local.conftest import Rig


def whole_hour() -> datetime:
    """The hour before the present one."""
    return datetime.fromtimestamp(clock.now() // 3600 * 3600 - 3600, UTC)


def ramp(rig: Rig, namespace: str, *, count: int = 20) -> datetime:
    """Put the values 0, 1, 2… in successive minutes of the last hour; tells the first minute."""
    first = whole_hour()
    data = [
        {"MetricName": "Ramp", "Value": float(n), "Timestamp": first + timedelta(minutes=n, seconds=7), "Unit": "Count"}
        for n in range(count)
    ]
    rig.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=data)
    return first


def query(namespace: str, stat: str = "Sum", period: int = 60, **more: Any) -> dict[str, Any]:
    """A query of the ramp."""
    metric = {"Namespace": namespace, "MetricName": "Ramp"}
    return {"Id": "q", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}, **more}


def test_pages_of_data_hold_every_value_once_and_newest_first(rig: Rig) -> None:
    first = ramp(rig, "Pages")
    queries = [query("Pages"), query("Pages", "Maximum", Id="other", Label="Highest")]
    pages = rig.client("cloudwatch").get_paginator("get_metric_data")

    found: dict[str, list[float]] = {"Ramp": [], "Highest": []}
    statuses = []
    for page in pages.paginate(
        MetricDataQueries=queries,
        StartTime=first,
        EndTime=first + timedelta(minutes=20),
        PaginationConfig={"PageSize": 7},
    ):
        for result in page["MetricDataResults"]:
            found[result["Label"]] += result["Values"]
            statuses.append(result["StatusCode"])

    assert found == {name: [float(n) for n in reversed(range(20))] for name in found}
    assert set(statuses) == {"PartialData", "Complete"}


def test_longer_periods_merge_the_minutes(rig: Rig) -> None:
    first = ramp(rig, "Periods")

    found = rig.client("cloudwatch").get_metric_data(
        MetricDataQueries=[query("Periods", period=300)],
        StartTime=first + timedelta(seconds=30),
        EndTime=first + timedelta(minutes=10),
        ScanBy="TimestampAscending",
    )["MetricDataResults"][0]

    assert found["Values"] == [10.0, 35.0]
    assert found["Timestamps"] == [first, first + timedelta(minutes=5)]


def test_statistics_of_a_metric_come_with_their_unit(rig: Rig) -> None:
    first = ramp(rig, "Statistics")

    found = rig.client("cloudwatch").get_metric_statistics(
        Namespace="Statistics",
        MetricName="Ramp",
        StartTime=first,
        EndTime=first + timedelta(minutes=10),
        Period=600,
        Statistics=["Sum", "Average"],
        ExtendedStatistics=["p50"],
    )

    (point,) = found["Datapoints"]
    assert found["Label"] == "Ramp"
    assert point == {
        "Timestamp": first,
        "Unit": "Count",
        "Sum": 45.0,
        "Average": 4.5,
        "ExtendedStatistics": {"p50": 4.5},
    }


def test_metrics_with_other_dimensions_are_other_metrics(rig: Rig) -> None:
    cloudwatch, first = rig.client("cloudwatch"), ramp(rig, "Dimensions")
    dimension = {"Name": "Shop", "Value": "a"}
    datum = {"MetricName": "Ramp", "Value": 99.0, "Timestamp": first, "Dimensions": [dimension]}
    cloudwatch.put_metric_data(Namespace="Dimensions", MetricData=[datum])

    values = cloudwatch.get_metric_data(
        MetricDataQueries=[query("Dimensions")], StartTime=first, EndTime=first + timedelta(minutes=1)
    )["MetricDataResults"][0]["Values"]
    listed = cloudwatch.list_metrics(Namespace="Dimensions", Dimensions=[{"Name": "Shop"}])["Metrics"]

    assert values == [0.0]
    assert listed == [{"Namespace": "Dimensions", "MetricName": "Ramp", "Dimensions": [dimension]}]


@pytest.mark.parametrize(
    "queries, message",
    [
        ([query("Limits")] * 2, "not unique"),
        ([query("Limits", Id=f"q{n}") for n in range(501)], "500"),
        ([query("Limits", "sum")], "sum"),
        ([query("Limits", period=90)], "Period"),
        ([query("Limits", Id="Q")], "regex"),
        ([query("Limits", ReturnData=False)], "At least one"),
        ([query("Limits"), {"Id": "e", "Expression": "q + z"}], "z"),
    ],
)
def test_queries_that_cloudwatch_refuses_are_refused(rig: Rig, queries: list[dict[str, Any]], message: str) -> None:
    now = datetime.fromtimestamp(clock.now(), UTC)

    with pytest.raises(ClientError, match=message) as refused:
        rig.client("cloudwatch").get_metric_data(
            MetricDataQueries=queries, StartTime=now - timedelta(hours=1), EndTime=now
        )

    assert refused.value.response["Error"]["Code"] == "ValidationError"


@pytest.mark.parametrize(
    "namespace, datum, code",
    [
        ("AWS/Mine", {"Value": 1.0}, "InvalidParameterValue"),
        ("Put", {"Values": [1.0, 2.0], "Counts": [1.0]}, "InvalidParameterValue"),
        ("Put", {"Value": 1.0, "Values": [1.0]}, "InvalidParameterCombination"),
        ("Put", {"Value": float("nan")}, "InvalidParameterValue"),
        ("Put", {"Value": 1.0, "Timestamp": datetime(2020, 1, 1, tzinfo=UTC)}, "InvalidParameterValue"),
    ],
)
def test_data_that_cloudwatch_refuses_is_refused(rig: Rig, namespace: str, datum: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        rig.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[{"MetricName": "A", **datum}])

    assert refused.value.response["Error"]["Code"] == code


def test_the_query_protocol_reads_what_was_put_in_another(rig: Rig) -> None:
    first = ramp(rig, "Query")
    form = {
        "Action": "GetMetricStatistics",
        "Namespace": "Query",
        "MetricName": "Ramp",
        "StartTime": first.isoformat(),
        "EndTime": (first + timedelta(minutes=5)).isoformat(),
        "Period": "300",
        "Statistics.member.1": "Sum",
    }
    headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=111122223333/20260101/us-east-1/monitoring/aws4_request"}
    body = urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(rig.engine.url, data=body, headers=headers)  # noqa: S310  # http on loopback

    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # http on loopback
        text = answer.read().decode()

    assert "<Sum>10.0</Sum>" in text
