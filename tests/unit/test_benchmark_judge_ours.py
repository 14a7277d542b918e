"""Many runs at once are judged as the product judges each one."""

import numpy as np
import pytest
from numpy.random import default_rng

from benchmarks.judge import ours as module
from benchmarks.judge.many_trials import evidence_of_all
from benchmarks.judge.ours import RULES, NotTheProduct, by_product, evidence, ours, readings
from benchmarks.judge.traffic import Counts, History, Metric, Trials, World, of_runs, simulate
from sluice.core.judge import first_rollback_minute
from sluice.model.judging import MetricRule

WORLDS = {
    "calm": World(),
    "bad, calm history": World(factor=5, history=History.CALM, history_minutes=60),
    "outages, history alike": World(own="outage", split=0.5, history=History.SAME, history_minutes=200),
    "wandering": World(own="correlated", split=0.5),
    "hardly any requests": World(rate=0.02, per_minute=12, own="outage", history=History.SAME, history_minutes=60),
    "latency": World(rate=0.25, metric=Metric.LATENCY, factor=1.25, history=History.CALM, history_minutes=60),
    "broken": World(factor=50),
}


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_arrays_say_of_every_minute_what_the_product_says(world: World) -> None:
    trials, rule = simulate(world, 3, default_rng(1)), RULES[world.metric]

    assert np.allclose(evidence_of_all(rule, trials), by_product(trials, rule), atol=1e-9, rtol=1e-9)


def test_clients_that_stay_are_suspected_as_by_the_product() -> None:
    random = default_rng(2)
    baseline, canary = random.integers(100, 900, (3, 30)), random.integers(20, 500, (3, 30))
    trials = Trials(Counts(baseline, baseline // 100), Counts(canary, canary // 30))

    assert np.allclose(evidence_of_all(RULES[Metric.ERRORS], trials), by_product(trials, RULES[Metric.ERRORS]))


def test_minutes_without_requests_are_left_to_the_product() -> None:
    trials = simulate(World(rate=0.1, per_minute=2, split=0.5), 6, default_rng(3))
    rule = RULES[Metric.ERRORS]

    assert (trials.baseline.requests == 0).any()
    assert np.allclose(evidence(trials, rule), by_product(trials, rule))


def test_a_rollback_is_at_the_minute_that_the_product_names() -> None:
    world = World(factor=5)
    trials = simulate(world, 4, default_rng(4))

    named = [first_rollback_minute(RULES[Metric.ERRORS], reading, alpha=0.01) for reading in readings(trials)]

    assert ours(trials, world, 0.01)["Sluice"].tolist() == [minute or 0 for minute in named]


def test_a_judge_that_says_something_else_ends_the_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(trials: Trials, rule: MetricRule) -> np.ndarray:
        return by_product(trials, rule) + 0.01

    monkeypatch.setattr(module, "by_product", changed)

    with pytest.raises(NotTheProduct):
        evidence(simulate(World(), 2, default_rng(5)), RULES[Metric.ERRORS])


def test_some_runs_alone_keep_their_counts_and_their_history() -> None:
    trials = simulate(World(history=History.SAME, history_minutes=5), 4, default_rng(6))

    some = of_runs(trials, np.array([3, 1]))

    assert some.history is not None
    assert trials.history is not None
    assert np.array_equal(some.canary.failures, trials.canary.failures[[3, 1]])
    assert np.array_equal(some.history.requests, trials.history.requests[[3, 1]])
