"""The stacked split of the traffic over time, with what was done to the endpoint written above. Pure."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from local.console.endpoint.axes import LEFT, RIGHT, WIDTH, Scale, Window, time_axis, value_axis
from local.console.endpoint.history import Marker
from local.console.endpoint.svg import Point, element, group, line, picture, polygon, polyline, text

_TOP, _BOTTOM, _HEIGHT = 58.0, 178.0, 200.0
_ROWS = (14.0, 29.0, 44.0)
_LETTER = 6.3
"""Width of a letter of a label, near enough to keep labels apart."""


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
    """Labels above the chart, each in the first row where it is free, or moved on, and a line down to the axis."""
    free = [LEFT - 30] * len(_ROWS)
    parts = []
    for marker in (m for m in markers if window.holds(m.at_s)):
        x, width = window.x(marker.at_s), len(marker.label) * _LETTER + 8
        left = min(max(x - width / 2, 0.0), WIDTH - width)
        row = next((n for n, end in enumerate(free) if left >= end), free.index(min(free)))
        left = max(left, free[row])
        drawn = [line((x, _ROWS[row] + 4), (x, bottom), "rule")]
        if left + width <= WIDTH:
            free[row] = left + width
            drawn.append(text(marker.label, left + width / 2, _ROWS[row], class_="change", anchor="middle"))
        parts.append(group([element("title", marker.label), *drawn], class_=f"marker {marker.tone}"))
    return parts


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
