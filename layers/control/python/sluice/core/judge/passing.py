"""Whether a metric lets the candidate go on: worse than the tolerance must be ruled out, or how much is missing.

The tolerance is a ratio or an absolute difference, whichever allows more. The ratio is tested on the split of the
events; the difference on the candidate's events alone, against the baseline's rate so far (Wald 1945, Poisson), which
also decides where nobody fails at all.
"""

from dataclasses import dataclass
from math import ceil, inf, log, log1p

from sluice.core.judge.effect import Effect
from sluice.model.judging import MetricRule

_FAR = 10_000_000
"""Minutes after which a forecast says nothing."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of the compared sides since the step began, and the minutes that had requests on both."""

    other_requests: float
    other_events: float
    requests: float
    events: float
    minutes: int


@dataclass(frozen=True, slots=True)
class Passing:
    """`minutes` are those still missing at the present traffic: 0 has passed, None cannot be told."""

    minutes: int | None

    @property
    def passed(self) -> bool:
        """Whether nothing is missing."""
        return self.minutes == 0


def passing(metric: MetricRule, totals: Totals, effect: Effect | None, *, beta: float) -> Passing:
    """How far a count metric is from letting the candidate go on."""
    if not totals.minutes:
        return Passing(None)
    missing = [_missing_difference(metric, totals, effect, beta), _missing_ratio(metric, effect, beta)]
    soonest = min(missing)
    return Passing(ceil(soonest) if soonest < _FAR else None)


def returning(metric: MetricRule, effect: Effect, evidence: float, *, alpha: float) -> Passing:
    """How far a count metric that looks worse than its tolerance is from taking the candidate back, if it stays so."""
    gain = (effect.log_likelihood(effect.best) - effect.log_likelihood(log1p(metric.margin))) / len(effect.minutes)
    if effect.best <= log1p(metric.margin) or gain <= 0:
        return Passing(None)
    missing = (-log(alpha) - evidence) / gain
    return Passing(max(1, ceil(missing)) if missing < _FAR else None)


def _missing_ratio(metric: MetricRule, effect: Effect | None, beta: float) -> float:
    worst = log1p(max(metric.tolerance, metric.margin))
    if effect is None or effect.best >= worst:
        return inf
    missing = -log(beta) - effect.against(worst)
    gain = effect.gain_a_minute(worst)
    return 0.0 if missing <= 0 else missing / gain if gain > 0 else inf


def _missing_difference(metric: MetricRule, totals: Totals, effect: Effect | None, beta: float) -> float:
    """Minutes until the candidate's rate is surely below the baseline's plus the absolute tolerance."""
    if metric.tolerance_absolute <= 0:
        return inf
    usual = (totals.other_events + 0.5) / (totals.other_requests + 1)
    worst = usual + metric.tolerance_absolute
    as_good = max(usual, worst / 10)
    if totals.requests and totals.events / totals.requests >= worst:
        return inf
    dispersion = effect.dispersion if effect else 1.0
    shown = totals.events * log(as_good / worst) + totals.requests * (worst - as_good)
    missing = -log(beta) - shown / dispersion
    gain = (worst - as_good - as_good * log(worst / as_good)) / dispersion
    a_minute = totals.requests / totals.minutes
    return 0.0 if missing <= 0 else missing / (gain * a_minute) if gain * a_minute > 0 else inf
