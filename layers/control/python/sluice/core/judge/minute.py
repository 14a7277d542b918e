"""What one minute says about the ratio of two rates: the likelihood of the split of its events."""

from dataclasses import dataclass
from math import exp, expm1, log1p

from sluice.core.judge.ratios import GRID

SHARPEST = 0.25
"""No minute tells the log ratio more sharply than this standard deviation, however many requests it has."""
_MOST_LIKELY_RATE = 0.6
_TIMES = tuple(map(expm1, GRID))


@dataclass(frozen=True, slots=True)
class Minute:
    """The split of a minute's events between the compared side (`events` of `total`) and the other.

    Given their total, events split by the share of requests and the ratio of the rates, whatever the common rate is at
    that minute of the day (conditional test of two Poisson rates: Przyborowski, Wilenski 1940). `scale` tempers the
    likelihood: up, where events are so common that their number varies less than Poisson's (1 - rate, of the side that
    has fewer: trouble of the other makes nothing surer); down to `SHARPEST`. `weights` are the likelihoods on the grid
    divided by the highest, `peak` is its logarithm.
    """

    events: float
    total: float
    share: float
    scale: float
    weights: tuple[float, ...]
    peak: float

    @property
    def information(self) -> float:
        """What the other side's events would tell of the log ratio if there were no difference: one over a variance.

        Our events have no part in it, so that a worse candidate is not given less credit for being worse.
        """
        return self.scale * (self.total - self.events) * self.share

    def log_likelihood(self, ratio: float) -> float:
        """Of a log ratio, up to what is the same for every ratio."""
        return self.scale * (self.events * ratio - self.total * log1p(self.share * expm1(ratio)))


def split(other: tuple[float, float], ours: tuple[float, float]) -> Minute:
    """The minute of two sides, each (requests, events); both have requests."""
    requests, total = other[0] + ours[0], other[1] + ours[1]
    share, events = ours[0] / requests, ours[1]
    scale = _scale(total, share, events / total if total else 0.0, min(other[1] / other[0], events / ours[0]))
    likelihoods = [scale * (events * g - total * log1p(share * t)) for g, t in zip(GRID, _TIMES, strict=True)]
    peak = max(likelihoods)
    return Minute(events, total, share, scale, tuple([exp(x - peak) for x in likelihoods]), peak)


def _scale(total: float, share: float, seen: float, rate: float) -> float:
    common = 1 - min(rate, _MOST_LIKELY_RATE)
    information = total * max(share * (1 - share), seen * (1 - seen)) / common
    return min(1.0, 1 / (SHARPEST * SHARPEST * information)) / common if information > 0 else 1 / common
