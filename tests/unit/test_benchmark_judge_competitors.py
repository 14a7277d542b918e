"""The judges that the benchmark compares with, on cases small enough to check by hand."""

from math import log

import numpy as np
import pytest
from numpy.random import default_rng

from benchmarks.judge.competitors import alarm, kayenta_at_end, kayenta_each_5, log_mean, mixture, multinomial, oracle
from benchmarks.judge.intervals import wilson
from benchmarks.judge.kayenta import bounds, is_high
from benchmarks.judge.traffic import Counts, Trials, World

MINUTES = 60


def _counts(requests: int, failures: list[int]) -> Counts:
    return Counts(np.full((1, len(failures)), requests), np.array([failures]))


def _trials(baseline: list[int], canary: list[int], *, requests: tuple[int, int] = (540, 60)) -> Trials:
    return Trials(_counts(requests[0], baseline), _counts(requests[1], canary))


def _world(minutes: int, **facts: float) -> World:
    return World(minutes=minutes, **facts)  # type: ignore[arg-type]  # each fact used here is a number


@pytest.mark.parametrize(
    "failures,minute",
    [
        ([1, 1, 1, 0], 3),
        ([1, 1, 0, 1, 1, 1], 6),
        ([1, 1, 0, 1, 1, 0], 0),
        ([0, 0, 0, 0], 0),
    ],
)
def test_an_alarm_of_3_of_3_waits_for_three_minutes_in_a_row(failures: list[int], minute: int) -> None:
    trials = _trials([0] * len(failures), failures)

    assert alarm(3, 3)(trials, _world(len(failures)), 0.01).tolist() == [minute]


def test_an_alarm_of_2_of_3_forgets_what_is_older_than_three_minutes() -> None:
    trials = _trials([0] * 6, [1, 0, 0, 1, 0, 1])

    assert alarm(2, 3)(trials, _world(6), 0.01).tolist() == [6]


def test_an_alarm_at_its_threshold_is_quiet() -> None:
    trials = _trials([0] * 3, [1, 1, 1], requests=(900, 100))

    assert alarm(3, 3)(trials, _world(3), 0.01).tolist() == [0]


def test_kayenta_shifts_by_the_median_of_all_pairwise_differences() -> None:
    lower, shift = bounds(np.array([[1.0, 2.0, 4.0]]), np.array([[5.0, 5.0, 9.0]]))

    # The differences are 1, 1, 3, 3, 4, 4, 5, 7, 8; with so few pairs the bound is the least of them.
    assert (lower.item(), shift.item()) == (1, 4)


def test_kayenta_takes_the_bound_at_the_rank_of_the_normal_approximation() -> None:
    control, experiment = np.arange(10.0)[None], 100 + np.arange(10.0)[None]

    lower, shift = bounds(control, experiment)

    # 50 - 2.326 * sqrt(100 * 21 / 12) = 19.2: of the differences 91, 92, 92, 93, ... the one of rank 19 from zero is 96.
    assert lower.item() == sorted((experiment.T - control).ravel())[19]
    assert shift.item() == 100


def test_kayenta_calls_a_clear_shift_high_and_equal_series_not() -> None:
    control = default_rng(1).normal(10, 1, (1, MINUTES))

    assert is_high(control, control + 3).tolist() == [True]
    assert is_high(control, control).tolist() == [False]
    assert is_high(control, control - 3).tolist() == [False]


def test_kayenta_sees_nothing_where_all_minutes_are_tied() -> None:
    nothing = np.zeros((1, MINUTES))

    assert is_high(nothing, nothing).tolist() == [False]


def test_kayenta_at_the_end_answers_at_the_end_and_each_five_minutes_at_the_first_look_that_sees_it() -> None:
    random = default_rng(2)
    trials = _trials(random.poisson(5, MINUTES).tolist(), random.poisson(30, MINUTES).tolist())

    assert kayenta_at_end(trials, _world(MINUTES), 0.01).tolist() == [60]
    assert kayenta_each_5(trials, _world(MINUTES), 0.01).tolist() == [5]


def test_a_failure_of_the_candidate_alone_multiplies_each_bet_by_its_tilted_odds() -> None:
    """One failure, the candidate's, at equal traffic: a bet on ratio r is worth 2r / (1 + r), less than two."""
    ratios = np.geomspace(1.25, 16, 16)
    wealth = np.mean(2 * ratios / (1 + ratios))
    trials = _trials([0], [1], requests=(100, 100))

    assert mixture(trials, _world(1), 1 / wealth + 1e-9).tolist() == [1]
    assert mixture(trials, _world(1), 1 / wealth - 1e-9).tolist() == [0]


def test_the_split_e_process_ignores_what_the_baseline_suffers() -> None:
    trials = _trials([200] * 10, [0] * 10)

    assert mixture(trials, _world(10), 0.01).tolist() == [0]


def test_the_multinomial_test_is_the_bayes_factor_of_a_uniform_share() -> None:
    """Three of three failures on the candidate at 50/50: (3! 0! / 4!) / (1/2)^3 = 2."""
    trials = _trials([0], [3], requests=(100, 100))

    assert multinomial(trials, _world(1, split=0.5), 0.5 + 1e-9).tolist() == [1]
    assert multinomial(trials, _world(1, split=0.5), 0.5 - 1e-9).tolist() == [0]


def test_the_multinomial_test_counts_only_when_the_candidate_has_too_many() -> None:
    trials = _trials([50], [0], requests=(100, 100))

    assert multinomial(trials, _world(1, split=0.5), 0.01).tolist() == [0]


def test_the_oracle_adds_walds_logarithms_of_likelihood_ratios() -> None:
    """One failure in one request, 50 % instead of 10 %: a ratio of five."""
    trials = _trials([0], [1], requests=(9, 1))
    world = _world(1, rate=0.1, factor=5.0)

    assert oracle(trials, world, 0.2 + 1e-9).tolist() == [1]
    assert oracle(trials, world, 0.2 - 1e-9).tolist() == [0]


def test_a_mean_of_logarithms_does_not_overflow() -> None:
    assert log_mean(np.array([[1000.0], [1000.0 + log(3)]])).item() == pytest.approx(1000 + log(2))


@pytest.mark.parametrize(
    "hits,runs,low,high", [(0, 2000, 0.0, 0.00192), (20, 2000, 0.00648, 0.01540), (5, 10, 0.2366, 0.7634)]
)
def test_wilsons_interval_holds_to_its_published_values(hits: int, runs: int, low: float, high: float) -> None:
    assert list(wilson(hits, runs)) == pytest.approx([low, high], abs=1e-4)
