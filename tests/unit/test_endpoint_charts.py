"""Charts of an endpoint: where values come to be, what is told beside colour, and what is left out."""

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.console.endpoint.axes import LEFT, RIGHT, WIDTH, Scale, Window, apart, nice_top
from local.console.endpoint.evidence_chart import evidence_chart, number
from local.console.endpoint.figure_chart import Figure, figure_chart
from local.console.endpoint.figures import milliseconds, percent
from local.console.endpoint.flags import placed
from local.console.endpoint.history import LookSeen, Marker
from local.console.endpoint.interval_mark import interval_mark
from local.console.endpoint.lanes import Lanes
from local.console.endpoint.svg import element
from local.console.endpoint.traffic_chart import traffic_chart
from sluice.model.judging import MetricVerdict, Verdict

START = 1_795_500_000
WINDOW = Window(START, 30)


def parsed(drawing: str) -> ET.Element:
    return ET.fromstring(drawing)  # noqa: S314  # drawn a line before, by the code under test


def texts(drawing: str) -> list[str]:
    return ["".join(found.itertext()) for found in parsed(drawing).iter("text")]


def shapes(drawing: str, tag: str, class_: str) -> list[ET.Element]:
    return [found for found in parsed(drawing).iter(tag) if found.get("class") == class_]


def heights(shape: ET.Element) -> list[float]:
    return [float(pair.split(",")[1]) for pair in (shape.get("points") or "").split()]


def a_look(minute: int, evidence: float, *, route: str = "", step: int = 0) -> LookSeen:
    metric = MetricVerdict("errors", Verdict.CONTINUE, evidence, 100.0, "<b>not</b> sure")
    return LookSeen(START + 60 * minute, minute, step, "continue", "not sure", route, (metric,))


def test_what_comes_from_others_stays_text() -> None:
    drawn = element("text", "<script>alert(1)</script>", class_='"><img src=x>')

    assert "<script>" not in drawn
    assert "<img" not in drawn
    assert parsed(drawn).text == "<script>alert(1)</script>"


@given(st.floats(min_value=1e-6, max_value=1e9))
def test_a_round_top_is_at_or_above_the_value_and_never_far_above(value: float) -> None:
    top = nice_top(value)

    assert value * (1 - 1e-6) <= top <= value * 2.5


@given(st.lists(st.floats(min_value=0, max_value=100), min_size=1, max_size=5))
def test_labels_keep_apart_and_in_order(wanted: list[float]) -> None:
    placed = apart(wanted, 10.0, 0.0, 100.0)

    in_order = sorted(zip(wanted, placed, strict=True))
    gaps = [after[1] - before[1] for before, after in pairwise(in_order)]
    assert all(abs(gap) >= 10.0 - 1e-6 for gap in gaps)
    assert max(placed) <= 100.0


def test_values_beyond_the_scale_stay_on_the_chart() -> None:
    scale = Scale(0.01, 1000.0, 10.0, 110.0, logarithmic=True)

    assert (scale.y(0.0), scale.y(0.01), scale.y(1000.0), scale.y(1e12)) == (110.0, 110.0, 10.0, 10.0)
    assert scale.y(1.0) == pytest.approx(70.0)


def test_moments_outside_the_window_are_not_drawn() -> None:
    inside, outside = Marker(START + 600, "10 %"), Marker(START - 60, "long ago")

    drawn = traffic_chart(WINDOW, [0.1] * 30, (inside, outside), before="v1", new="v2")

    assert "10 %" in texts(drawn)
    assert "long ago" not in texts(drawn)


def test_the_split_names_both_versions_with_their_shares() -> None:
    drawn = traffic_chart(WINDOW, [0.0] * 15 + [0.1] * 15, (), before="v1", new="v2")

    assert {"v1 90 %", "v2 10 %"} <= set(texts(drawn))
    assert parsed(drawn).get("aria-label") == "Share of the traffic over 30 minutes: v2 now has 10 percent."


def test_a_larger_share_is_a_higher_area() -> None:
    tenth, half = (
        shapes(traffic_chart(WINDOW, [share] * 30, (), before="v1", new="v2"), "polygon", "area candidate")[0]
        for share in (0.1, 0.5)
    )

    assert min(heights(half)) < min(heights(tenth))


def test_minutes_without_requests_are_a_gap() -> None:
    drawn = traffic_chart(WINDOW, [*[0.1] * 10, *[None] * 10, *[0.1] * 10], (), before="v1", new="v2")

    assert len(shapes(drawn, "polygon", "area candidate")) == 2


def test_an_endpoint_without_requests_says_so() -> None:
    drawn = traffic_chart(WINDOW, [None] * 30, (), before="v1", new="v2")

    assert "no requests" in texts(drawn)


def test_labels_at_one_moment_take_rows_of_their_own() -> None:
    markers = tuple(Marker(START + 600, label) for label in ("candidate in", "10 %", "Chen: pause"))

    drawn = traffic_chart(WINDOW, [0.1] * 30, markers, before="v1", new="v2")

    rows = {t.get("y") for t in shapes(drawn, "text", "change")}
    assert len(rows) == 3


def test_labels_never_lie_on_each_other() -> None:
    markers = tuple(Marker(START + 600 + n, f"Chen: promote now {n}") for n in range(9))

    drawn = traffic_chart(WINDOW, [0.1] * 30, markers, before="v1", new="v2")

    places = [(float(t.get("y") or 0), float(t.get("x") or 0)) for t in shapes(drawn, "text", "change")]
    in_rows = [(a, b) for a, b in pairwise(sorted(places)) if a[0] == b[0]]
    assert in_rows
    assert all(b[1] - a[1] > 100 for a, b in in_rows)


@given(st.lists(st.tuples(st.floats(LEFT, WIDTH - RIGHT), st.text("abc: ", max_size=18)), max_size=30))
def test_every_moment_has_its_line_and_no_label_lies_on_another(moments: list[tuple[float, str]]) -> None:
    flags = placed(moments)

    labels = sorted((f.row, f.left, f.right) for f in flags if f.words)
    assert [f.x for f in flags] == [x for x, _ in moments]
    assert all(left >= 0 and right <= WIDTH + 1e-6 for _, left, right in labels)
    assert all(a[2] <= b[1] for a, b in pairwise(labels) if a[0] == b[0])


@pytest.mark.parametrize("last_x", [330.0, 580.0, WIDTH - RIGHT])
def test_what_a_person_pressed_in_short_order_is_crossed_by_no_line(last_x: float) -> None:
    """Labels in the middle over their lines were cut by those of the others."""
    labels = ("candidate in", "10 %", "Chen: pause", "Chen: go on", "Chen: roll back")
    places = (180.0, 215.0, last_x - 40, last_x - 4, last_x)

    flags = placed(list(zip(places, labels, strict=True)))

    assert [f.words for f in flags] == list(labels)
    assert not any(a.is_crossed_by(b) for a in flags for b in flags)


def test_labels_are_drawn_over_all_lines() -> None:
    markers = tuple(Marker(START + 600 + 30 * n, f"change {n}") for n in range(3))

    drawn = traffic_chart(WINDOW, [0.1] * 30, markers, before="v1", new="v2")

    kinds = [found.get("class") for found in parsed(drawn).iter() if found.get("class") in ("rule", "change")]
    assert kinds == ["rule"] * 3 + ["change"] * 3


def test_a_limit_is_named_beside_the_chart_and_apart_from_the_lines_ends() -> None:
    lines = Lanes([70_000.0] * 30, [69_000.0] * 30)
    figure = Figure("latency", lines, Lanes([], []), milliseconds, 71_000.0, "pinned at")

    drawn = figure_chart(WINDOW, figure, (), before="v1", new="v2")

    beside = [t for t in parsed(drawn).iter("text") if float(t.get("x") or 0) > WIDTH - RIGHT and t.text]
    assert {t.text for t in beside} >= {"v1 70 ms", "v2 69 ms", "pinned at 71 ms"}
    heights_of = sorted(float(t.get("y") or 0) for t in beside if "ms" in str(t.text))
    assert all(b - a >= 14 for a, b in pairwise(heights_of))


def test_a_figure_draws_both_versions_and_writes_their_last_values() -> None:
    lines = Lanes([0.01] * 30, [None] * 20 + [0.03] * 10)
    figure = Figure("errors", lines, lines, percent)

    drawn = figure_chart(WINDOW, figure, (), before="v1", new="v2")

    [before] = shapes(drawn, "polyline", "series baseline")
    [new] = shapes(drawn, "polyline", "series candidate")
    assert max(heights(new)) < min(heights(before))
    assert {"v1 1 %", "v2 3 %"} <= set(texts(drawn))


def test_a_single_bad_minute_does_not_flatten_the_lines() -> None:
    smooth, minutes = Lanes([0.01] * 30, []), Lanes([*[0.01] * 29, 0.9], [])

    drawn = figure_chart(WINDOW, Figure("errors", smooth, minutes, percent), (), before="v1", new="v2")

    assert "2 %" in texts(drawn)


def test_evidence_rises_to_the_line_where_it_takes_back() -> None:
    looks = [a_look(3, 0.5), a_look(5, 20.0), a_look(8, 300.0, route="return")]

    drawn = evidence_chart(WINDOW, looks, ())

    [curve] = shapes(drawn, "polyline", "series m0")
    [threshold] = shapes(drawn, "line", "threshold")
    first, second, third = heights(curve)
    assert first > second > float(threshold.get("y1") or 0) > third
    assert {"takes back", "at 100", "errors"} <= set(texts(drawn))


def test_evidence_begins_anew_with_each_step() -> None:
    looks = [a_look(3, 0.5), a_look(5, 0.2, route="shift"), a_look(9, 1.0, step=1), a_look(12, 0.1, step=1)]

    drawn = evidence_chart(WINDOW, looks, ())

    assert len(shapes(drawn, "polyline", "series m0")) == 2
    assert "next step" in texts(drawn)


def test_a_look_tells_its_sentence_to_whoever_points_at_it() -> None:
    drawn = evidence_chart(WINDOW, [a_look(3, 0.5)], ())

    [title] = parsed(drawn).iter("title")
    assert title.text == "look 3, errors: evidence 0.5. <b>not</b> sure"


@pytest.mark.parametrize("evidence", [0.0, 1e-300, 1e12, float("inf")])
def test_any_evidence_can_be_drawn(evidence: float) -> None:
    drawn = evidence_chart(WINDOW, [a_look(3, evidence)], ())

    for x in re.findall(r'c[xy]="([^"]+)"', drawn):
        assert 0 <= float(x) <= WIDTH


def test_more_errors_are_further_to_the_right() -> None:
    metric = MetricVerdict("errors", Verdict.CONTINUE, 1.0, 100.0, "", effect=1.0, effect_low=0.5, effect_high=2.0)
    worse = replace(metric, effect=3.0, effect_low=2.0, effect_high=4.0)

    same_x, worse_x = (
        float(shapes(interval_mark(m, mean=False), "circle", "effect")[0].get("cx") or 0) for m in (metric, worse)
    )

    assert same_x == pytest.approx(75.0)
    assert worse_x > same_x


def test_an_effect_that_cannot_be_told_is_not_drawn() -> None:
    metric = MetricVerdict("errors", Verdict.CONTINUE, 1.0, 100.0, "")

    assert interval_mark(metric, mean=False) == ""


@pytest.mark.parametrize(
    "value, words",
    [(0.0, "0"), (0.0312, "0.0312"), (99.0, "99"), (1234.0, "1,234"), (1e12, "10¹²"), (float("inf"), "∞")],
)
def test_numbers_are_written_for_people(value: float, words: str) -> None:
    assert number(value) == words


def test_parts_and_times_are_written_with_their_units() -> None:
    assert (percent(0.0123), percent(0.5), milliseconds(67_400.0), milliseconds(900.0)) == (
        "1.2 %",
        "50 %",
        "67 ms",
        "0.9 ms",
    )


def test_the_first_and_last_moment_are_at_the_edges() -> None:
    assert (WINDOW.x(WINDOW.start_s), WINDOW.x(WINDOW.end_s)) == (LEFT, WIDTH - RIGHT)
