"""The schedule of looks: each has the minutes that it was made for, wherever within a minute a step begins."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from sluice.core.rollout.looks import MINUTES, THEN_EVERY_S, waits_s, whole_minutes
from sluice.model.ids import Micros

SECOND = 1_000_000
MINUTE = 60 * SECOND
seconds = st.integers(1_790_000_000, 1_790_000_000 + 3600)


def minutes_judged(begun_s: int, after_s: int) -> int:
    start, end = whole_minutes(Micros(begun_s * SECOND), Micros((begun_s + after_s) * SECOND))
    return (end - start) // MINUTE


def looks(bake_min_s: int) -> list[int]:
    """Seconds after the beginning of a step, without the look that opens it and the last wait, which repeats."""
    return list(accumulate(waits_s(bake_min_s)[:-1]))


@given(seconds)
def test_no_look_but_the_first_has_nothing_to_judge(begun_s: int) -> None:
    judged = [minutes_judged(begun_s, after_s) for after_s in looks(0)]

    assert set(MINUTES) <= {*judged, *(n - 1 for n in judged)}
    assert judged[0] >= 1


@given(seconds, st.integers(1, 240))
def test_a_look_falls_on_the_end_of_the_shortest_bake(begun_s: int, bake_min: int) -> None:
    judged = [minutes_judged(begun_s, after_s) for after_s in looks(bake_min * 60)]

    assert any(bake_min <= n <= bake_min + 1 for n in judged)


@given(st.integers(0, 8 * 3600))
def test_nobody_waits_longer_than_ten_minutes_for_a_look(bake_min_s: int) -> None:
    assert all(0 < wait <= THEN_EVERY_S for wait in waits_s(bake_min_s))
