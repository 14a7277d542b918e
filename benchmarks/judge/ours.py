"""Sluice's own judge over the same runs, looked at every minute, and as seldom as a rollout looks."""

from math import log

import numpy as np

from benchmarks.judge.cells import OURS
from benchmarks.judge.competitors import Flags, first
from benchmarks.judge.many_trials import evidence_of_all
from benchmarks.judge.traffic import Counts, Floats, Ints, Metric, Trials, World, of_runs
from sluice.core.judge import evidence_by_minute
from sluice.model.judging import MetricKind, MetricReading, MetricRule, Minutes

RULES = {
    Metric.ERRORS: MetricRule("errors", MetricKind.ERRORS),
    Metric.LATENCY: MetricRule("latency", MetricKind.LATENCY),
}
"""The margins of a policy that says nothing."""
SPARSE = f"{OURS}, sparse looks"
LOOKS = (1, 2, 3, 5, 8, 12, 17, 23, 30, 38, 47, 60)
HELD_TO_THE_PRODUCT = 2
"""Runs of each block that the product judges too."""
ROUNDING = 1e-6


class NotTheProduct(Exception):
    """The arrays and the product's judge say different things: the judge was changed, and `many_paths` was not."""


def ours(trials: Trials, world: World, alpha: float) -> dict[str, Ints]:
    """The minutes of rollback; for an hour also with looks that are many in the beginning, and then ever fewer."""
    enough = evidence(trials, RULES[world.metric]) >= -log(alpha)
    if world.minutes > LOOKS[-1]:
        return {OURS: first(enough)}
    seldom = enough & np.isin(np.arange(1, world.minutes + 1), LOOKS)
    return {OURS: first(enough), SPARSE: first(seldom)}


def evidence(trials: Trials, rule: MetricRule) -> Floats:
    """The logarithm of the e-value by each minute of each run."""
    silent = _silent(trials)
    found = np.empty(trials.canary.requests.shape)
    if not silent.all():
        found[~silent] = _checked(of_runs(trials, np.flatnonzero(~silent)), rule)
    if silent.any():
        found[silent] = by_product(of_runs(trials, np.flatnonzero(silent)), rule)
    return found


def _checked(trials: Trials, rule: MetricRule) -> Floats:
    found = evidence_of_all(rule, trials)
    few = np.arange(min(HELD_TO_THE_PRODUCT, len(found)))
    expected = by_product(of_runs(trials, few), rule)
    if not np.allclose(found[few], expected, atol=ROUNDING, rtol=ROUNDING):
        raise NotTheProduct(f"{np.abs(found[few] - expected).max()} apart, of {rule.name}")
    return found


def by_product(trials: Trials, rule: MetricRule) -> Floats:
    """The product's own answer, one run at a time."""
    return np.array([evidence_by_minute(rule, reading) for reading in readings(trials)])


def readings(trials: Trials) -> list[MetricReading]:
    """What the judge is shown of each run."""
    histories = _minutes(trials.history) if trials.history else [None] * len(trials.baseline.requests)
    variants = zip(_minutes(trials.baseline), _minutes(trials.canary), histories, strict=True)
    return [MetricReading(baseline, candidate, history) for baseline, candidate, history in variants]


def _silent(trials: Trials) -> Flags:
    """Runs in which a minute of the baseline is without requests: they are rare, and left to the product."""
    variants = [trials.baseline, trials.history or trials.baseline]
    return np.any([(counts.requests == 0).any(axis=1) for counts in variants], axis=0)


def _minutes(counts: Counts) -> list[Minutes]:
    rows = zip(counts.requests.tolist(), counts.failures.tolist(), strict=True)
    return [Minutes(tuple(requests), tuple(failures)) for requests, failures in rows]
