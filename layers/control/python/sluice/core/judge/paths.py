"""The likelihood of a metric's minutes under one behaviour and one ratio, minute by minute (forward filtering)."""

from collections.abc import Sequence
from functools import cache
from math import exp, log, log1p, sqrt, sumprod
from typing import Protocol

from sluice.core.judge.minute import Minute
from sluice.core.judge.ratios import GRID, Spread, weights
from sluice.core.judge.unrest import Manner, Unrest

_NEWTON_STEPS = 3
_LONGEST_STEP = 1.5
_NARROWEST = 0.06
_SETTLED = 60
_LATE = 0.1
"""The chance that a bad candidate is not bad from its first minute on."""
_BEGINS, _BEGINS_NOT = log(1 / 60), log(59 / 60)
"""When it is not, it becomes so within an hour or so."""


class Path(Protocol):
    """The logarithm of the likelihood of all minutes so far; none of it is kept from one verdict to the next."""

    log_likelihood: float

    def step(self, minute: Minute) -> None:
        """Take in the next minute."""


class Steady:
    """The ratio is the same in every minute."""

    __slots__ = ("log_likelihood", "ratio")

    def __init__(self, ratio: float) -> None:
        self.log_likelihood, self.ratio = 0.0, ratio

    def step(self, minute: Minute) -> None:
        """Take in the next minute."""
        self.log_likelihood += minute.log_likelihood(self.ratio)


class Onset:
    """As good as the baseline until some minute, then worse by one ratio for good; mostly from the first minute on."""

    __slots__ = ("_bad", "_good", "log_likelihood", "ratio")

    def __init__(self, ratio: float) -> None:
        self.log_likelihood, self.ratio = 0.0, ratio
        self._bad, self._good = log(1 - _LATE), log(_LATE)

    def step(self, minute: Minute) -> None:
        """Take in the next minute."""
        self._bad = _log_add(self._bad, self._good + _BEGINS) + minute.log_likelihood(self.ratio)
        # Where there is no difference the likelihood is 1.
        self._good += _BEGINS_NOT
        self.log_likelihood = _log_add(self._bad, self._good + _BEGINS)


class Scattered:
    """The ratio is drawn anew each minute."""

    __slots__ = ("drawn", "log_likelihood")

    def __init__(self, drawn: Sequence[float]) -> None:
        self.log_likelihood, self.drawn = 0.0, drawn

    def step(self, minute: Minute) -> None:
        """Take in the next minute."""
        self.log_likelihood += minute.peak + log(sumprod(self.drawn, minute.weights))


class Lasting:
    """The ratio stays as it is with the chance `keeps`, or else is drawn anew (a hidden Markov chain on the grid)."""

    __slots__ = ("believed", "fresh", "keeps", "log_likelihood")

    def __init__(self, drawn: Sequence[float], keeps: float) -> None:
        self.log_likelihood, self.keeps = 0.0, keeps
        self.believed: Sequence[float] = drawn
        self.fresh = [(1 - keeps) * chance for chance in drawn]

    def step(self, minute: Minute) -> None:
        """Take in the next minute."""
        seen, fresh, believed = minute.weights, self.fresh, self.believed
        joint = [w * (self.keeps * b + f) for w, f, b in zip(seen, fresh, believed, strict=True)]
        whole = sum(joint)
        self.believed = [value / whole for value in joint]
        self.log_likelihood += minute.peak + log(whole)


class Jumping:
    """The ratio wanders over the grid, and at times jumps anywhere."""

    __slots__ = ("believed", "log_likelihood", "moves")

    def __init__(self, moves: Sequence[Sequence[float]], settled: Sequence[float]) -> None:
        self.log_likelihood, self.moves, self.believed = 0.0, moves, settled

    def step(self, minute: Minute) -> None:
        """Take in the next minute."""
        joint = [w * sumprod(into, self.believed) for w, into in zip(minute.weights, self.moves, strict=True)]
        whole = sum(joint)
        self.believed = [value / whole for value in joint]
        self.log_likelihood += minute.peak + log(whole)


class Wandering:
    """The log ratio is autoregressive around `centre`; each minute is taken in by Laplace's approximation.

    (A Kalman filter whose observation is a split of counts: West, Harrison, Migon 1985.)
    """

    __slots__ = ("centre", "keeps", "log_likelihood", "mean", "stationary", "variance")

    def __init__(self, centre: float, deviation: float, keeps: float) -> None:
        self.log_likelihood, self.mean, self.centre, self.keeps = 0.0, 0.0, centre, keeps
        self.stationary = self.variance = deviation * deviation

    def step(self, minute: Minute) -> None:
        """Take in the next minute."""
        before = self.keeps * self.mean
        spread = self.keeps**2 * self.variance + (1 - self.keeps**2) * self.stationary
        offset = before
        for _ in range(_NEWTON_STEPS):
            slope, curve = _derivatives(minute, self.centre + offset)
            move = (slope - (offset - before) / spread) / (curve + 1 / spread)
            offset += max(-_LONGEST_STEP, min(_LONGEST_STEP, move))
        curve = _derivatives(minute, self.centre + offset)[1] + 1 / spread
        seen = minute.log_likelihood(self.centre + offset)
        self.log_likelihood += seen - (offset - before) ** 2 / (2 * spread) - 0.5 * log(curve * spread)
        self.mean, self.variance = offset, 1 / curve


def _log_add(one: float, other: float) -> float:
    """The logarithm of the sum of two numbers given by theirs."""
    return max(one, other) + log1p(exp(-abs(one - other)))


def _derivatives(minute: Minute, ratio: float) -> tuple[float, float]:
    """Slope and curvature (positive) of the minute's log likelihood."""
    times = minute.share * exp(ratio)
    part = times / (1 - minute.share + times)
    expected = minute.scale * minute.total * part
    return minute.scale * minute.events - expected, expected * (1 - part)


def path_of(unrest: Unrest, ratio: float) -> Path:
    """A fresh path for a behaviour around a log ratio."""
    match unrest.manner:
        case Manner.STEADY:
            return Steady(ratio)
        case Manner.SCATTERED:
            return Scattered(weights(unrest.own, ratio))
        case Manner.LASTING:
            return Lasting(weights(unrest.own, ratio), unrest.keeps)
        case Manner.WANDERING:
            return Wandering(ratio, unrest.deviation, unrest.keeps)
        case Manner.JUMPING:
            return Jumping(*_moves(unrest, ratio))


@cache
def _moves(unrest: Unrest, ratio: float) -> tuple[tuple[tuple[float, ...], ...], tuple[float, ...]]:
    """For each point of the grid the chances to come there from each point, and where it is in the long run."""
    narrow = max(unrest.deviation * sqrt(1 - unrest.keeps**2), _NARROWEST)
    jump = weights(unrest.own, ratio)
    rows = []
    for point in GRID:
        drift: Spread = ((1.0, unrest.keeps * (point - ratio), narrow),)
        rows.append(
            [(1 - unrest.jumps) * w + unrest.jumps * j for w, j in zip(weights(drift, ratio), jump, strict=True)]
        )
    into = tuple(zip(*rows, strict=True))
    settled: Sequence[float] = jump
    for _ in range(_SETTLED):
        settled = [sumprod(column, settled) for column in into]
    return into, tuple(settled)
