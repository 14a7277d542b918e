"""The stacked split of the traffic over time, with what was done to the endpoint written above. Pure."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from local.console.endpoint.axes import LEFT, RIGHT, WIDTH, Scale, Window, time_axis, value_axis
from local.console.endpoint.flags import ROWS, Flag, placed
from local.console.endpoint.history import Marker
from local.console.endpoint.svg import Point, element, group, line, picture, polygon, polyline, text

_TOP, _BOTTOM, _HEIGHT = 58.0, 178.0, 200.0


def traffic_chart(
    window: Window, share: Sequence[float | None], markers: Sequence[Marker], *, before: str, new: str
) -> Markup:
    """The candidate's share at the bottom, what served before on top of it."""
    scale = Scale(0.0, 1.0, _TOP, _BOTTOM)
    parts = [*time_axis(window, _TOP, _BOTTOM)]
    for run in _runs(share):
        parts += _layers(window, scale, run, share)
    parts += value_axis(scale, [(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")])
    parts += changes(window, markers, _BOTTOM)
    parts += _names(scale, share, before, new)
    told = f"Share of the traffic over {window.minutes} minutes: {new} now has {_now(share)}."
    return picture(parts, width=WIDTH, height=_HEIGHT, label=told)


def changes(window: Window, markers: Sequence[Marker], bottom: float) -> list[Markup]:
    """A line down to the axis for each change, and above the chart its label; labels come last, over every line."""
    seen = sorted((m for m in markers if window.holds(m.at_s)), key=lambda m: m.at_s)
    flags = placed([(window.x(m.at_s), m.label) for m in seen])
    drawn = list(zip(seen, flags, strict=True))
    return [group(_rule(m, f, bottom), class_=f"marker {m.tone}") for m, f in drawn] + [
        group([text(f.words, f.left, ROWS[f.row], class_="change")], class_=f"marker {m.tone}")
        for m, f in drawn
        if f.words
    ]


def _rule(marker: Marker, flag: Flag, bottom: float) -> list[Markup]:
    return [element("title", marker.label), line((flag.x, ROWS[flag.row] - 9), (flag.x, bottom), "rule")]


def rules(window: Window, markers: Sequence[Marker], top: float, bottom: float) -> list[Markup]:
    """The same moments as lines alone, for the charts below."""
    return [
        group([line((window.x(m.at_s), top), (window.x(m.at_s), bottom), "rule")], class_=f"marker {m.tone}")
        for m in markers
        if window.holds(m.at_s)
    ]


def _layers(window: Window, scale: Scale, run: range, share: Sequence[float | None]) -> list[Markup]:
    edge = _stairs(window, scale, run, share)
    left, right = edge[0][0], edge[-1][0]
    floor, ceiling = scale.y(0.0), scale.y(1.0)
    return [
        polygon([*edge, (right, ceiling), (left, ceiling)], "area baseline"),
        polygon([*edge, (right, floor), (left, floor)], "area candidate"),
        polyline(edge, "edge candidate"),
    ]


def _stairs(window: Window, scale: Scale, run: range, share: Sequence[float | None]) -> list[Point]:
    points: list[Point] = []
    for n in run:
        begin, end = window.start_s + 60 * n, window.start_s + 60 * (n + 1)
        y = scale.y(share[n] or 0.0)
        points += [(window.x(begin), y), (window.x(end), y)]
    return points


def _runs(share: Sequence[float | None]) -> Iterator[range]:
    """Minutes without a gap in between."""
    begin: int | None = None
    for n, value in enumerate([*share, None]):
        if value is not None and begin is None:
            begin = n
        elif value is None and begin is not None:
            yield range(begin, n)
            begin = None


def _names(scale: Scale, share: Sequence[float | None], before: str, new: str) -> list[Markup]:
    last = next((s for s in reversed(share) if s is not None), None)
    if last is None:
        return [text("no requests", (LEFT + WIDTH - RIGHT) / 2, (_TOP + _BOTTOM) / 2, anchor="middle")]
    x = WIDTH - RIGHT + 8
    named = [(before, 1 - last, (1 + last) / 2, "baseline"), (new, last, last / 2, "candidate")]
    return [
        text(f"{name} {part * 100:.0f} %", x, scale.y(middle) + 4, class_=f"name {tone}")
        for name, part, middle, tone in named
        if part > 0.004 and name
    ]


def _now(share: Sequence[float | None]) -> str:
    last = next((s for s in reversed(share) if s is not None), None)
    return "no traffic" if last is None else f"{last * 100:.0f} percent"
