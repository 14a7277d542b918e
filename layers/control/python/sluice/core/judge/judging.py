"""All metrics of a step become one verdict.

Each metric is tested with its part of alpha, by weight (Bonferroni: the chance of ever taking a good candidate back
stays below the sum). A critical metric that is worse takes the candidate back alone; others do together, once they hold
`rollback_weight` of all weight. The candidate goes on when every metric that anybody waits for has ruled out what is
worse than its tolerance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil

from sluice.core.judge.readings import Terms, judge_metric, traffic
from sluice.core.judge.sentences import sentence_of_step
from sluice.model.judging import (
    Judgement,
    JudgeRule,
    MetricKind,
    MetricReading,
    MetricRule,
    MetricVerdict,
    Minutes,
    Verdict,
)

NOTHING = MetricReading(Minutes(), Minutes())


def judge(
    rule: JudgeRule,
    readings: Mapping[str, MetricReading],
    *,
    is_last_step: bool = False,
    final: bool = False,
) -> Judgement:
    """Judge a step by all its raw counts so far; the same counts give the same answer.

    `readings` are by the metric's name; one that is missing has no data. `final` says that nobody will look again
    (the longest bake is over for the caller). Step by step, the caller fills bake times, requests and share into the
    rule.
    """
    found = tuple(_held_up(rule, m, readings.get(m.name, NOTHING)) for m in rule.metrics)
    minutes = max((len(reading.candidate.requests) for reading in readings.values()), default=0)
    verdict = _verdict(rule, found, minutes)
    if verdict is Verdict.ADVANCE and is_last_step:
        verdict = Verdict.PROMOTE
    if verdict is Verdict.CONTINUE and (final or minutes >= rule.bake_max):
        verdict = Verdict.EXTEND
    return Judgement(verdict, sentence_of_step(verdict, found), found, minutes)


def _verdict(rule: JudgeRule, found: Sequence[MetricVerdict], minutes: int) -> Verdict:
    both = list(zip(rule.metrics, found, strict=True))
    worse = [metric for metric, verdict in both if verdict.verdict is Verdict.ROLL_BACK]
    held = sum(metric.weight for metric in worse)
    whole = sum(metric.weight for metric in rule.metrics)
    if any(metric.critical for metric in worse) or (worse and held >= rule.rollback_weight * whole):
        return Verdict.ROLL_BACK
    waited = [verdict for metric, verdict in both if not _nobody_waits(metric)] or found
    passed = bool(waited) and all(verdict.verdict is Verdict.ADVANCE for verdict in waited)
    return Verdict.ADVANCE if passed and not worse and minutes >= rule.bake_min else Verdict.CONTINUE


def _nobody_waits(metric: MetricRule) -> bool:
    """A quality known late may take the candidate back; it holds it up only where nothing else is judged."""
    return metric.kind is MetricKind.QUALITY


def _held_up(rule: JudgeRule, metric: MetricRule, reading: MetricReading) -> MetricVerdict:
    """The metric's verdict; it does not pass before the candidate has had its requests."""
    whole = sum(each.weight for each in rule.metrics)
    terms = Terms(rule.alpha * metric.weight / whole, rule.beta, rule.share, rule.sticky)
    found = judge_metric(metric, reading, terms)
    short = rule.min_requests - found.candidate_requests
    if found.verdict is not Verdict.ADVANCE or short <= 0:
        return found
    a_minute = traffic(reading)
    minutes = ceil(short / a_minute) if a_minute > 0 else None
    open_again = replace(found, verdict=Verdict.CONTINUE, requests_needed=short, minutes_needed=minutes)
    return replace(open_again, sentence=f"{metric.name} needs {short:,} more requests before it counts")
