"""One metric that is a count of events among requests: is the candidate's rate worse than the margin allows?"""

from math import exp, log

from sluice.model.judging import MetricReading, MetricRule, MetricVerdict, Verdict

_MOST = 27.0
_RATIOS = (1.5, 2.0, 3.0, 5.0, 10.0)


def judge_counts(metric: MetricRule, reading: MetricReading, *, alpha: float) -> MetricVerdict:
    """Judge all minutes so far, as if looked at once."""
    path = evidence_by_minute(metric, reading)
    latest = path[-1] if path else 0.0
    verdict = Verdict.ROLL_BACK if latest >= -log(alpha) else Verdict.CONTINUE
    return MetricVerdict(metric.name, verdict, exp(min(latest, _MOST)), 1 / alpha, f"{metric.name}: {verdict}")


def first_rollback_minute(metric: MetricRule, reading: MetricReading, *, alpha: float) -> int | None:
    """The first minute, counted from 1, at which a look each minute takes the candidate back."""
    path = evidence_by_minute(metric, reading)
    return next((minute for minute, evidence in enumerate(path, 1) if evidence >= -log(alpha)), None)


def evidence_by_minute(metric: MetricRule, reading: MetricReading) -> tuple[float, ...]:
    """The natural logarithm of the e-value after each minute: what a look at that minute would have said."""
    wealths = [0.0] * len(_RATIOS)
    path: list[float] = []
    for n0, e0, n1, e1 in zip(
        reading.baseline.requests,
        reading.baseline.events,
        reading.candidate.requests,
        reading.candidate.events,
        strict=True,
    ):
        if n0 and n1 and e0 is not None and e1 is not None:
            share = n1 / (n0 + n1)
            null = log(1 - share + share * (1 + metric.margin))
            wealths = [
                w + e1 * log(r / (1 + metric.margin)) - (e0 + e1) * (log(1 - share + share * r) - null)
                for w, r in zip(wealths, _RATIOS, strict=True)
            ]
        path.append(log(sum(map(exp, wealths)) / len(wealths)))
    return tuple(path)
