"""How many times the baseline's rate the candidate's is: the estimate, its confidence sequence, and what it rules out.

A confidence sequence covers the truth at all minutes at once (Robbins 1970: the mixture of the likelihoods over a
normal prior, against the likelihood of each ratio). The likelihood is that of the split of each minute's events,
divided by the dispersion of the minutes around it (quasi-likelihood, McCullagh 1983): restless minutes widen it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, expm1, inf, log, log1p

from sluice.core.judge.minute import Minute

_WIDEST = 7.0
_PRIOR_VARIANCE = 1.0
_NO_DIFFERENCE_VARIANCE = 0.1
"""Prior of a candidate that is as good as the baseline: its log ratio is within a third of 0."""
_HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Effect:
    """All minutes together, as a function of the log ratio."""

    minutes: Sequence[Minute]
    dispersion: float
    best: float

    def log_likelihood(self, ratio: float) -> float:
        """Quasi-likelihood of a log ratio; 0 where there is no difference."""
        return sum(minute.log_likelihood(ratio) for minute in self.minutes) / self.dispersion

    def interval(self, alpha: float) -> tuple[float, float]:
        """The ends of the confidence sequence for the ratio; 0 or infinity where nothing bounds it."""
        bar = self._mixture(_PRIOR_VARIANCE) + log(alpha)
        low = self._crossing(bar, -_WIDEST)
        high = self._crossing(bar, _WIDEST)
        return (exp(low) if low > -_WIDEST else 0.0), (exp(high) if high < _WIDEST else inf)

    def against(self, ratio: float) -> float:
        """The evidence (log e-value) of "as good as the baseline" against a log ratio, where the estimate is below."""
        if self.best >= ratio:
            return -inf
        return self._mixture(_NO_DIFFERENCE_VARIANCE) - self.log_likelihood(ratio)

    def gain_a_minute(self, ratio: float) -> float:
        """How much `against` grows in an average minute if there is no difference."""
        grown = sum(m.scale * m.total * (log1p(m.share * expm1(ratio)) - m.share * ratio) for m in self.minutes)
        return grown / self.dispersion / len(self.minutes)

    def _mixture(self, variance: float) -> float:
        """The likelihood averaged over normal ratios around 0, by Laplace's approximation."""
        peak = _peak(self.minutes, self.dispersion, variance)
        curve = _slope_and_curve(self.minutes, peak)[1] / self.dispersion
        return self.log_likelihood(peak) - peak * peak / (2 * variance) - 0.5 * log1p(curve * variance)

    def _crossing(self, bar: float, end: float) -> float:
        """Where the likelihood falls below the bar, between the best ratio and an end of the scale."""
        if self.log_likelihood(end) >= bar:
            return end
        inside, outside = max(-_WIDEST, min(_WIDEST, self.best)), end
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if self.log_likelihood(middle) >= bar else (inside, middle)
        return (inside + outside) / 2


def effect_of(minutes: Sequence[Minute]) -> Effect:
    """The effect seen in some minutes, at least one."""
    best = _peak(minutes, 1.0, inf)
    return Effect(minutes, _dispersion(minutes, best), best)


def _peak(minutes: Sequence[Minute], dispersion: float, variance: float) -> float:
    """The most likely log ratio under a normal prior, by halving: the slope falls with the ratio."""
    low, high = -_WIDEST, _WIDEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        slope = _slope_and_curve(minutes, middle)[0] / dispersion - middle / variance
        low, high = (middle, high) if slope > 0 else (low, middle)
    return (low + high) / 2


def _slope_and_curve(minutes: Sequence[Minute], ratio: float) -> tuple[float, float]:
    times = exp(ratio)
    slope = curve = 0.0
    for minute in minutes:
        part = minute.share * times / (1 - minute.share + minute.share * times)
        expected = minute.scale * minute.total * part
        slope += minute.scale * minute.events - expected
        curve += expected * (1 - part)
    return slope, curve


def _dispersion(minutes: Sequence[Minute], ratio: float) -> float:
    """Pearson's: how many times more the minutes scatter around the ratio than their counts explain; at least 1."""
    scatter, counted = 0.0, 0
    for minute in minutes:
        times = minute.share * exp(ratio)
        part = times / (1 - minute.share + times)
        expected = minute.scale * minute.total * part * (1 - part)
        if expected > 0:
            scatter += (minute.scale * (minute.events - minute.total * part)) ** 2 / expected
            counted += 1
    return max(1.0, scatter / (counted - 1)) if counted > 1 else 1.0
