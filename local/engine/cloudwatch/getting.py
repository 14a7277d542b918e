"""GetMetricData and GetMetricStatistics."""

import base64
import binascii
from typing import Any

from local.engine import lockstep
from local.engine.cloudwatch import queries, series
from local.engine.cloudwatch.errors import invalid, invalid_combination, invalid_value
from local.engine.cloudwatch.queries import Values, Window
from local.engine.cloudwatch.series import SeriesKey
from local.engine.cloudwatch.statistics import is_statistic, statistic
from local.engine.sagemaker.errors import ApiError

_MOST_QUERIES = 500
_MOST_DATAPOINTS = 100_800
_MOST_STATISTICS = 1440
_PLAIN = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")


def get_metric_data(request: dict[str, Any]) -> dict[str, Any]:
    """GetMetricData: up to 500 queries over one window, newest first unless asked otherwise, in pages."""
    asked = list(request.get("MetricDataQueries") or [])
    if len(asked) > _MOST_QUERIES:
        raise invalid(f"The collection MetricDataQueries must not have a size greater than {_MOST_QUERIES}.")
    queries.checked(asked)
    returned = [q for q in asked if q.get("ReturnData", True)]
    if not returned:
        raise invalid("At least one query must return data.")
    found = queries.answered(asked, _window(request))
    ascending = request.get("ScanBy", "TimestampDescending") == "TimestampAscending"
    series_in_order = [(q, sorted(found[q["Id"]].items(), reverse=not ascending)) for q in returned]
    return _page(series_in_order, request)


def get_metric_statistics(request: dict[str, Any]) -> dict[str, Any]:
    """GetMetricStatistics: several statistics of one metric, up to 1,440 data points."""
    plain, extended = list(request.get("Statistics") or []), list(request.get("ExtendedStatistics") or [])
    if not plain and not extended:
        raise invalid_combination("At least one of the parameters Statistics and ExtendedStatistics must be specified.")
    for name in (*plain, *extended):
        if not is_statistic(name) or (name in _PLAIN) != (name in plain):
            raise invalid_value(f"The value {name} for parameter Statistics is invalid.")
    period = int(request.get("Period") or 60)
    queries.check_period(period)
    window = _window(request)
    if (window.end - window.start) / period > _MOST_STATISTICS:
        raise invalid_combination(
            f"You have requested up to {(window.end - window.start) // period:,} datapoints, which exceeds the limit "
            f"of {_MOST_STATISTICS:,}. You may reduce the datapoints requested by increasing Period, or decreasing "
            "the time range."
        )
    key = SeriesKey.parsed(request)
    unit = series.unit(key)
    wanted = request.get("Unit") in (None, unit)
    points = series.by_period(series.read(key, window.start, window.end, at=window.at), window.start, period)
    datapoints = []
    for second, distribution in points.items() if wanted else ():
        more = {name: value for name in extended if (value := statistic(name, distribution)) is not None}
        datapoints.append(
            {"Timestamp": second, "Unit": unit}
            | {name: statistic(name, distribution) for name in plain}
            | ({"ExtendedStatistics": more} if more else {})
        )
    return {"Label": key.name, "Datapoints": datapoints}


def _window(request: dict[str, Any]) -> Window:
    start, end = float(request["StartTime"]), float(request["EndTime"])
    if start >= end:
        raise invalid("The parameter StartTime must be less than the parameter EndTime.")
    return Window(int(start // 60) * 60, int(-(-end // 1)), lockstep.catch_up())


def _page(answers: list[tuple[dict[str, Any], list[tuple[int, float]]]], request: dict[str, Any]) -> dict[str, Any]:
    most = min(int(request.get("MaxDatapoints") or _MOST_DATAPOINTS), _MOST_DATAPOINTS)
    first, offset = _position(request.get("NextToken"))
    results: list[dict[str, Any]] = []
    for index, (query, items) in enumerate(answers[first:], first):
        taken = items[offset : offset + most]
        most -= len(taken)
        complete = offset + len(taken) >= len(items)
        results.append(_result(query, dict(taken), "Complete" if complete else "PartialData"))
        if not complete:
            return {"MetricDataResults": results, "NextToken": _token(index, offset + len(taken)), "Messages": []}
        if most == 0 and index + 1 < len(answers):
            return {"MetricDataResults": results, "NextToken": _token(index + 1, 0), "Messages": []}
        offset = 0
    return {"MetricDataResults": results, "Messages": []}


def _result(query: dict[str, Any], values: Values, status: str) -> dict[str, Any]:
    metric = (query.get("MetricStat") or {}).get("Metric") or {}
    label = query.get("Label") or metric.get("MetricName") or query["Id"]
    answer = {"Id": query["Id"], "Label": label, "StatusCode": status}
    return answer | {"Timestamps": list(values), "Values": list(values.values())}


def _token(index: int, offset: int) -> str:
    return base64.urlsafe_b64encode(f"{index}:{offset}".encode()).decode()


def _position(token: str | None) -> tuple[int, int]:
    if not token:
        return 0, 0
    try:
        index, _, offset = base64.urlsafe_b64decode(token).decode().partition(":")
        return int(index), int(offset)
    except (binascii.Error, ValueError) as error:
        raise ApiError("InvalidNextToken", "The parameter NextToken is invalid.") from error
