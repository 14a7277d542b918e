"""One metric of a step becomes its verdict, without yet knowing of the others."""

from dataclasses import dataclass, replace
from math import ceil, exp, inf, log

from sluice.core.judge.counts import Pair, evidence_now, known, pairs
from sluice.core.judge.effect import effect_of
from sluice.core.judge.means import Differences, differences
from sluice.core.judge.minute import split
from sluice.core.judge.passing import Passing, Totals, passing, returning
from sluice.core.judge.sentences import sentence_of
from sluice.core.judge.sticky import Split
from sluice.model.judging import (
    Caveat,
    Comparison,
    Direction,
    MetricKind,
    MetricReading,
    MetricRule,
    MetricVerdict,
    Verdict,
)

_MOST_EVIDENCE = log(1e12)
_SURE_HISTORY = 30
"""Minutes of history below which there is as good as none."""
_PRESENT = 10
MEANS = frozenset({MetricKind.KPI_MEAN, MetricKind.QUALITY})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a metric is held to: its part of alpha, beta, and what the policy says of the traffic."""

    alpha: float
    beta: float = 0.05
    share: float | None = None
    sticky: bool = False


def judge_metric(metric: MetricRule, reading: MetricReading, terms: Terms) -> MetricVerdict:
    """Judge all minutes so far: `roll_back`, `advance`, or `continue` while neither is sure."""
    found = judge_mean(metric, reading, terms) if metric.kind in MEANS else judge_counts(metric, reading, terms)
    return replace(found, sentence=sentence_of(metric, found))


def judge_counts(metric: MetricRule, reading: MetricReading, terms: Terms) -> MetricVerdict:
    """Judge a metric whose events are counted among its requests."""
    both = [
        _compared(metric, pair) for pair in pairs(reading) if pair is not None and pair[0][0] > 0 and pair[1][0] > 0
    ]
    minutes = [split(other, ours) for other, ours in both]
    effect = effect_of(minutes) if any(minute.total > 0 for minute in minutes) else None
    evidence = evidence_now(metric, reading, cautious=terms.sticky)
    blank = _blank(metric, reading, terms, evidence)
    passed = passing(metric, _totals(both), effect, beta=terms.beta)
    if effect is None:
        return _decided(blank, passed, traffic(reading))
    if passed.minutes is None:
        passed = returning(metric, effect, evidence, alpha=terms.alpha)
    low, high = effect.interval(terms.alpha)
    best = exp(effect.best)
    if metric.direction is Direction.HIGHER_IS_BETTER:
        low, best, high = 1 / high, 1 / best, 1 / low if low else inf
    known_effect = replace(blank, effect=best, effect_low=low, effect_high=None if high == inf else high)
    return _decided(known_effect, passed, traffic(reading))


def judge_mean(metric: MetricRule, reading: MetricReading, terms: Terms) -> MetricVerdict:
    """Judge a metric that is the mean of a bounded value; the effect is the difference, in its own unit."""
    seen = differences(metric, reading)
    blank = _blank(metric, reading, terms, seen.evidence(metric.margin))
    passed = Passing(_minutes_missing(seen, max(metric.tolerance, metric.margin), terms.beta))
    if not seen.minutes:
        return _decided(blank, passed, traffic(reading))
    scale, wide = metric.upper - metric.lower, seen.half_width(terms.alpha)
    effect = scale * seen.mean * (-1 if metric.direction is Direction.HIGHER_IS_BETTER else 1)
    ends = (None, None) if wide == inf else (effect - scale * wide, effect + scale * wide)
    return _decided(replace(blank, effect=effect, effect_low=ends[0], effect_high=ends[1]), passed, traffic(reading))


def _compared(metric: MetricRule, pair: tuple[Pair, Pair]) -> tuple[Pair, Pair]:
    """The side whose rate must not be higher comes second: where higher is better, that is the baseline."""
    return (pair[1], pair[0]) if metric.direction is Direction.HIGHER_IS_BETTER else pair


def _blank(metric: MetricRule, reading: MetricReading, terms: Terms, evidence: float) -> MetricVerdict:
    baseline, candidate = _sums(known(reading.baseline)), _sums(known(reading.candidate))
    return MetricVerdict(
        name=metric.name,
        verdict=Verdict.ROLL_BACK if evidence >= -log(terms.alpha) else Verdict.CONTINUE,
        evidence=exp(min(evidence, _MOST_EVIDENCE)),
        threshold=1 / terms.alpha,
        sentence="",
        baseline_requests=round(baseline[0]),
        baseline_events=baseline[1],
        candidate_requests=round(candidate[0]),
        candidate_events=candidate[1],
        caveats=_caveats(metric, reading, terms),
    )


def _decided(found: MetricVerdict, passed: Passing, traffic: float) -> MetricVerdict:
    if found.verdict is Verdict.ROLL_BACK:
        return found
    if passed.passed:
        return replace(found, verdict=Verdict.ADVANCE, requests_needed=0, minutes_needed=0)
    minutes = passed.minutes
    return replace(found, minutes_needed=minutes, requests_needed=None if minutes is None else ceil(minutes * traffic))


def traffic(reading: MetricReading) -> float:
    """Requests of the candidate in an average minute of the latest ten."""
    latest = [requests for requests, _ in known(reading.candidate)[-_PRESENT:]]
    return sum(latest) / len(latest) if latest else 0.0


def _minutes_missing(seen: Differences, tolerance: float, beta: float) -> int | None:
    """Minutes until worse than the tolerance is ruled out, if the candidate turns out as good as the baseline."""
    if seen.against(tolerance) >= -log(beta):
        return 0
    if seen.minutes < 2 or seen.mean >= tolerance:
        return None
    expected = replace(seen, mean=min(max(seen.mean, 0.0), tolerance / 2))
    more = 1
    while more < 100_000:
        if replace(expected, minutes=seen.minutes + more).against(tolerance) >= -log(beta):
            return more
        more = more + max(1, more // 8)
    return None


def _totals(both: list[tuple[Pair, Pair]]) -> Totals:
    other, ours = _sums([pair[0] for pair in both]), _sums([pair[1] for pair in both])
    return Totals(*other, *ours, len(both))


def _sums(minutes: list[Pair]) -> Pair:
    return sum(requests for requests, _ in minutes), sum(events for _, events in minutes)


def _caveats(metric: MetricRule, reading: MetricReading, terms: Terms) -> tuple[Caveat, ...]:
    requests = Split()
    for pair in filter(None, pairs(reading)):
        requests.step(pair[0][0], pair[1][0])
    beside = reading.comparison is Comparison.SIDE_BY_SIDE
    suspected = beside and (requests.is_sticky or (terms.share is not None and requests.misses(terms.share)))
    learnt = reading.history is not None and len(known(reading.history)) >= _SURE_HISTORY
    found = {
        Caveat.STICKY_DECLARED: terms.sticky,
        Caveat.STICKY_SUSPECTED: suspected and not terms.sticky and metric.kind not in MEANS,
        Caveat.BEFORE_AFTER: not beside,
        Caveat.NO_HISTORY: not learnt and metric.kind not in MEANS,
        Caveat.MINUTES_MISSING: any(pair is None for pair in pairs(reading)),
    }
    return tuple(caveat for caveat, holds in found.items() if holds)
