"""The simulated canaries: alike for a seed, good ones equal on both sides in the long run, bad ones worse as said."""

import numpy as np
import pytest
from numpy.random import default_rng

from benchmarks.judge.bursts import SHAPES
from benchmarks.judge.scenarios import Group, Scenario, all_scenarios, few_scenarios
from benchmarks.judge.traffic import Counts, History, Metric, World, simulate


def _rate(counts: Counts) -> float:
    return float(counts.failures.sum() / counts.requests.sum())


def test_a_seed_gives_the_same_canaries_whatever_history_goes_before_them() -> None:
    first = simulate(World(own="outage"), 5, default_rng(3))
    second = simulate(World(own="outage", history=History.SAME), 5, default_rng(3))

    assert np.array_equal(first.baseline.failures, second.baseline.failures)
    assert np.array_equal(first.canary.failures, second.canary.failures)
    assert first.history is None
    assert second.history is not None


def test_traffic_is_split_as_the_world_says() -> None:
    trials = simulate(World(split=0.1), 50, default_rng(4))

    assert trials.canary.requests.mean() == pytest.approx(60, rel=0.02)
    assert trials.baseline.requests.mean() == pytest.approx(540, rel=0.02)


def test_a_bad_candidate_fails_as_often_as_its_factor_says() -> None:
    trials = simulate(World(factor=5), 100, default_rng(5))

    assert _rate(trials.canary) == pytest.approx(0.05, rel=0.05)
    assert _rate(trials.baseline) == pytest.approx(0.01, rel=0.05)


def test_a_candidate_may_go_bad_late() -> None:
    canary = simulate(World(factor=5, onset=20), 100, default_rng(5)).canary

    early, late = canary.failures[:, :20], canary.failures[:, 20:]

    assert early.sum() / canary.requests[:, :20].sum() == pytest.approx(0.01, rel=0.1)
    assert late.sum() / canary.requests[:, 20:].sum() == pytest.approx(0.05, rel=0.1)


def test_a_quarter_more_latency_passes_the_quantile_as_the_normal_distribution_says() -> None:
    trials = simulate(World(rate=0.05, metric=Metric.LATENCY, factor=1.25), 100, default_rng(6))

    # 1 - Phi(1.645 - ln 1.25 / 0.5) = 0.1153
    assert _rate(trials.canary) == pytest.approx(0.1153, rel=0.03)
    assert _rate(trials.baseline) == pytest.approx(0.05, rel=0.03)


@pytest.mark.parametrize("shape", sorted(set(SHAPES) - {"calm", "sticky"}))
def test_a_burst_of_ones_own_hits_the_variants_in_different_minutes_and_equally_in_the_long_run(shape: str) -> None:
    first, second = (SHAPES[shape](default_rng(seed), (400, 240)) for seed in (7, 8))

    assert not np.array_equal(first, second)
    assert first.mean() == pytest.approx(second.mean(), rel=0.1)
    assert (first > 0).all()


def test_sticky_clients_are_a_difference_for_good_that_no_variant_has_on_average() -> None:
    multiplier = SHAPES["sticky"](default_rng(8), (2000, 60))

    assert (multiplier == multiplier[:, :1]).all()
    assert multiplier.mean() == pytest.approx(1, rel=0.02)
    assert multiplier.std() == pytest.approx(0.185, rel=0.1)


def test_a_shared_burst_hits_both_variants_in_the_same_minutes() -> None:
    trials = simulate(World(shared="outage", split=0.5), 50, default_rng(9))

    ill = trials.baseline.failures > 60

    assert ill.any()
    assert (trials.canary.failures[ill] > 30).all()


def test_history_is_calm_or_as_troubled_as_the_canary() -> None:
    calm = simulate(World(own="outage", history=History.CALM), 50, default_rng(10)).history
    same = simulate(World(own="outage", history=History.SAME), 50, default_rng(10)).history

    assert calm is not None
    assert same is not None
    assert (calm.failures < 40).all()
    assert (same.failures > 60).any()


@pytest.mark.parametrize("scenarios", [all_scenarios(), few_scenarios()], ids=["all", "quick"])
def test_no_two_scenarios_are_the_same_and_every_group_is_there(scenarios: list[Scenario]) -> None:
    assert len({(scenario.key, scenario.world.history) for scenario in scenarios}) == len(scenarios)
    assert {scenario.group for scenario in scenarios} >= {Group.GOOD, Group.MARGIN, Group.BAD}
    assert all(
        (scenario.world.factor > 1) == (scenario.group is Group.BAD)
        for scenario in scenarios
        if scenario.group is not Group.MARGIN
    )
