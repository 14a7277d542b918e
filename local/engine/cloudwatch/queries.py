"""One query of GetMetricData or of an alarm: a metric's statistic or an expression, as values by time."""

import re
from dataclasses import dataclass
from typing import Any

from local.engine.cloudwatch import expressions, series
from local.engine.cloudwatch.errors import invalid
from local.engine.cloudwatch.series import SeriesKey
from local.engine.cloudwatch.statistics import is_statistic, statistic

_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")
_SHORT_PERIODS = (1, 5, 10, 20, 30)
_DAY_S = 86400
# A series is kept by the minute for 15 days, by five minutes for 63 and by the hour for 455.
_KEPT = ((60, 15), (300, 63), (3600, 455))

type Values = dict[int, float]
"""Values by the second at which their period starts."""


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is asked about, and the moment at which it is."""

    start: int
    end: int
    at: float


def checked(queries: list[dict[str, Any]]) -> None:
    """Raise ValidationError for queries that CloudWatch refuses."""
    ids = [str(query.get("Id", "")) for query in queries]
    if len(set(ids)) != len(ids):
        raise invalid("The values for parameter id in MetricDataQueries are not unique.")
    for query in queries:
        if not _ID.fullmatch(str(query["Id"])):
            raise invalid(f"The value {query['Id']} for parameter id is not matching the expected regex {_ID.pattern}.")
        if bool(query.get("Expression")) == bool(query.get("MetricStat")):
            raise invalid(f"The query {query['Id']} must have either Expression or MetricStat.")
        if metric_stat := query.get("MetricStat"):
            check_period(int(metric_stat.get("Period") or 0))
            check_statistic(str(metric_stat.get("Stat", "")))
        else:
            expressions.parse(str(query["Expression"]), names=ids)


def check_period(period: int) -> None:
    """Raise for a period that is neither short nor whole minutes."""
    if period not in _SHORT_PERIODS and (period <= 0 or period % 60):
        raise invalid("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.")


def check_statistic(name: str) -> None:
    """Raise for a statistic that does not exist."""
    if not is_statistic(name):
        raise invalid(f"The value {name} for parameter Stat is not supported.")


def answered(queries: list[dict[str, Any]], window: Window) -> dict[str, Values]:
    """The values of every query by its id; expressions read the queries that they name."""
    found: dict[str, Values] = {}
    waiting = list(queries)
    for query in [q for q in waiting if q.get("MetricStat")]:
        found[query["Id"]] = metric_values(query["MetricStat"], window)
    metrics = list(found)
    period = common_period(queries)
    waiting = [q for q in waiting if not q.get("MetricStat")]
    while waiting:
        ready = [q for q in waiting if expressions.names(str(q["Expression"])) <= set(found)]
        if not ready:
            raise invalid(f"The expression of {waiting[0]['Id']} has a cycle or an unknown id.")
        for query in ready:
            waiting.remove(query)
            grid = range(aligned(window.start, period), window.end, period)
            scope = expressions.Scope(found, metrics, list(grid), period)
            found[query["Id"]] = expressions.evaluated(str(query["Expression"]), scope)
    return found


def metric_values(metric_stat: dict[str, Any], window: Window) -> Values:
    """A statistic of a metric by periods; periods without data points are absent."""
    key, period, name = SeriesKey.parsed(metric_stat["Metric"]), int(metric_stat["Period"]), str(metric_stat["Stat"])
    if metric_stat.get("Unit") and metric_stat["Unit"] != series.unit(key):
        return {}
    start = max(window.start, _kept_since(period, window.at))
    points = series.by_period(series.read(key, start, window.end, at=window.at), window.start, period)
    values = {second: statistic(name, points[second]) for second in points}
    return {second: value for second, value in values.items() if value is not None}


def common_period(queries: list[dict[str, Any]]) -> int:
    """The period of expressions: the longest of the metrics."""
    periods = [int(q["MetricStat"]["Period"]) for q in queries if q.get("MetricStat")]
    return max(periods or [int(q["Period"]) for q in queries if q.get("Period")] or [60])


def aligned(second: int, period: int) -> int:
    """The first period of a window: minutes are whole, longer periods count from the start that was asked for."""
    return second // min(period, 60) * min(period, 60)


def _kept_since(period: int, at: float) -> int:
    days = max(days for step, days in _KEPT if period % step == 0 or step == 60)
    return int(at) // 60 * 60 - days * _DAY_S
