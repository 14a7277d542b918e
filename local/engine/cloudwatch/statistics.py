"""The statistics of CloudWatch, from `Sum` to `TC(100000:)`, over the distribution of a period."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from local.engine.cloudwatch.distribution import Distribution

_PERCENT = r"(?:100|\d{1,2}(?:\.\d{1,10})?)"
_PERCENTILE = re.compile(rf"p({_PERCENT})")
_SHORT = re.compile(rf"(tm|tc|ts|wm)({_PERCENT})")
_RANGE = re.compile(r"(TM|TC|TS|WM|PR)\(([0-9.]*%?):([0-9.]*%?)\)")
_INFINITE = float("inf")

_SIMPLE: dict[str, Callable[[Distribution], float]] = {
    "SampleCount": lambda d: d.count,
    "Sum": lambda d: d.total,
    "Average": lambda d: d.total / d.count,
    "Minimum": lambda d: d.minimum,
    "Maximum": lambda d: d.maximum,
}


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Values above `low` up to `high`; percentages are taken of the distribution itself."""

    low: str
    high: str

    def of(self, values: list[tuple[float, float]]) -> tuple[float, float]:
        return self._at(self.low, -_INFINITE, values), self._at(self.high, _INFINITE, values)

    @staticmethod
    def _at(bound: str, missing: float, values: list[tuple[float, float]]) -> float:
        if not bound:
            return missing
        if bound.endswith("%"):
            percent = float(bound[:-1])
            return missing if percent in (0.0, 100.0) else _percentile(values, percent)
        return float(bound)


def is_statistic(name: str) -> bool:
    """Whether CloudWatch knows the statistic."""
    if name in _SIMPLE or name == "IQM" or _PERCENTILE.fullmatch(name) or _SHORT.fullmatch(name):
        return True
    found = _RANGE.fullmatch(name)
    return bool(found) and _is_range(*found.groups())  # type: ignore[union-attr]  # bool() hides the narrowing


def statistic(name: str, distribution: Distribution) -> float | None:
    """The value of a statistic; None where there are no samples, or none that it can be computed from."""
    if not distribution.count:
        return None
    if simple := _SIMPLE.get(name):
        return simple(distribution)
    values = _samples(distribution)
    if values is None:
        return None
    if found := _PERCENTILE.fullmatch(name):
        return _percentile(values, float(found[1]))
    kind, bounds = _trimmed(name)
    return _over(kind, bounds, values)


def _is_range(kind: str, low: str, high: str) -> bool:
    given = [bound for bound in (low, high) if bound]
    numbers = all(re.fullmatch(r"\d+(\.\d+)?%?", bound) for bound in given)
    percentages = {bound.endswith("%") for bound in given}
    return bool(given) and numbers and len(percentages) == 1 and not (kind == "PR" and True in percentages)


def _trimmed(name: str) -> tuple[str, _Bounds]:
    if name == "IQM":
        return "TM", _Bounds("25%", "75%")
    if found := _SHORT.fullmatch(name):
        return found[1].upper(), _Bounds("", f"{found[2]}%")
    parts = _RANGE.fullmatch(name)
    if parts is None:
        raise ValueError(f"no statistic {name}")
    return parts[1], _Bounds(parts[2], parts[3])


def _over(kind: str, bounds: _Bounds, values: list[tuple[float, float]]) -> float | None:
    low, high = bounds.of(values)
    inside = [(value, n) for value, n in values if low < value <= high]
    count, total = sum(n for _, n in inside), sum(value * n for value, n in inside)
    everything = sum(n for _, n in values)
    match kind:
        case "TC":
            return count
        case "TS":
            return total
        case "PR":
            return 100.0 * count / everything
        case "WM":
            return sum(min(max(value, low), high) * n for value, n in values) / everything
        case _:
            return total / count if count else None


def _samples(distribution: Distribution) -> list[tuple[float, float]] | None:
    """Values in order; None when a summary hides them or one is negative, as for CloudWatch's percentiles."""
    counts = dict(distribution.counts)
    for summary in distribution.summaries:
        if summary.minimum != summary.maximum:
            return None
        counts[summary.minimum] = counts.get(summary.minimum, 0.0) + summary.count
    values = sorted((value, n) for value, n in counts.items() if n > 0)
    return None if not values or values[0][0] < 0 else values


def _percentile(values: list[tuple[float, float]], percent: float) -> float:
    """Linear between the two nearest ranks, each value as often as it was counted."""
    rank = percent / 100.0 * max(sum(n for _, n in values) - 1, 0.0)
    lower = int(rank)
    low, part = _ranked(values, lower), rank - lower
    return low + part * (_ranked(values, lower + 1) - low) if part else low


def _ranked(values: list[tuple[float, float]], rank: int) -> float:
    seen = 0.0
    for value, n in values:
        seen += n
        if rank < seen:
            return value
    return values[-1][0]
