"""What the judge reads: the CloudWatch queries of a look, and the counts made of their answers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sluice.model.judging import Comparison, MetricReading, Minutes
from sluice.model.metric_query import MetricQuery, MinuteValues
from sluice.model.rollout_rules import MetricSource, Series


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared: its endpoint, variant and, where two fleets share a variant, configuration."""

    endpoint: str
    variant: str
    config: str = ""


def queries(sources: Sequence[MetricSource], side: Side, prefix: str, pins: Mapping[str, float]) -> list[MetricQuery]:
    """The series of one side; a latency whose limit is not pinned yet is left out."""
    found = []
    for number, source in enumerate(sources):
        if source.quantile is not None and source.name not in pins:
            continue
        found.append(_query(f"{prefix}{number}r", source.requests, side))
        for part, series in enumerate(source.events):
            stat = f"TC({pins[source.name]:.6g}:)" if source.quantile is not None else series.stat
            found.append(_query(f"{prefix}{number}e{part}", series, side, stat))
    return found


def pin_queries(sources: Sequence[MetricSource], side: Side, pins: Mapping[str, float]) -> list[MetricQuery]:
    """The quantiles of the baseline that are not pinned yet, named `p` and the number of the source."""
    return [
        _query(f"p{number}", source.events[0], side, f"p{source.quantile * 100:.6g}")
        for number, source in enumerate(sources)
        if source.quantile is not None and source.name not in pins
    ]


def pinned(sources: Sequence[MetricSource], values: Mapping[str, MinuteValues]) -> dict[str, float]:
    """The limit of each latency: the median over the minutes of the baseline's own quantile.

    It is fixed before the candidate serves anybody, so that the test on it stays valid whenever it is looked at.
    """
    limits = {}
    for number, source in enumerate(sources):
        known = sorted(v for v in values.get(f"p{number}", ()) if v is not None)
        if known:
            limits[source.name] = known[len(known) // 2]
    return limits


def readings(
    sources: Sequence[MetricSource],
    values: Mapping[str, MinuteValues],
    *,
    comparison: Comparison = Comparison.SIDE_BY_SIDE,
) -> dict[str, MetricReading]:
    """Counts by the metric's name: prefix `b` is the baseline, `c` the candidate, `h` the baseline's history."""
    found = {}
    for number, source in enumerate(sources):
        if f"b{number}r" not in values:
            continue
        parts = len(source.events)
        found[source.name] = MetricReading(
            baseline=_minutes(values, f"b{number}", parts),
            candidate=_minutes(values, f"c{number}", parts),
            history=_minutes(values, f"h{number}", parts),
            comparison=comparison,
        )
    return found


def _minutes(values: Mapping[str, MinuteValues], key: str, parts: int) -> Minutes:
    """CloudWatch shows nothing for a minute without requests: no requests, no events. Events alone missing are none."""
    counts = values[f"{key}r"]
    requests = tuple(0 if count is None else round(count) for count in counts)
    events = tuple(
        sum(values[f"{key}e{part}"][minute] or 0.0 for part in range(parts)) for minute in range(len(counts))
    )
    return Minutes(requests, tuple(event if n else 0.0 for n, event in zip(requests, events, strict=True)))


def _query(query_id: str, series: Series, side: Side, stat: str = "") -> MetricQuery:
    if series.dimensions is None:
        dimensions = {"EndpointName": side.endpoint, "VariantName": side.variant}
        if side.config:
            dimensions["EndpointConfigName"] = side.config
    else:
        named = {"endpoint": side.endpoint, "variant": side.variant}
        dimensions = {key: _filled(value, named) for key, value in series.dimensions.items()}
    return MetricQuery(query_id, series.namespace, series.metric, dimensions, stat or series.stat)


def _filled(template: str, named: Mapping[str, str]) -> str:
    for key, value in named.items():
        template = template.replace("{" + key + "}", value)
    return template
