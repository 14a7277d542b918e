"""Random numbers that depend on their names alone."""

import math
from collections.abc import Sequence
from functools import lru_cache
from random import Random

_BIN = 0.02
"""Width of a latency bin in the logarithm: two percent, fine enough for a quantile of a baseline."""

_SPREADS = 4.5
"""How many spreads of a lognormal are covered on either side."""


def chance(*names: object) -> Random:
    """A generator of its own for a purpose, the same for the same names."""
    return Random("|".join(map(str, names)))  # noqa: S311  # a simulation


def poisson(random: Random, mean: float) -> int:
    """How many of very many independent and unlikely things happen."""
    if mean <= 0:
        return 0
    trials = max(10_000, int(mean * 1000))
    return random.binomialvariate(trials, min(1.0, mean / trials))


def scattered(random: Random, count: int, shares: Sequence[tuple[float, float]]) -> dict[float, float]:
    """Things thrown into bins, given as value and probability: how many fell into each."""
    found: dict[float, float] = {}
    left, weight = count, 1.0
    for value, share in shares:
        if left == 0:
            break
        fallen = random.binomialvariate(left, min(1.0, share / weight)) if weight > share else left
        if fallen:
            found[value] = found.get(value, 0.0) + fallen
        left, weight = left - fallen, weight - share
    if left:
        found[shares[-1][0]] = found.get(shares[-1][0], 0.0) + left
    return found


@lru_cache(maxsize=512)
def lognormal_bins(median: float, spread: float) -> tuple[tuple[float, float], ...]:
    """The bins of a lognormal distribution in whole units, with their probabilities."""
    if spread <= 0:
        return ((float(round(median)), 1.0),)
    most = math.ceil(_SPREADS * spread / _BIN)
    edges = [_below((k - 0.5) * _BIN / spread) for k in range(-most, most + 2)]
    edges[0], edges[-1] = 0.0, 1.0
    values = [float(max(1, round(median * math.exp(k * _BIN)))) for k in range(-most, most + 1)]
    return tuple((value, edges[n + 1] - edges[n]) for n, value in enumerate(values))


@lru_cache(maxsize=512)
def fraction_bins(mean: float, steps: int) -> tuple[tuple[float, float], ...]:
    """Values from 0 to 1 in steps, binomial, so that their mean is exactly the one asked for."""
    terms = [math.comb(steps, k) * mean**k * (1 - mean) ** (steps - k) for k in range(steps + 1)]
    return tuple((k / steps, term) for k, term in enumerate(terms))


def _below(z: float) -> float:
    return 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))
