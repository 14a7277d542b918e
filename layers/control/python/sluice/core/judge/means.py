"""A metric that is the mean of a bounded value: the minute is the unit, and its own scatter the measure.

The differences of the two variants' means, minute by minute, are tested by a sequential t-test: the Bayes factor of a
normal effect size against none, whatever their variance is (Gönen et al. 2005; as an e-process: Wang, Ramdas 2025,
"Anytime-valid t-tests and confidence sequences for Gaussian means with unknown variance"). It takes minutes as they
scatter, bursts too; that they follow each other is taken off their number (effective sample size under a first-order
autoregression). Means of few bounded values are only nearly normal: the first two minutes never decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, inf, log, sqrt

from sluice.core.judge.counts import pairs
from sluice.model.judging import Direction, MetricReading, MetricRule

FEWEST = 3
_LEAST_DEVIATION = 1e-4
"""Of the range: differences that never scatter are no proof of anything."""


@dataclass(frozen=True, slots=True)
class Differences:
    """How much worse the candidate's mean is, as a part of the range: minutes that count, mean, deviation."""

    minutes: float
    mean: float
    deviation: float

    def evidence(self, margin: float) -> float:
        """The log e-value of "worse than the margin"; negative where it does not look so."""
        return self._factor(margin) if self.mean > margin else min(0.0, -self._factor(margin))

    def against(self, tolerance: float) -> float:
        """The log e-value of "better than the tolerance"."""
        return self._factor(tolerance) if self.mean < tolerance else -inf

    def half_width(self, alpha: float) -> float:
        """Half the width of the confidence sequence of the mean; infinite while there are too few minutes."""
        if self.minutes < FEWEST:
            return inf
        grown, freedom = 1 + self.minutes, self.minutes - 1
        bar = exp(min(700.0, (0.5 * log(grown) - log(alpha)) * 2 / (freedom + 1)))
        if bar >= grown:
            return inf
        return sqrt(freedom * (bar - 1) / (1 - bar / grown) / self.minutes) * self.deviation

    def _factor(self, null: float) -> float:
        if self.minutes < FEWEST:
            return 0.0
        grown, freedom = 1 + self.minutes, self.minutes - 1
        squared = self.minutes * ((self.mean - null) / self.deviation) ** 2 / freedom
        return 0.5 * (freedom + 1) * (log(1 + squared) - log(1 + squared / grown)) - 0.5 * log(grown)


def differences(metric: MetricRule, reading: MetricReading) -> Differences:
    """What is known so far; minutes without values on either side count for nothing."""
    worse = 1 if metric.direction is Direction.LOWER_IS_BETTER else -1
    found = [
        worse * (ours[1] / ours[0] - other[1] / other[0]) / (metric.upper - metric.lower)
        for other, ours in filter(None, pairs(reading))
        if other[0] > 0 and ours[0] > 0
    ]
    if len(found) < FEWEST:
        return Differences(len(found), sum(found) / len(found) if found else 0.0, _LEAST_DEVIATION)
    mean = sum(found) / len(found)
    deviation = max(_LEAST_DEVIATION, sqrt(sum((x - mean) ** 2 for x in found) / (len(found) - 1)))
    return Differences(len(found) * _independent(found, mean), mean, deviation)


def _independent(found: Sequence[float], mean: float) -> float:
    """The part of the minutes that is worth an independent one."""
    squares = sum((x - mean) ** 2 for x in found)
    products = sum((x - mean) * (y - mean) for x, y in pairwise(found))
    following = min(0.9, max(0.0, products / squares)) if squares > 0 else 0.0
    return (1 - following) / (1 + following)
