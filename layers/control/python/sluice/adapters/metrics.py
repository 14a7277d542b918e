"""`Metrics` over CloudWatch."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any

from sluice.adapters.aws_errors import translated
from sluice.adapters.moments import micros_of, moment_of
from sluice.adapters.paging import pages
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.ids import Micros
from sluice.model.metric_query import MetricQuery, MinuteValues, verdict_query

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

_QUERIES = 500
"""Most metrics of one GetMetricData; its points come in pages of up to 100,800."""

_MINUTE = 60_000_000


class CloudWatchMetrics:
    """Reads series by the minute, and publishes what the judge says."""

    def __init__(self, client: "CloudWatchClient") -> None:
        self._client = client

    def by_minute(self, queries: Sequence[MetricQuery], *, start: Micros, end: Micros) -> Mapping[str, MinuteValues]:
        """Values by minute, None where CloudWatch has no datapoint; only minutes that are over by `end`."""
        first, after = start // _MINUTE, end // _MINUTE
        if after <= first:
            return {query.id: () for query in queries}
        values: dict[str, MinuteValues] = {}
        for some in batched(queries, _QUERIES, strict=False):
            points = _Points(some)
            for page in self._pages(some, first, after):
                points.add(page)
            values |= points.by_minute(first, after)
        return values

    def publish_verdict(self, *, endpoint: str, rollout_id: str, rejected: bool, at: Micros) -> None:
        """One datapoint: 1 takes the deployment back, 0 shows that somebody judges."""
        metric = metric_of(verdict_query(endpoint, rollout_id))
        namespace = metric.pop("Namespace")
        point: Any = {**metric, "Timestamp": moment_of(at), "Value": float(rejected), "Unit": "None"}
        with translated("PutMetricData"):
            self._client.put_metric_data(Namespace=namespace, MetricData=[point])

    def _pages(self, queries: Iterable[MetricQuery], first: int, after: int) -> Iterator[Mapping[str, Any]]:
        request: dict[str, Any] = {
            "MetricDataQueries": [metric_data_query(query) for query in queries],
            "StartTime": moment_of(Micros(first * _MINUTE)),
            "EndTime": moment_of(Micros(after * _MINUTE)),
        }
        return pages("GetMetricData", lambda token: self._client.get_metric_data(**request, **token))


class _Points:
    """What the pages of one answer add up to: a series may go on over several of them."""

    def __init__(self, queries: Iterable[MetricQuery]) -> None:
        self._values: dict[str, dict[int, float]] = {query.id: {} for query in queries}
        self._status = dict.fromkeys(self._values, "absent")

    def add(self, page: Mapping[str, Any]) -> None:
        """Take a page in; its own messages mean that not everything was done."""
        if page.get("Messages"):
            raise TransientFailure(f"GetMetricData: {_told(page['Messages'])}")
        for result in page["MetricDataResults"]:
            name, status = result["Id"], result.get("StatusCode", "Complete")
            if status == "Forbidden":
                raise PermanentFailure(f"GetMetricData: {name} may not be read: {_told(result.get('Messages', ()))}")
            self._status[name] = status
            for moment, value in zip(result.get("Timestamps", ()), result.get("Values", ()), strict=True):
                self._values[name][micros_of(moment) // _MINUTE] = float(value)

    def by_minute(self, first: int, after: int) -> dict[str, MinuteValues]:
        """The values, if all came: the last status of a series counts, as it is PartialData while pages follow."""
        incomplete = {name: status for name, status in self._status.items() if status != "Complete"}
        if incomplete:
            name, status = next(iter(incomplete.items()))
            raise TransientFailure(f"GetMetricData: {len(incomplete)} series are incomplete, such as {name}: {status}")
        return {name: tuple(map(told.get, range(first, after))) for name, told in self._values.items()}


def metric_of(query: MetricQuery) -> dict[str, Any]:
    """A metric as CloudWatch names it."""
    dimensions = [{"Name": name, "Value": value} for name, value in query.dimensions.items()]
    return {"Namespace": query.namespace, "MetricName": query.metric, "Dimensions": dimensions}


def metric_data_query(query: MetricQuery, *, returned: bool = True) -> Any:
    """One series by the minute, as GetMetricData and PutMetricAlarm take it."""
    stat = {"Metric": metric_of(query), "Period": 60, "Stat": query.stat}
    return {"Id": query.id, "MetricStat": stat, "ReturnData": returned}


def _told(messages: Iterable[Mapping[str, Any]]) -> str:
    return "; ".join(f"{m.get('Code', '')} {m.get('Value', '')}".strip() for m in messages)[:300]
