"""Which figures are drawn of what CloudWatch has, and how their values are written. Pure."""

from collections.abc import Mapping, Sequence

from local.console.endpoint.figure_chart import Figure
from local.console.endpoint.lanes import SMOOTH_MIN, Lanes, rates
from local.console.endpoint.measured import Measured
from sluice.model.judging import MetricKind, MetricRule
from sluice.model.rollout_rules import MetricSource

_MEANS = (MetricKind.KPI_MEAN, MetricKind.QUALITY)


def figures(
    measured: Measured, sources: Sequence[MetricSource], rules: Sequence[MetricRule], pins: Mapping[str, float]
) -> list[Figure]:
    """One figure a source: rates of the requests, or a quantile of the latency."""
    kinds = {rule.name: rule.kind for rule in rules}
    return [
        _latency(source, measured.quantiles[source.name], pins.get(source.name))
        if source.quantile is not None
        else _rate(source, *measured.counts[source.name], mean=kinds.get(source.name) in _MEANS)
        for source in sources
    ]


def percent(value: float) -> str:
    """A part of one in percent."""
    return f"{value * 100:.2g} %" if value < 0.1 else f"{value * 100:.3g} %"


def milliseconds(micros: float) -> str:
    """A time from CloudWatch's microseconds."""
    return f"{micros / 1000:.0f} ms" if micros >= 10_000 or micros == 0 else f"{micros / 1000:.2g} ms"


def _rate(source: MetricSource, requests: Lanes, events: Lanes, *, mean: bool) -> Figure:
    def lanes(over_min: int) -> Lanes:
        return Lanes(
            rates(events.baseline, requests.baseline, over_min), rates(events.candidate, requests.candidate, over_min)
        )

    words = (lambda value: f"{value:.3g}") if mean else percent
    what = "mean" if mean else "part of the requests"
    return Figure(f"{source.name}, {what} over {SMOOTH_MIN} minutes", lanes(SMOOTH_MIN), lanes(1), words)


def _latency(source: MetricSource, lanes: Lanes, pin: float | None) -> Figure:
    nothing = Lanes([], [])
    title = f"{source.name}, {(source.quantile or 0) * 100:.3g}th percentile"
    return Figure(title, lanes, nothing, milliseconds, pin, "pinned at")
