"""The judge's evidence over its looks, metric by metric, and the line at which it takes back. Pure."""

import math
from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup

from local.console.endpoint.axes import LEFT, RIGHT, WIDTH, Scale, Window, apart, time_axis, value_axis
from local.console.endpoint.history import LookSeen, Marker
from local.console.endpoint.svg import Point, element, group, line, picture, polyline, text
from local.console.endpoint.traffic_chart import rules

_TOP, _BOTTOM, _HEIGHT = 16.0, 148.0, 170.0
_LEAST = 0.01
"""What is less is drawn here: how little evidence against a good version there is helps nobody."""
_TONES = 5
_DECISIONS = {"return": "takes back", "promote": "promotes", "shift": "next step", "complete": "promotes"}


def evidence_chart(window: Window, looks: Sequence[LookSeen], markers: Sequence[Marker]) -> Markup:
    """A line a metric and step, a dot a look, and a word at each look that decided."""
    scale = _scale(looks)
    parts = _band(scale, _threshold(looks))
    parts += time_axis(window, _TOP, _BOTTOM)
    parts += value_axis(scale, [(10.0**p, number(10.0**p)) for p in _powers(scale)])
    parts += rules(window, markers, _TOP, _BOTTOM)
    names = metric_names(looks)
    for tone, name in enumerate(names):
        parts += _metric(window, scale, looks, name, f"m{tone % _TONES}")
    parts += _labels(scale, looks, names)
    parts += [_decision(window, look) for look in looks if look.route and window.holds(look.at_s)]
    worst = max((m.evidence for look in looks[-1:] for m in look.metrics), default=0.0)
    told = f"Evidence against the new version over {len(looks)} looks; now {number(worst)} at most, "
    return picture(parts, width=WIDTH, height=_HEIGHT, label=f"{told}it takes back at {number(_threshold(looks))}.")


def metric_names(looks: Sequence[LookSeen]) -> list[str]:
    """Every metric that was judged, in the policy's order."""
    return list(dict.fromkeys(m.name for look in looks for m in look.metrics))


def number(value: float) -> str:
    """A number as people write it: no exponents where there is a way around."""
    if not math.isfinite(value):
        return "∞"
    if value >= 1e6:
        return f"10{_raised(round(math.log10(value)))}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _raised(power: int) -> str:
    return str(power).translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))


def _threshold(looks: Sequence[LookSeen]) -> float:
    return min((m.threshold for look in looks for m in look.metrics), default=100.0)


def _scale(looks: Sequence[LookSeen]) -> Scale:
    highest = max((m.evidence for look in looks for m in look.metrics if math.isfinite(m.evidence)), default=1.0)
    top = 10.0 ** math.ceil(math.log10(max(highest, _threshold(looks) * 5)))
    return Scale(_LEAST, top, _TOP, _BOTTOM, logarithmic=True)


def _powers(scale: Scale) -> range:
    low, high = round(math.log10(scale.low)), round(math.log10(scale.high))
    return range(low, high + 1, max(1, math.ceil((high - low) / 6)))


def _band(scale: Scale, threshold: float) -> list[Markup]:
    y = scale.y(threshold)
    return [
        element("rect", x=LEFT, y=_TOP, width=WIDTH - RIGHT - LEFT, height=y - _TOP, class_="forbidden"),
        line((LEFT, y), (WIDTH - RIGHT, y), "threshold"),
        text("takes back", WIDTH - RIGHT + 8, y - 2, class_="name threshold-name"),
        text(f"at {number(threshold)}", WIDTH - RIGHT + 8, y + 10, class_="tick"),
    ]


def _metric(window: Window, scale: Scale, looks: Sequence[LookSeen], name: str, tone: str) -> list[Markup]:
    parts: list[Markup] = []
    for _, some in groupby(looks, key=lambda look: look.step):
        points: list[Point] = []
        for look in some:
            for metric in look.metrics:
                if metric.name == name:
                    points.append((window.x(look.at_s), scale.y(metric.evidence)))
                    words = f"look {look.number}, {name}: evidence {number(metric.evidence)}. {metric.sentence}"
                    dot = element("circle", element("title", words), cx=points[-1][0], cy=points[-1][1], r=3.2)
                    parts.append(group([dot], class_=f"look {tone}"))
        parts.insert(0, polyline(points, f"series {tone}"))
    return parts


def _labels(scale: Scale, looks: Sequence[LookSeen], names: Sequence[str]) -> list[Markup]:
    last = {m.name: m.evidence for look in looks for m in look.metrics}
    taken = scale.y(_threshold(looks))
    below = [scale.y(last[name]) + 4 for name in names]
    # Names keep clear of the two lines that say where it takes back.
    wanted = [y if abs(y - taken) > 20 else taken + 24 for y in below]
    heights = apart(wanted, 13.0, _TOP + 4, _BOTTOM + 4)
    return [
        text(name[:14], WIDTH - RIGHT + 8, y, class_=f"name m{tone % _TONES}")
        for tone, (name, y) in enumerate(zip(names, heights, strict=True))
    ]


def _decision(window: Window, look: LookSeen) -> Markup:
    x = window.x(look.at_s)
    diamond = f"{x:.1f},{_TOP - 5:.1f} {x + 5:.1f},{_TOP:.1f} {x:.1f},{_TOP + 5:.1f} {x - 5:.1f},{_TOP:.1f}"
    tone = "bad" if look.route == "return" else "good"
    words = _DECISIONS.get(look.route, look.route)
    # The left edge has room for the words on the other side.
    before = x > LEFT + 90
    label = text(words, x - 8 if before else x + 8, _TOP - 3, class_="change", anchor="end" if before else "start")
    return group([element("polygon", points=diamond, class_="diamond"), label], class_=f"marker {tone}")
