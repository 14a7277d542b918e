"""What a look asks of CloudWatch: each series once, over one window that holds all that is made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sluice.model.ids import Micros
from sluice.model.metric_query import MetricQuery, MinuteValues
from sluice.ports import Metrics

_MINUTE = 60_000_000
_LONGEST = 24 * 60
"""Minutes from the first window to the last that are read as one: beyond, what lies between is too much to read."""


@dataclass(frozen=True, slots=True)
class Window:
    """Series, and the whole minutes of them that are wanted."""

    queries: Sequence[MetricQuery]
    start: Micros
    end: Micros

    @property
    def minutes(self) -> tuple[int, int]:
        """The first minute, and the one after the last."""
        first = self.start // _MINUTE
        return first, max(first, self.end // _MINUTE)


def read(metrics: Metrics, *windows: Window) -> Mapping[str, MinuteValues]:
    """The values of every query over its own window.

    CloudWatch bills each series that is asked for, however many minutes of it: the baseline's history and its minutes
    beside the candidate are one series, and so are the requests that several metrics are counted among.
    """
    wanted = [window for window in windows if window.queries and window.minutes[0] < window.minutes[1]]
    values: dict[str, MinuteValues] = {query.id: () for window in windows for query in window.queries}
    if not wanted:
        return values
    first, after = min(window.minutes[0] for window in wanted), max(window.minutes[1] for window in wanted)
    if after - first <= _LONGEST:
        return values | _together(metrics, wanted, first, after)
    for window in wanted:
        values |= _together(metrics, [window], *window.minutes)
    return values


def _together(metrics: Metrics, windows: Sequence[Window], first: int, after: int) -> dict[str, MinuteValues]:
    asked = {_series(query): query for window in reversed(windows) for query in reversed(window.queries)}
    values = metrics.by_minute(tuple(asked.values()), start=Micros(first * _MINUTE), end=Micros(after * _MINUTE))
    return {
        query.id: values[asked[_series(query)].id][window.minutes[0] - first : window.minutes[1] - first]
        for window in windows
        for query in window.queries
    }


def _series(query: MetricQuery) -> tuple[object, ...]:
    return query.namespace, query.metric, query.stat, tuple(sorted(query.dimensions.items()))
