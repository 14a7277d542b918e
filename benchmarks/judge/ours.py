"""Sluice's own judge over the same runs: the product's code, one run at a time."""

from math import log

import numpy as np

from benchmarks.judge.traffic import Counts, Ints, Metric, Trials, World
from sluice.core.judge import evidence_by_minute, first_rollback_minute
from sluice.model.judging import MetricKind, MetricReading, MetricRule, Minutes

RULES = {
    Metric.ERRORS: MetricRule("errors", MetricKind.ERRORS),
    Metric.LATENCY: MetricRule("latency", MetricKind.LATENCY),
}
"""The margins of a policy that says nothing."""
LOOKS = (1, 2, 3, 5, 8, 12, 17, 23, 30, 38, 47, 60)
LATER_LOOKS_EVERY = 10


def each_minute(trials: Trials, world: World, alpha: float) -> Ints:
    """Looked at every minute."""
    rule = RULES[world.metric]
    found = (first_rollback_minute(rule, reading, alpha=alpha) for reading in readings(trials))
    return np.array([minute or 0 for minute in found], dtype=np.int64)


def sparse_looks(trials: Trials, world: World, alpha: float) -> Ints:
    """Looked at often in the beginning and ever more seldom, as a rollout does."""
    looks = [*LOOKS, *range(LOOKS[-1] + LATER_LOOKS_EVERY, world.minutes + 1, LATER_LOOKS_EVERY)]
    paths = (evidence_by_minute(RULES[world.metric], reading) for reading in readings(trials))
    found = (next((look for look in looks if path[look - 1] >= -log(alpha)), 0) for path in paths)
    return np.array(list(found), dtype=np.int64)


def readings(trials: Trials) -> list[MetricReading]:
    """What the judge is shown of each run."""
    histories = _minutes(trials.history) if trials.history else [None] * len(trials.baseline.requests)
    variants = zip(_minutes(trials.baseline), _minutes(trials.canary), histories, strict=True)
    return [MetricReading(baseline, candidate, history) for baseline, candidate, history in variants]


def _minutes(counts: Counts) -> list[Minutes]:
    rows = zip(counts.requests.tolist(), counts.failures.tolist(), strict=True)
    return [Minutes(tuple(requests), tuple(failures)) for requests, failures in rows]
