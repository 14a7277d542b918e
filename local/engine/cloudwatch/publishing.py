"""PutMetricData: custom metrics, checked as AWS does and kept by the minute (or the second, if asked for)."""

import math
from collections.abc import Iterable
from typing import Any

from ministack.core.responses import AccountRegionScopedDict

from local import clock
from local.engine.cloudwatch.distribution import Distribution, StatisticSet, merged
from local.engine.cloudwatch.errors import invalid_combination, invalid_value
from local.engine.cloudwatch.series import MINUTE_S, Points, SeriesKey

_MOST_DATA = 1000
_MOST_VALUES = 150
_MOST_DIMENSIONS = 30
_OLDEST_S, _NEWEST_S = 14 * 86400, 2 * 3600
_LARGEST = 2.0**360

# (account, region, SeriesKey) -> {second: Distribution}
_points: Any = AccountRegionScopedDict()
_units: Any = AccountRegionScopedDict()


class Published:
    """The metrics that somebody put; a source of series."""

    def known(self) -> Iterable[SeriesKey]:
        """The metrics that were put."""
        return list(_points.keys())

    def unit(self, key: SeriesKey) -> str | None:
        """The unit given with the first value."""
        found: str | None = _units.get(key)
        return found

    def is_simulated(self, key: SeriesKey) -> bool:  # noqa: ARG002  # a source's signature
        """Never: somebody has to put it."""
        return False

    def read(self, key: SeriesKey, start: int, end: int, *, at: float) -> Points:
        """What was put; visible at once."""
        kept = _points.get(key) or {}
        return {second: kept[second] for second in sorted(kept) if start <= second < min(end, at + _NEWEST_S)}


def put_metric_data(request: dict[str, Any]) -> dict[str, Any]:
    """PutMetricData; one bad datum refuses the whole request."""
    namespace = str(request.get("Namespace", ""))
    if not namespace or namespace.startswith("AWS/"):
        raise invalid_value(f"The value {namespace} for parameter Namespace is invalid.")
    data = list(request.get("MetricData") or [])
    for entity in request.get("EntityMetricData") or []:
        data += entity.get("MetricData") or []
    if len(data) > _MOST_DATA:
        raise invalid_value(f"The collection MetricData must not have a size greater than {_MOST_DATA}.")
    checked = [_checked(datum, number) for number, datum in enumerate(data, 1)]
    for datum, second, distribution in checked:
        keep(SeriesKey.parsed({**datum, "Namespace": namespace}), second, distribution, datum.get("Unit", "None"))
    return {}


def record(namespace: str, name: str, value: float, unit: str, dimensions: dict[str, str] | None) -> None:
    """Keep a value that one of the engine's services reports about itself, now."""
    key = SeriesKey.of(namespace, name, (dimensions or {}).items())
    keep(key, _floor(clock.now(), MINUTE_S), Distribution({float(value): 1.0}), unit)


def keep(key: SeriesKey, second: int, distribution: Distribution, unit: str) -> None:
    """Add values to a metric."""
    points = _points.setdefault(key, {})
    before = points.get(second)
    points[second] = merged((before, distribution)) if before else distribution
    _units.setdefault(key, unit or "None")


def forget() -> None:
    """Forget everything that was put."""
    _points.clear()
    _units.clear()


def _checked(datum: dict[str, Any], number: int) -> tuple[dict[str, Any], int, Distribution]:
    where = f"MetricData.member.{number}"
    if not datum.get("MetricName"):
        raise invalid_value(f"The parameter {where}.MetricName is required.")
    if len(datum.get("Dimensions") or []) > _MOST_DIMENSIONS:
        raise invalid_value(f"The collection {where}.Dimensions must not have a size greater than {_MOST_DIMENSIONS}.")
    now = clock.now()
    when = float(datum.get("Timestamp") or now)
    if not now - _OLDEST_S <= when <= now + _NEWEST_S:
        raise invalid_value(f"The parameter {where}.Timestamp must be within two weeks past and two hours future.")
    resolution = int(datum.get("StorageResolution") or MINUTE_S)
    return datum, _floor(when, resolution), _distribution(datum, where)


def _distribution(datum: dict[str, Any], where: str) -> Distribution:
    given = [name for name in ("Value", "Values", "StatisticValues") if datum.get(name) is not None]
    if len(given) != 1:
        raise invalid_combination(f"{where} must have exactly one of Value, Values and StatisticValues.")
    match given[0]:
        case "StatisticValues":
            values = datum["StatisticValues"]
            numbers = [float(values[name]) for name in ("SampleCount", "Sum", "Minimum", "Maximum")]
            return Distribution(summaries=(StatisticSet(*numbers),))
        case "Values":
            return _counted(datum["Values"], datum.get("Counts"), where)
        case _:
            return _counted([datum["Value"]], None, where)


def _counted(given: list[Any], counts: list[float] | None, where: str) -> Distribution:
    values = [float(value) for value in given]  # JSON says "NaN" as a text
    counts = counts or [1.0] * len(values)
    if len(values) > _MOST_VALUES:
        raise invalid_value(f"The collection {where}.Values must not have a size greater than {_MOST_VALUES}.")
    if len(counts) != len(values):
        raise invalid_value(f"The parameters {where}.Values and {where}.Counts must be of the same size.")
    for value in values:
        if not math.isfinite(value) or abs(value) > _LARGEST:
            raise invalid_value(f"The value {value} for parameter {where}.Value is invalid.")
    return merged(Distribution({v: float(n)}) for v, n in zip(values, counts, strict=True) if n > 0)


def _floor(when: float, step: int) -> int:
    return int(when // step) * step
