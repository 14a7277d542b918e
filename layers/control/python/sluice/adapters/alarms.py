"""`Alarms` over CloudWatch."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any

from sluice.adapters.aws_errors import found, translated
from sluice.adapters.metrics import metric_data_query, metric_of
from sluice.adapters.paging import pages
from sluice.model.metric_query import AlarmPlan

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

_NAMES = 100
"""Most alarms of one DeleteAlarms or DescribeAlarms."""

_STATISTICS = frozenset({"Average", "Maximum", "Minimum", "SampleCount", "Sum"})
"""Those that PutMetricAlarm takes as Statistic; all others are ExtendedStatistic."""

_EXPRESSION = "breach"
"""Id of an expression; no metric of a plan may be called so."""


class CloudWatchAlarms:
    """Makes, deletes and looks at alarms."""

    def __init__(self, client: "CloudWatchClient") -> None:
        self._client = client

    def put(self, alarm: AlarmPlan) -> None:
        """Make or replace an alarm; CloudWatch takes tags when it is made, and passes over them afterwards."""
        request: dict[str, Any] = {
            "AlarmName": alarm.name,
            "AlarmDescription": alarm.description,
            "Threshold": alarm.threshold,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "EvaluationPeriods": alarm.minutes,
            "DatapointsToAlarm": alarm.breaches,
            "TreatMissingData": alarm.missing,
            **_watched(alarm),
        }
        request |= {"Tags": [{"Key": key, "Value": value} for key, value in alarm.tags.items()]} if alarm.tags else {}
        with translated("PutMetricAlarm"):
            self._client.put_metric_alarm(**request)

    def delete(self, names: Sequence[str]) -> None:
        """Delete alarms; CloudWatch deletes those that are there, whatever else is named."""
        for some in batched(names, _NAMES, strict=False):
            self._delete(list(some))

    def _delete(self, names: list[str]) -> None:
        found("DeleteAlarms", lambda: self._client.delete_alarms(AlarmNames=names))

    def in_alarm(self, names: Sequence[str]) -> frozenset[str]:
        """Which of these metric or composite alarms are in ALARM now."""
        return frozenset(name for some in batched(names, _NAMES, strict=False) for name in self._ringing(some))

    def _ringing(self, names: Sequence[str]) -> Iterator[str]:
        request: dict[str, Any] = {"AlarmNames": list(names), "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}
        for page in pages("DescribeAlarms", lambda token: self._client.describe_alarms(**request, **token)):
            yield from _in_alarm(page.get("MetricAlarms", ()))
            yield from _in_alarm(page.get("CompositeAlarms", ()))


def _in_alarm(told: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    return (alarm["AlarmName"] for alarm in told if alarm["StateValue"] == "ALARM")


def _watched(alarm: AlarmPlan) -> dict[str, Any]:
    """What the alarm watches: one metric, or an expression over some."""
    if alarm.expression is None:
        (metric,) = alarm.metrics
        kind = "Statistic" if metric.stat in _STATISTICS else "ExtendedStatistic"
        return {**metric_of(metric), "Period": 60, kind: metric.stat}
    sources = [metric_data_query(metric, returned=False) for metric in alarm.metrics]
    result = {"Id": _EXPRESSION, "Expression": alarm.expression, "Label": alarm.name, "ReturnData": True}
    return {"Metrics": [*sources, result]}
