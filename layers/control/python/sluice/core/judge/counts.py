"""One metric that is a count of events among requests: is the candidate's rate worse than the margin allows?"""

from collections.abc import Iterator
from math import log

from sluice.core.judge.trial import Trial
from sluice.model.judging import MetricReading, MetricRule, Minutes

type Pair = tuple[float, float]


def evidence_by_minute(metric: MetricRule, reading: MetricReading) -> tuple[float, ...]:
    """The natural logarithm of the e-value after each minute: what a look at that minute would have said."""
    return tuple(_evidence(metric, reading))


def first_rollback_minute(metric: MetricRule, reading: MetricReading, *, alpha: float) -> int | None:
    """The first minute, counted from 1, at which a look each minute takes the candidate back."""
    looks = enumerate(_evidence(metric, reading), 1)
    return next((minute for minute, evidence in looks if evidence >= -log(alpha)), None)


def evidence_now(metric: MetricRule, reading: MetricReading, *, cautious: bool = False) -> float:
    """The natural logarithm of the e-value of all minutes: the last of `evidence_by_minute`.

    `cautious` is for clients that stay with one variant.
    """
    trial = Trial(metric, known(reading.history) if reading.history else [], cautious=cautious)
    for pair in pairs(reading):
        if pair is not None:
            trial.step(*pair)
    return trial.evidence


def _evidence(metric: MetricRule, reading: MetricReading) -> Iterator[float]:
    trial = Trial(metric, known(reading.history) if reading.history else [])
    latest = 0.0
    for pair in pairs(reading):
        if pair is not None:
            trial.step(*pair)
            latest = trial.evidence
        yield latest


def pairs(reading: MetricReading) -> Iterator[tuple[Pair, Pair] | None]:
    """Baseline and candidate of each minute as (requests, events); None where anything is unknown."""
    for baseline, candidate in zip(_minutes(reading.baseline), _minutes(reading.candidate), strict=True):
        yield None if baseline is None or candidate is None else (baseline, candidate)


def known(minutes: Minutes) -> list[Pair]:
    """The minutes of which something is known."""
    return [minute for minute in _minutes(minutes) if minute is not None]


def _minutes(minutes: Minutes) -> Iterator[Pair | None]:
    for requests, events in zip(minutes.requests, minutes.events, strict=True):
        yield None if requests is None or events is None else (requests, events)
