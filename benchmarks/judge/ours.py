"""Sluice's own judge over the same runs: the product's code, one run at a time."""

from math import log

import numpy as np

from benchmarks.judge.cells import OURS
from benchmarks.judge.competitors import first
from benchmarks.judge.traffic import Counts, Ints, Metric, Trials, World
from sluice.core.judge import evidence_by_minute, first_rollback_minute
from sluice.model.judging import MetricKind, MetricReading, MetricRule, Minutes

RULES = {
    Metric.ERRORS: MetricRule("errors", MetricKind.ERRORS),
    Metric.LATENCY: MetricRule("latency", MetricKind.LATENCY),
}
"""The margins of a policy that says nothing."""
SPARSE = f"{OURS}, sparse looks"
LOOKS = (1, 2, 3, 5, 8, 12, 17, 23, 30, 38, 47, 60)


def ours(trials: Trials, world: World, alpha: float) -> dict[str, Ints]:
    """Looked at every minute; for an hour also as a rollout looks: often in the beginning, then ever more seldom."""
    rule = RULES[world.metric]
    if world.minutes > LOOKS[-1]:
        found = (first_rollback_minute(rule, reading, alpha=alpha) for reading in readings(trials))
        return {OURS: np.array([minute or 0 for minute in found], dtype=np.int64)}
    paths = np.array([evidence_by_minute(rule, reading) for reading in readings(trials)])
    enough = paths >= -log(alpha)
    seldom = enough & np.isin(np.arange(1, world.minutes + 1), LOOKS)
    return {OURS: first(enough), SPARSE: first(seldom)}


def readings(trials: Trials) -> list[MetricReading]:
    """What the judge is shown of each run."""
    histories = _minutes(trials.history) if trials.history else [None] * len(trials.baseline.requests)
    variants = zip(_minutes(trials.baseline), _minutes(trials.canary), histories, strict=True)
    return [MetricReading(baseline, candidate, history) for baseline, candidate, history in variants]


def _minutes(counts: Counts) -> list[Minutes]:
    rows = zip(counts.requests.tolist(), counts.failures.tolist(), strict=True)
    return [Minutes(tuple(requests), tuple(failures)) for requests, failures in rows]
