"""One figure of baseline and candidate over time: a rate of errors, a latency, a value of the team's own. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from local.console.endpoint.axes import LEFT, RIGHT, WIDTH, Scale, Window, apart, nice_top, time_axis, value_axis
from local.console.endpoint.history import Marker
from local.console.endpoint.lanes import Lanes, Values
from local.console.endpoint.svg import Point, element, line, picture, polyline, text
from local.console.endpoint.traffic_chart import rules

_TOP, _BOTTOM, _HEIGHT = 10.0, 112.0, 132.0


@dataclass(frozen=True, slots=True)
class Figure:
    """What is drawn: smoothed lines, the minutes themselves as dots, and how a value is written.

    `limit` is a level that the judge measures by, such as the pinned quantile of a latency; `limit_words` name it.
    """

    title: str
    lines: Lanes
    dots: Lanes
    words: Callable[[float], str]
    limit: float | None = None
    limit_words: str = ""


def figure_chart(window: Window, figure: Figure, markers: Sequence[Marker], *, before: str, new: str) -> Markup:
    """Both versions on one scale from zero."""
    high = nice_top(_highest(figure) * 1.05)
    scale = Scale(0.0, high, _TOP, _BOTTOM)
    parts = [*time_axis(window, _TOP, _BOTTOM)]
    parts += value_axis(scale, [(v, figure.words(v)) for v in (0.0, high / 2, high)])
    parts += rules(window, markers, _TOP, _BOTTOM)
    if figure.limit is not None and figure.limit <= high:
        y = scale.y(figure.limit)
        parts.append(line((LEFT, y), (WIDTH - RIGHT, y), "limit"))
    for values, dots, tone in _sides(figure):
        parts += _dots(window, scale, dots, tone)
        parts += [polyline(run, f"series {tone}") for run in _runs(window, scale, values)]
    parts += _names(scale, figure, before, new)
    told = f"{figure.title}: {_last_words(figure, figure.lines.baseline, before)}, " + _last_words(
        figure, figure.lines.candidate, new
    )
    return picture(parts, width=WIDTH, height=_HEIGHT, label=told)


def _sides(figure: Figure) -> list[tuple[Values, Values, str]]:
    return [
        (figure.lines.baseline, figure.dots.baseline, "baseline"),
        (figure.lines.candidate, figure.dots.candidate, "candidate"),
    ]


def _highest(figure: Figure) -> float:
    """The highest line; of single minutes only what is not too far above, so that one bad minute hides nothing."""
    drawn = [v for lanes in (figure.lines,) for side in (lanes.baseline, lanes.candidate) for v in side if v]
    dots = [v for side in (figure.dots.baseline, figure.dots.candidate) for v in side if v]
    high = max(drawn, default=0.0)
    return max([high, figure.limit or 0.0, *(v for v in dots if v <= 1.6 * high)])


def _runs(window: Window, scale: Scale, values: Values) -> list[list[Point]]:
    runs: list[list[Point]] = [[]]
    for n, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((window.x(window.start_s + 60 * n + 30), scale.y(value)))
    return [run for run in runs if run]


def _dots(window: Window, scale: Scale, values: Values, tone: str) -> list[Markup]:
    return [
        element("circle", cx=window.x(window.start_s + 60 * n + 30), cy=scale.y(value), r=1.6, class_=f"dot {tone}")
        for n, value in enumerate(values)
        if value is not None
    ]


def _names(scale: Scale, figure: Figure, before: str, new: str) -> list[Markup]:
    """What each line is, at its end beyond the right edge, where nothing is drawn through it."""
    last = (
        (before, _last(figure.lines.baseline), "name baseline"),
        (new, _last(figure.lines.candidate), "name candidate"),
        (figure.limit_words, figure.limit, "tick"),
    )
    ends = [(name, value, class_) for name, value, class_ in last if name and value is not None]
    heights = apart([scale.y(value) + 4 for _, value, _ in ends], 14.0, _TOP + 8, _BOTTOM + 2)
    return [
        text(f"{name} {figure.words(value)}", WIDTH - RIGHT + 8, y, class_=class_)
        for (name, value, class_), y in zip(ends, heights, strict=True)
    ]


def _last(values: Values) -> float | None:
    return next((v for v in reversed(values) if v is not None), None)


def _last_words(figure: Figure, values: Values, name: str) -> str:
    last = _last(values)
    return f"{name or 'nothing'} {'has none' if last is None else figure.words(last)}"
