"""Simulated minutes for the tests of the judge: deterministic for a seed, small, of the standard library alone."""

from collections.abc import Callable
from random import Random

from sluice.model.judging import MetricReading, Minutes

type Burst = Callable[[Random, int], float]


def calm(_: Random, minute: int) -> float:
    return 1.0 + 0.0 * minute


def counts(
    random: Random, minutes: int, requests: int, rate: float, *, burst: Burst = calm, factor: float = 1.0
) -> Minutes:
    events = tuple(
        random.binomialvariate(requests, min(0.95, rate * factor * burst(random, minute))) for minute in range(minutes)
    )
    return Minutes((requests,) * minutes, events)


def canary(
    seed: int,
    *,
    minutes: int = 60,
    rate: float = 0.01,
    factor: float = 1.0,
    burst: Burst = calm,
    history: bool = False,
    split: tuple[int, int] = (540, 60),
) -> MetricReading:
    random = Random(seed)  # noqa: S311 - traffic of a test, no secret
    before = counts(random, 120, sum(split), rate, burst=burst) if history else None
    return MetricReading(
        counts(random, minutes, split[0], rate, burst=burst),
        counts(random, minutes, split[1], rate, burst=burst, factor=factor),
        before,
    )


def cut(reading: MetricReading, minutes: int) -> MetricReading:
    def first(series: Minutes) -> Minutes:
        return Minutes(series.requests[:minutes], series.events[:minutes])

    return MetricReading(first(reading.baseline), first(reading.candidate), reading.history, reading.comparison)
