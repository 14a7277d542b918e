"""`Alarms` over CloudWatch."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any

from sluice.adapters.aws_errors import found, translated
from sluice.adapters.metrics import metric_data_query, metric_of
from sluice.adapters.paging import pages
from sluice.model.metric_query import AlarmPlan, AlarmState

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

_NAMES = 100
"""Most alarms of one DeleteAlarms or DescribeAlarms."""

_KINDS = {"MetricAlarm": "MetricAlarms", "CompositeAlarm": "CompositeAlarms", "LogAlarm": "LogAlarms"}
"""AlarmTypes of DescribeAlarms, and under which key it answers each."""

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
            "ComparisonOperator": alarm.operator,
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

    def states(self, names: Sequence[str]) -> Mapping[str, AlarmState]:
        """The state now of each of these that exists, whatever kind of alarm it is."""
        return {name: state for some in batched(names, _NAMES, strict=False) for name, state in self._described(some)}

    def _described(self, names: Sequence[str]) -> Iterator[tuple[str, AlarmState]]:
        # Without AlarmTypes only metric alarms are told of.
        request: dict[str, Any] = {"AlarmNames": list(names), "AlarmTypes": list(_KINDS)}
        for page in pages("DescribeAlarms", lambda token: self._client.describe_alarms(**request, **token)):
            for listed in _KINDS.values():
                yield from ((alarm["AlarmName"], AlarmState(alarm["StateValue"])) for alarm in page.get(listed, ()))


def _watched(alarm: AlarmPlan) -> dict[str, Any]:
    """What the alarm watches: one metric, or an expression over some."""
    if alarm.expression is None:
        (metric,) = alarm.metrics
        kind = "Statistic" if metric.stat in _STATISTICS else "ExtendedStatistic"
        return {**metric_of(metric), "Period": alarm.period_s, kind: metric.stat}
    sources = [metric_data_query(metric, returned=False) for metric in alarm.metrics]
    result = {"Id": _EXPRESSION, "Expression": alarm.expression, "Label": alarm.name, "ReturnData": True}
    return {"Metrics": [*sources, result]}
