"""The days after a promotion: which minutes are compared with which, and what a verdict on them says. Pure.

Each day since the promotion is a comparison of its own, looked at as often as one likes, with a part of alpha such that
all days together spend no more than alpha: 1/2, 1/6, 1/12 and so on, however many there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sluice.core.rollout.looks import whole_minutes
from sluice.model.ids import EPOCH, Micros
from sluice.model.judging import Judgement, JudgeRule, MetricKind, MetricVerdict, Verdict
from sluice.model.production import Served
from sluice.model.rollout import Rollout, RolloutOutcome
from sluice.model.rollout_rules import MetricSource
from sluice.model.signal import Cause, Finding

_DAY = 24 * 3600 * 1_000_000
_MINUTE = 60_000_000
KEPT = 15 * _DAY
"""Microseconds that CloudWatch keeps figures by the minute: what served before that cannot be compared any more."""
_NO_END = 10**9
_CAUSES = {
    MetricKind.ERRORS: Cause.ERRORS,
    MetricKind.KPI_MEAN: Cause.KPI,
    MetricKind.KPI_RATIO: Cause.KPI,
    MetricKind.QUALITY: Cause.MODEL_QUALITY,
    MetricKind.LATENCY: Cause.LATENCY,
}
"""The worst first."""


@dataclass(frozen=True, slots=True)
class Span:
    """The minutes of a day since the promotion (`day` counts from 0), and how far back those are that they meet."""

    start: Micros
    end: Micros
    shift: int
    day: int


def is_watched(served: Served, rollout: Rollout, for_s: int, now: Micros) -> bool:
    """Whether what serves was promoted so lately; a version that a rollback brought back was not."""
    promoted = rollout.outcome is RolloutOutcome.PROMOTED and not rollout.replaced
    brought_back = rollout.ended_at > EPOCH and served.since > rollout.ended_at
    return promoted and not brought_back and now < served.since + for_s * 1_000_000


def spans_of(since: Micros, begun: Micros, now: Micros) -> tuple[Span, ...]:
    """The present day against the same hours of a day before the rollout began; and against the hours right before it.

    The second is for an endpoint that did not serve a day earlier. There is none before CloudWatch has whole minutes.
    """
    day = (now - since) // _DAY
    start, end = whole_minutes(Micros(since + day * _DAY), now)
    if end <= start:
        return ()
    days = -(-(end - begun) // _DAY)
    apart = -(-(end - begun) // _MINUTE)
    shifts = (days * _DAY, apart * _MINUTE)
    return tuple(Span(start, end, shift, day) for shift in shifts if start - shift > now - KEPT)


def rule_of(judge: JudgeRule, sources: Sequence[MetricSource], day: int) -> JudgeRule:
    """The judge for one day: of the metrics that are compared, with its part of alpha, and in no hurry."""
    names = {source.name for source in sources}
    return replace(
        judge,
        metrics=tuple(metric for metric in judge.metrics if metric.name in names),
        alpha=judge.alpha / ((day + 1) * (day + 2)),
        bake_min=0,
        bake_max=_NO_END,
        min_requests=0,
        share=None,
    )


def cause_of(judgement: Judgement, judge: JudgeRule) -> Cause:
    """What got worse; of several metrics the one that hurts most."""
    kinds = {metric.name: metric.kind for metric in judge.metrics}
    worse = {kinds[found.name] for found in _worse(judgement)}
    return next((cause for kind, cause in _CAUSES.items() if kind in worse), Cause.OTHER)


def findings_of(judgement: Judgement) -> tuple[Finding, ...]:
    """Each metric that got worse, with its rate since and before."""
    return tuple(
        Finding(
            found.name,
            found.sentence,
            _rate(found.candidate_events, found.candidate_requests),
            _rate(found.baseline_events, found.baseline_requests),
        )
        for found in _worse(judgement)
    )


def _worse(judgement: Judgement) -> list[MetricVerdict]:
    return [metric for metric in judgement.metrics if metric.verdict is Verdict.ROLL_BACK]


def _rate(events: float, requests: int) -> float | None:
    return events / requests if requests else None
