"""The schedule of looks: each has the minutes that it was made for, wherever within a minute a step begins."""

from itertools import accumulate, pairwise

from hypothesis import given
from hypothesis import strategies as st

from sluice.core.rollout.looks import (
    LONGEST_S,
    MINUTES,
    THEN_EVERY_S,
    patience_s,
    waits_s,
    whole_minutes,
)
from sluice.model.ids import Micros

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY_S = 24 * 3600
seconds = st.integers(1_790_000_000, 1_790_000_000 + 3600)


def minutes_judged(begun_s: int, after_s: int) -> int:
    start, end = whole_minutes(Micros(begun_s * SECOND), Micros((begun_s + after_s) * SECOND))
    return (end - start) // MINUTE


def looks(bake_min_s: int, give_up_after_s: int = DAY_S) -> list[int]:
    """Seconds after the beginning of a step, without the look that opens it and the last wait, which repeats."""
    return list(accumulate(waits_s(bake_min_s, give_up_after_s)[:-1]))


@given(seconds)
def test_no_look_but_the_first_has_nothing_to_judge(begun_s: int) -> None:
    judged = [minutes_judged(begun_s, after_s) for after_s in looks(0)]

    assert set(MINUTES) <= {*judged, *(n - 1 for n in judged)}
    assert judged[0] >= 1


@given(seconds, st.integers(1, 14 * 24 * 60))
def test_a_look_falls_on_the_end_of_the_shortest_bake(begun_s: int, bake_min: int) -> None:
    judged = [minutes_judged(begun_s, after_s) for after_s in looks(bake_min * 60, 14 * DAY_S)]

    assert any(bake_min <= n <= bake_min + 1 for n in judged)


@given(st.integers(0, 14 * DAY_S), st.integers(3600, 14 * DAY_S))
def test_a_look_comes_after_ten_minutes_or_a_twentieth_of_the_time_that_the_step_has_lasted(
    bake_min_s: int, give_up_after_s: int
) -> None:
    due = [0, *looks(bake_min_s, give_up_after_s)]

    for last, following in pairwise(due):
        # A look beside one that has its exact time is left out, and the wait after it is a twentieth of the longer time.
        beside = THEN_EVERY_S / 2
        assert 0 < following - last <= max(THEN_EVERY_S, (last + beside) / 20) + beside
        assert following - last <= LONGEST_S + THEN_EVERY_S / 2


@given(st.integers(0, 14 * DAY_S), st.integers(3600, 14 * DAY_S))
def test_a_look_falls_on_the_end_of_what_nobody_decides_and_on_the_reminder_before_it(
    bake_min_s: int, give_up_after_s: int
) -> None:
    due = looks(bake_min_s, give_up_after_s)

    for moment in (give_up_after_s // 2, give_up_after_s):
        assert any(moment < after_s <= moment + 120 for after_s in due)


def test_a_day_is_looked_at_sparsely_and_two_weeks_hardly_more() -> None:
    assert len(looks(0, DAY_S)) < 80
    assert len(looks(0, 14 * DAY_S)) < 180


@given(st.integers(0, 30 * DAY_S), st.sampled_from([60, 300]))
def test_waiting_is_patient_within_bounds(waited_s: int, least_s: int) -> None:
    assert least_s <= patience_s(waited_s * SECOND, least_s) <= LONGEST_S
