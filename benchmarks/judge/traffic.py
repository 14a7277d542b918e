"""Simulated canaries: requests and failures a minute, for many runs at once, the same for a seed on any machine."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from math import erf, log, sqrt, tau
from statistics import NormalDist
from typing import Self

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.judge.bursts import SHAPES, Shape

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

DAY = 1440
LATENCY_SPREAD = 0.5
"""Standard deviation of the logarithm of a request's latency: the 99th percentile is 3.2 times the median."""


class Metric(StrEnum):
    """What a failure is: a request that failed, or one slower than a quantile of the baseline."""

    ERRORS = "errors"
    LATENCY = "latency"


class History(StrEnum):
    """The baseline's minutes before the canary: there are none, nothing happened in them, or the same as during it."""

    NONE = "none"
    CALM = "calm"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class World:
    """What happens to one canary. `rate` is the baseline's share of failures, `factor` what the candidate makes worse.

    For latency the factor, like every burst, multiplies the time that a request takes. `split` is the candidate's
    share of `per_minute` requests; `shared` hits both variants in the same minutes, `own` each one on its own. For the
    `onset` the candidate is still as good as the baseline.
    """

    rate: float = 0.01
    factor: float = 1.0
    metric: Metric = Metric.ERRORS
    split: float = 0.1
    per_minute: float = 600.0
    minutes: int = 60
    daily: bool = False
    shared: str = "calm"
    own: str = "calm"
    onset: int = 0
    history: History = History.NONE
    history_minutes: int = 360


@dataclass(frozen=True, slots=True)
class Counts:
    """One variant: a row a run, a column a minute."""

    requests: Ints
    failures: Ints

    def of_runs(self, runs: Ints) -> Self:
        """The counts of some runs alone."""
        return replace(self, requests=self.requests[runs], failures=self.failures[runs])


@dataclass(frozen=True, slots=True)
class Trials:
    """Many runs of one world."""

    baseline: Counts
    canary: Counts
    history: Counts | None = None


def of_runs(trials: Trials, runs: Ints) -> Trials:
    """Some of the runs alone."""
    history = trials.history and trials.history.of_runs(runs)
    return Trials(trials.baseline.of_runs(runs), trials.canary.of_runs(runs), history)


def simulate(world: World, runs: int, random: Generator) -> Trials:
    """Runs of the world, drawn from `random` alone."""
    shape = (runs, world.minutes)
    volume, mood = _volume(world, shape, random), _mood(world, shape, random)
    burst = mood * SHAPES[world.shared](random, shape)
    own = SHAPES[world.own]
    baseline = _draw(world, volume * (1 - world.split), burst * own(random, shape), random)
    worse = np.where(np.arange(world.minutes) < world.onset, 1.0, world.factor)
    canary = _draw(world, volume * world.split, burst * own(random, shape) * worse, random)
    return Trials(baseline, canary, _history(world, runs, random))


def _history(world: World, runs: int, random: Generator) -> Counts | None:
    if world.history is History.NONE:
        return None
    shape = (runs, world.history_minutes)
    same = world.history is History.SAME
    shapes: list[Shape] = [SHAPES[world.shared], SHAPES[world.own]] if same else []
    burst = _mood(world, shape, random)
    for draw in shapes:
        burst = burst * draw(random, shape)
    return _draw(world, _volume(world, shape, random), burst, random)


def _volume(world: World, shape: tuple[int, int], random: Generator) -> Floats:
    """Requests to expect a minute: uneven by a tenth, and by day and night where the world has them."""
    uneven = world.per_minute * random.lognormal(-0.005, 0.1, shape)
    return uneven * (1 + 0.7 * _wave(shape, random)) if world.daily else uneven


def _mood(world: World, shape: tuple[int, int], random: Generator) -> Floats:
    """How the rate itself goes up and down over the day, for both variants."""
    return np.exp(log(2) * _wave(shape, random)) if world.daily else np.ones(shape)


def _wave(shape: tuple[int, int], random: Generator) -> Floats:
    runs, minutes = shape
    start = random.uniform(0, DAY, (runs, 1))
    return np.sin(tau * (start + np.arange(minutes)) / DAY)


def _draw(world: World, volume: Floats, multiplier: Floats, random: Generator) -> Counts:
    requests = random.poisson(volume)
    return Counts(requests, random.binomial(requests, RATES[world.metric](world.rate, multiplier)))


def _error_rate(rate: float, multiplier: Floats) -> Floats:
    return np.minimum(rate * multiplier, 0.95)


def _exceedance(rate: float, multiplier: Floats) -> Floats:
    """How many requests are slower than the quantile, once each takes `multiplier` times as long."""
    above = NormalDist().inv_cdf(rate) + np.log(multiplier) / LATENCY_SPREAD
    return normal_cdf(above)


def normal_cdf(values: Floats) -> Floats:
    """The normal distribution function, one value at a time where they differ."""
    distinct, where = np.unique(values, return_inverse=True)
    probabilities = np.array([0.5 * (1 + erf(value / sqrt(2))) for value in distinct])
    return probabilities[where].reshape(values.shape)


RATES: dict[Metric, Callable[[float, Floats], Floats]] = {
    Metric.ERRORS: _error_rate,
    Metric.LATENCY: _exceedance,
}
