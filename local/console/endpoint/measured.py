"""What CloudWatch has of both sides of a rollout, minute by minute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from local.console.endpoint.axes import Window
from local.console.endpoint.lanes import Lanes, Values, by_version, takeover_minute
from sluice.adapters.metrics import CloudWatchMetrics
from sluice.core.rollout.configs import CANDIDATE
from sluice.core.rollout.readings import Side, pin_queries, queries
from sluice.model.ids import Micros
from sluice.model.metric_query import MetricQuery
from sluice.model.rollout_rules import MetricSource, Series

_NAMESPACE = "AWS/SageMaker"
DEFAULT_SOURCES = (
    MetricSource(
        name="errors",
        requests=Series(_NAMESPACE, "Invocations", "Sum"),
        events=(
            Series(_NAMESPACE, "Invocation4XXErrors", "Sum"),
            Series(_NAMESPACE, "Invocation5XXErrors", "Sum"),
        ),
    ),
    MetricSource(
        name="latency",
        requests=Series(_NAMESPACE, "Invocations", "Sum"),
        events=(Series(_NAMESPACE, "ModelLatency", ""),),
        quantile=0.9,
    ),
)
"""What an endpoint without a rollout is shown by."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests of both versions, and by source what is drawn: its requests and events, or its quantile."""

    requests: Lanes
    counts: Mapping[str, tuple[Lanes, Lanes]]
    quantiles: Mapping[str, Lanes]


@dataclass(frozen=True, slots=True)
class Sides:
    """Where the figures of production and of the candidate are, and when production's name began to go over."""

    production: Side
    candidate: Side
    takes_over_s: float | None = None

    @classmethod
    def beside(cls, endpoint: str, variant: str, takes_over_s: float | None) -> "Sides":
        """Two variants beside each other."""
        return cls(Side(endpoint, variant), Side(endpoint, CANDIDATE), takes_over_s)


def measure(
    metrics: CloudWatchMetrics,
    window: Window,
    sources: Sequence[MetricSource],
    sides: Sides,
    *,
    settled_s: float,
) -> Measured:
    """Read the window of all series at once; minutes that are not settled yet have no values."""
    asked = [*_side(sources, sides.production, "b"), *_side(sources, sides.candidate, "c")]
    end_s = max(window.start_s, min(window.end_s, int(settled_s) // 60 * 60))
    found = metrics.by_minute(asked, start=Micros(window.start_s * 1_000_000), end=Micros(end_s * 1_000_000))
    read = {key: _padded(values, window.minutes) for key, values in found.items()}
    takeover = takeover_minute(window, read["ct"], sides.takes_over_s)

    def lanes(key: str) -> Lanes:
        return by_version(read[f"b{key}"], read[f"c{key}"], takeover)

    counts = {
        source.name: (lanes(f"{n}r"), _added([lanes(f"{n}e{part}") for part in range(len(source.events))]))
        for n, source in enumerate(sources)
        if source.quantile is None
    }
    quantiles = {s.name: lanes(f"p{n}") for n, s in enumerate(sources) if s.quantile is not None}
    return Measured(lanes("t"), counts, quantiles)


def _padded(values: Values, minutes: int) -> list[float | None]:
    return [*values, *[None] * (minutes - len(values))]


def _side(sources: Sequence[MetricSource], side: Side, prefix: str) -> list[MetricQuery]:
    dimensions = {"EndpointName": side.endpoint, "VariantName": side.variant}
    if side.config:
        dimensions["EndpointConfigName"] = side.config
    total = MetricQuery(f"{prefix}t", _NAMESPACE, "Invocations", dimensions, "Sum")
    quantiles = [replace(query, id=f"{prefix}{query.id}") for query in pin_queries(sources, side, {})]
    return [total, *queries(sources, side, prefix, {}), *quantiles]


def _added(parts: Sequence[Lanes]) -> Lanes:
    return Lanes(_sum([p.baseline for p in parts]), _sum([p.candidate for p in parts]))


def _sum(parts: Sequence[Values]) -> list[float | None]:
    """A minute has a sum as soon as one of its parts has a value."""
    return [
        sum(v for v in values if v is not None) if any(v is not None for v in values) else None
        for values in zip(*parts, strict=True)
    ]
