"""Series of the engine: who has data points for a metric, and reading them by the minute.

A source is anything that can tell the distribution of a metric in a minute: what was published with PutMetricData,
or the simulated traffic, which computes a minute when it is asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from local.engine.cloudwatch.distribution import Distribution, merged

MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """A metric: its namespace, name and dimensions, which are compared as a whole, as CloudWatch does."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Iterable[tuple[str, str]] = ()) -> "SeriesKey":
        """A key with its dimensions in order."""
        return cls(namespace, name, tuple(sorted(dimensions)))

    @classmethod
    def parsed(cls, metric: dict[str, object]) -> "SeriesKey":
        """A key from a request's Metric: Namespace, MetricName, Dimensions."""
        dimensions = metric.get("Dimensions") or []
        pairs = [(str(d["Name"]), str(d.get("Value", ""))) for d in dimensions]  # type: ignore[attr-defined]  # JSON
        return cls.of(str(metric.get("Namespace", "")), str(metric.get("MetricName", "")), pairs)


type Points = dict[int, Distribution]
"""Distributions by the second at which their period starts."""


class Source(Protocol):
    """Something that has data points."""

    def known(self) -> Iterable[SeriesKey]:
        """The metrics that it has had data points of."""

    def unit(self, key: SeriesKey) -> str | None:
        """The unit of a metric, None if it is not one of this source."""

    def is_simulated(self, key: SeriesKey) -> bool:
        """Whether the metric gets data points by itself as time passes."""

    def read(self, key: SeriesKey, start: int, end: int, *, at: float) -> Points:
        """The data points with start <= timestamp < end that are known at a moment."""


_sources: list[Source] = []


def add_source(source: Source) -> None:
    """Let the metrics of a source be read."""
    _sources.append(source)


def known() -> list[SeriesKey]:
    """Every metric that has data points."""
    return list(dict.fromkeys(key for source in _sources for key in source.known()))


def unit(key: SeriesKey) -> str:
    """The unit of a metric."""
    return next((found for source in _sources if (found := source.unit(key))), "None")


def is_simulated(key: SeriesKey) -> bool:
    """Whether a metric gets data points by itself as time passes."""
    return any(source.is_simulated(key) for source in _sources)


def read(key: SeriesKey, start: int, end: int, *, at: float) -> Points:
    """The data points of a metric from all sources together."""
    found = [points for source in _sources if (points := source.read(key, start, end, at=at))]
    if len(found) == 1:
        return found[0]
    times = sorted({second for points in found for second in points})
    return {second: merged(points[second] for points in found if second in points) for second in times}


def by_period(points: Points, start: int, period: int) -> Points:
    """Data points merged into periods counted from `start`."""
    periods: dict[int, list[Distribution]] = {}
    for second in sorted(points):
        periods.setdefault(start + (second - start) // period * period, []).append(points[second])
    return {second: parts[0] if len(parts) == 1 else merged(parts) for second, parts in periods.items()}
