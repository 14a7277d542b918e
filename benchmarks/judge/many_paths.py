"""The likelihood paths of the product's judge for many runs at once: the same recursions on arrays, a row a run.

Everything that is a choice (which behaviours, which ratios, which chances) is read from the product's own paths; only
how a minute is taken in is written again, and `many_trials` holds it to the product's answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.judge.traffic import Floats
from sluice.core.judge.minute import _MOST_LIKELY_RATE, SHARPEST
from sluice.core.judge.paths import (
    _BEGINS,
    _BEGINS_NOT,
    _LONGEST_STEP,
    _NEWTON_STEPS,
    Jumping,
    Lasting,
    Onset,
    Path,
    Scattered,
    Steady,
    Wandering,
)
from sluice.core.judge.ratios import GRID

type Flags = NDArray[np.bool_]
_GRID = np.array(GRID)
_TIMES = np.expm1(_GRID)


@dataclass(frozen=True, slots=True)
class Minutes:
    """One minute of every run, as `Minute` is of one; `weights` has a column a point of the grid."""

    events: Floats
    total: Floats
    share: Floats
    scale: Floats
    weights: Floats
    peak: Floats

    @property
    def information(self) -> Floats:
        """As `Minute.information`."""
        return self.scale * (self.total - self.events) * self.share

    def log_likelihood(self, ratios: Floats) -> Floats:
        """A row a run, a column a log ratio; each run may have its own."""
        tilted = np.log1p(self.share[:, None] * np.expm1(ratios))
        return self.scale[:, None] * (self.events[:, None] * ratios - self.total[:, None] * tilted)


def split(other: tuple[Floats, Floats], ours: tuple[Floats, Floats]) -> Minutes:
    """The minute of two sides, each (requests, events); where a side has no requests, it says nothing of use."""
    requests, total = np.maximum(other[0] + ours[0], 1), other[1] + ours[1]
    share, events = ours[0] / requests, ours[1]
    seen = events / np.maximum(total, 1)
    rate = np.minimum(other[1] / np.maximum(other[0], 1), events / np.maximum(ours[0], 1))
    common = 1 - np.minimum(rate, _MOST_LIKELY_RATE)
    information = total * np.maximum(share * (1 - share), seen * (1 - seen)) / common
    tempered = np.minimum(1.0, 1 / (SHARPEST**2 * np.maximum(information, 1e-300)))
    scale = np.where(information > 0, tempered, 1.0) / common
    tilted = np.log1p(share[:, None] * _TIMES)
    likelihoods = scale[:, None] * (events[:, None] * _GRID - total[:, None] * tilted)
    peak = likelihoods.max(axis=1)
    return Minutes(events, total, share, scale, np.exp(likelihoods - peak[:, None]), peak)


class Group(Protocol):
    """Paths of one kind, a column each."""

    log_likelihood: Floats

    def step(self, minutes: Minutes, counts: Flags) -> None:
        """Take in the next minute of the runs that it counts for."""


class ManySteady:
    """As `Steady`."""

    def __init__(self, paths: Sequence[Steady], runs: int) -> None:
        self._ratios = np.array([path.ratio for path in paths])
        self.log_likelihood = np.zeros((runs, len(paths)))

    def step(self, minutes: Minutes, counts: Flags) -> None:
        """Take in the next minute."""
        self.log_likelihood += np.where(counts, minutes.log_likelihood(self._ratios), 0.0)


class ManyOnset:
    """As `Onset`."""

    def __init__(self, paths: Sequence[Onset], runs: int) -> None:
        self._ratios = np.array([path.ratio for path in paths])
        self._bad, self._good = (np.tile([start], (runs, len(paths))) for start in (paths[0]._bad, paths[0]._good))  # noqa: SLF001 - where the product starts
        self.log_likelihood = np.zeros((runs, len(paths)))

    def step(self, minutes: Minutes, counts: Flags) -> None:
        """Take in the next minute."""
        bad = np.logaddexp(self._bad, self._good + _BEGINS) + minutes.log_likelihood(self._ratios)
        self._bad = np.where(counts, bad, self._bad)
        self._good = np.where(counts, self._good + _BEGINS_NOT, self._good)
        now = np.logaddexp(self._bad, self._good + _BEGINS)
        self.log_likelihood = np.where(counts, now, self.log_likelihood)


class ManyScattered:
    """As `Scattered`."""

    def __init__(self, paths: Sequence[Scattered], runs: int) -> None:
        self._drawn = np.array([path.drawn for path in paths]).T
        self.log_likelihood = np.zeros((runs, len(paths)))

    def step(self, minutes: Minutes, counts: Flags) -> None:
        """Take in the next minute."""
        seen = minutes.peak[:, None] + np.log(minutes.weights @ self._drawn)
        self.log_likelihood += np.where(counts, seen, 0.0)


class ManyLasting:
    """As `Lasting`."""

    def __init__(self, paths: Sequence[Lasting], runs: int) -> None:
        self._keeps = np.array([path.keeps for path in paths])[:, None]
        self._fresh = np.array([path.fresh for path in paths])
        self._believed = np.tile(np.array([path.believed for path in paths]), (runs, 1, 1))
        self.log_likelihood = np.zeros((runs, len(paths)))

    def step(self, minutes: Minutes, counts: Flags) -> None:
        """Take in the next minute."""
        joint = minutes.weights[:, None, :] * (self._keeps * self._believed + self._fresh)
        whole = joint.sum(axis=2)
        self._believed = np.where(counts[:, :, None], joint / whole[:, :, None], self._believed)
        self.log_likelihood += np.where(counts, minutes.peak[:, None] + np.log(whole), 0.0)


class ManyJumping:
    """As `Jumping`, one path alone."""

    def __init__(self, paths: Sequence[Jumping], runs: int) -> None:
        (path,) = paths
        self._into = np.array(path.moves).T
        self._believed = np.tile(np.array(path.believed), (runs, 1))
        self.log_likelihood = np.zeros((runs, 1))

    def step(self, minutes: Minutes, counts: Flags) -> None:
        """Take in the next minute."""
        joint = minutes.weights * (self._believed @ self._into)
        whole = joint.sum(axis=1, keepdims=True)
        self._believed = np.where(counts, joint / whole, self._believed)
        self.log_likelihood += np.where(counts, minutes.peak[:, None] + np.log(whole), 0.0)


class ManyWandering:
    """As `Wandering`."""

    def __init__(self, paths: Sequence[Wandering], runs: int) -> None:
        self._centre = np.array([path.centre for path in paths])
        self._keeps = np.array([path.keeps for path in paths])
        self._stationary = np.array([path.stationary for path in paths])
        self._mean = np.zeros((runs, len(paths)))
        self._variance = np.tile(self._stationary, (runs, 1))
        self.log_likelihood = np.zeros((runs, len(paths)))

    def step(self, minutes: Minutes, counts: Flags) -> None:
        """Take in the next minute."""
        before = self._keeps * self._mean
        spread = self._keeps**2 * self._variance + (1 - self._keeps**2) * self._stationary
        offset = before
        for _ in range(_NEWTON_STEPS):
            slope, curve = _derivatives(minutes, self._centre + offset)
            move = (slope - (offset - before) / spread) / (curve + 1 / spread)
            offset = offset + np.clip(move, -_LONGEST_STEP, _LONGEST_STEP)
        curve = _derivatives(minutes, self._centre + offset)[1] + 1 / spread
        seen = minutes.log_likelihood(self._centre + offset)
        seen = seen - (offset - before) ** 2 / (2 * spread) - 0.5 * np.log(curve * spread)
        self.log_likelihood += np.where(counts, seen, 0.0)
        self._mean = np.where(counts, offset, self._mean)
        self._variance = np.where(counts, 1 / curve, self._variance)


def _derivatives(minutes: Minutes, ratios: Floats) -> tuple[Floats, Floats]:
    times = minutes.share[:, None] * np.exp(ratios)
    part = times / (1 - minutes.share[:, None] + times)
    expected = (minutes.scale * minutes.total)[:, None] * part
    return (minutes.scale * minutes.events)[:, None] - expected, expected * (1 - part)


_KINDS = {
    Steady: ManySteady,
    Onset: ManyOnset,
    Scattered: ManyScattered,
    Lasting: ManyLasting,
    Jumping: ManyJumping,
    Wandering: ManyWandering,
}


class ManyPaths:
    """The product's paths for many runs, in the product's order."""

    def __init__(self, paths: Sequence[Path], runs: int) -> None:
        self._groups: list[tuple[list[int], Group]] = []
        for kind, many in _KINDS.items():
            places = [place for place, path in enumerate(paths) if isinstance(path, kind)]
            if places:
                self._groups.append((places, many([paths[place] for place in places], runs)))
        if sum(len(places) for places, _ in self._groups) != len(paths):
            raise TypeError("a kind of path that has no counterpart for many runs")
        self._shape = (runs, len(paths))

    def step(self, minutes: Minutes, counts: Flags) -> None:
        """Take in the next minute of the runs that it counts for."""
        for _, group in self._groups:
            group.step(minutes, counts[:, None])

    @property
    def log_likelihood(self) -> Floats:
        """A row a run, a column a path."""
        found = np.empty(self._shape)
        for places, group in self._groups:
            found[:, places] = group.log_likelihood
        return found
