"""Shapes of trouble: what multiplies a rate, minute by minute.

Both variants draw from the same shape, so that their long-run means are equal: whoever takes a canary back for one of
these is wrong.
"""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Shape = Callable[[Generator, tuple[int, int]], Floats]


def calm(_: Generator, shape: tuple[int, int]) -> Floats:
    """Nothing happens."""
    return np.ones(shape)


def outage(random: Generator, shape: tuple[int, int]) -> Floats:
    """About once an hour, one minute fails by the dozen."""
    return np.where(random.random(shape) < 1 / 60, 40.0, 1.0)


def sawtooth(random: Generator, shape: tuple[int, int]) -> Floats:
    """A leak: it climbs to three times the rate over 6 to 20 minutes, until a restart; then it begins again."""
    runs, minutes = shape
    period = random.uniform(6, 20, (runs, 1))
    start = random.uniform(0, 1, (runs, 1))
    return 1 + 2 * np.mod(start + np.arange(minutes) / period, 1.0)


def heavy_tailed(random: Generator, shape: tuple[int, int]) -> Floats:
    """One minute in eight is hit, by a factor that has no variance (Pareto, 1.2), up to eighty."""
    hit = random.random(shape) < 1 / 8
    return np.where(hit, np.minimum(1 + random.pareto(1.2, shape), 80.0), 1.0)


def correlated(random: Generator, shape: tuple[int, int]) -> Floats:
    """A neighbour that comes and goes: the logarithm wanders (0.7), and remembers 0.8 of the minute before."""
    noise = random.normal(0, 1, shape)
    level = np.empty(shape)
    level[:, 0] = noise[:, 0]
    for minute in range(1, shape[1]):
        level[:, minute] = 0.8 * level[:, minute - 1] + 0.6 * noise[:, minute]
    return np.exp(0.7 * level)


def flapping(random: Generator, shape: tuple[int, int]) -> Floats:
    """One instance of several is ill for three minutes, well for half an hour: six times the rate while it is."""
    return np.where(_spells(random, shape, ill=3, well=30), 6.0, 1.0)


def slow_spells(random: Generator, shape: tuple[int, int]) -> Floats:
    """For latency: a neighbour makes everything take four tenths longer for four minutes, about once in 40."""
    return np.where(_spells(random, shape, ill=4, well=36), 1.4, 1.0)


def _spells(random: Generator, shape: tuple[int, int], *, ill: float, well: float) -> NDArray[np.bool_]:
    """When somebody is ill who stays ill and well for so many minutes on average, without memory."""
    turns = random.random(shape)
    state = np.empty(shape, dtype=bool)
    state[:, 0] = turns[:, 0] < ill / (ill + well)
    for minute in range(1, shape[1]):
        state[:, minute] = np.where(state[:, minute - 1], turns[:, minute] > 1 / ill, turns[:, minute] < 1 / well)
    return state


def uneven(random: Generator, shape: tuple[int, int]) -> Floats:
    """Every minute has a rate of its own, spread by a half (lognormal)."""
    return random.lognormal(0, 0.5, shape)


def jitter(random: Generator, shape: tuple[int, int]) -> Floats:
    """Every minute a tenth up or down: too little to matter, and never the same for both variants."""
    return random.lognormal(0, 0.1, shape)


def ordinary(random: Generator, shape: tuple[int, int]) -> Floats:
    """What production looks like on a good day: uneven by a fifth, and every two hours one bad minute."""
    bad = np.where(random.random(shape) < 1 / 120, 8.0, 1.0)
    return bad * random.lognormal(0, 0.2, shape)


def sticky(random: Generator, shape: tuple[int, int]) -> Floats:
    """Each variant keeps fifty clients of its own for good, who fail each at a rate of theirs (lognormal, 1)."""
    clients = random.lognormal(-0.5, 1, (shape[0], 50))
    return np.broadcast_to(clients.mean(axis=1, keepdims=True), shape)


SHAPES: dict[str, Shape] = {
    "calm": calm,
    "outage": outage,
    "sawtooth": sawtooth,
    "heavy_tailed": heavy_tailed,
    "correlated": correlated,
    "flapping": flapping,
    "slow_spells": slow_spells,
    "uneven": uneven,
    "jitter": jitter,
    "ordinary": ordinary,
    "sticky": sticky,
}
