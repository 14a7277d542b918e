"""The grid of log ratios on which a minute is weighed, and distributions of unrest laid upon it."""

from functools import cache
from itertools import pairwise
from math import erf, sqrt

GRID = (
    -4.0,
    -3.0,
    -2.3,
    -1.8,
    -1.4,
    -1.05,
    -0.75,
    -0.5,
    -0.25,
    0.0,
    0.25,
    0.5,
    0.75,
    1.05,
    1.4,
    1.8,
    2.2,
    2.6,
    3.0,
    3.5,
    4.0,
    4.5,
    5.0,
)
"""Natural logarithms of candidate's rate over baseline's: from one in fifty to a hundred and fifty times.

Its gaps near 0 are as wide as the sharpest a minute may be (`minute.SHARPEST`), or a ratio between two points would be
seen nowhere.
"""
_EDGES = tuple((low + high) / 2 for low, high in pairwise(GRID))
_LEAST = 1e-12

type Spread = tuple[tuple[float, float, float], ...]
"""A mixture of normal distributions of a log ratio: weight, mean and standard deviation of each."""


def between_two(own: Spread) -> Spread:
    """How far two variants are apart when each goes its own way by `own`: the distribution of the difference."""
    return tuple((w * v, m - n, sqrt(s * s + r * r)) for w, m, s in own for v, n, r in own)


@cache
def weights(spread: Spread, shift: float) -> tuple[float, ...]:
    """The probability of each point of the grid under the spread, moved by `shift`; they add up to 1."""
    cells = [_LEAST] * len(GRID)
    for weight, mean, deviation in spread:
        below = [0.0, *(_below(edge, mean + shift, deviation) for edge in _EDGES), 1.0]
        for point in range(len(GRID)):
            cells[point] += weight * (below[point + 1] - below[point])
    whole = sum(cells)
    return tuple(cell / whole for cell in cells)


def _below(value: float, mean: float, deviation: float) -> float:
    return 0.5 * (1 + erf((value - mean) / (deviation * sqrt(2))))
