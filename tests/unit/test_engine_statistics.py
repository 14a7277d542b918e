"""The statistics of the embedded CloudWatch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.engine.cloudwatch.distribution import Distribution, StatisticSet, merged
from local.engine.cloudwatch.statistics import is_statistic, statistic

TEN = Distribution({float(n): 1.0 for n in range(1, 11)})


@pytest.mark.parametrize(
    "name, value",
    [
        ("Sum", 55.0),
        ("Average", 5.5),
        ("SampleCount", 10.0),
        ("Minimum", 1.0),
        ("Maximum", 10.0),
        ("p50", 5.5),
        ("p100", 10.0),
        ("tm90", 5.0),
        ("TM(3:5)", 4.5),
        ("TM(10%:90%)", 5.5),
        ("TC(3:)", 7.0),
        ("TC(:3)", 3.0),
        ("TC(3:5)", 2.0),
        ("TS(8:)", 19.0),
        ("PR(8:)", 20.0),
        ("PR(:8)", 80.0),
        ("wm90", 5.41),
        ("IQM", 5.5),
    ],
)
def test_each_statistic_of_the_numbers_one_to_ten(name: str, value: float) -> None:
    found = statistic(name, TEN)

    assert is_statistic(name)
    assert found == pytest.approx(value, rel=0.02)


@pytest.mark.parametrize("name", ["sum", "p101", "pNaN", "TC()", "TC(:)", "PR(5%:)", "TM(5%:7)", "P99", "tc(5:)", ""])
def test_what_is_no_statistic_is_known_as_none(name: str) -> None:
    assert not is_statistic(name)


def test_a_published_summary_has_a_sum_but_no_percentile() -> None:
    summary = Distribution(summaries=(StatisticSet(10.0, 50.0, 1.0, 9.0),))

    assert statistic("Average", summary) == 5.0
    assert statistic("p90", summary) is None


def test_nothing_has_no_statistic() -> None:
    assert statistic("Sum", Distribution()) is None


counted = st.dictionaries(st.integers(0, 50).map(float), st.integers(1, 40).map(float), min_size=1)


@given(first=counted, second=counted, bound=st.integers(0, 50))
def test_counts_above_and_below_a_bound_add_up_over_merged_minutes(
    first: dict[float, float], second: dict[float, float], bound: int
) -> None:
    both = merged((Distribution(first), Distribution(second)))

    above, below = statistic(f"TC({bound}:)", both), statistic(f"TC(:{bound})", both)

    assert above is not None
    assert below is not None
    assert above + below == both.count


@given(counts=counted, fraction=st.floats(0.05, 0.95))
def test_an_incomplete_minute_holds_the_same_part_of_all_values(counts: dict[float, float], fraction: float) -> None:
    whole = Distribution(counts)

    part = whole.thinned(fraction)

    assert part.count == whole.count * fraction // 1
    assert all(part.counts[value] <= whole.counts[value] for value in part.counts)
