"""The judge's interval of an effect as a small drawing: no difference in the middle, worse on the right. Pure."""

import math

from markupsafe import Markup

from local.console.endpoint.svg import element, line, picture
from sluice.model.judging import MetricVerdict

_WIDTH, _HEIGHT, _MIDDLE = 150.0, 22.0, 11.0
_FACTOR = 4.0


def interval_mark(metric: MetricVerdict, *, mean: bool) -> Markup:
    """The effect as a dot on its interval; nothing while there is none."""
    low, effect, high = metric.effect_low, metric.effect, metric.effect_high
    if effect is None or low is None or high is None:
        return Markup("")
    reach = _reach((low, effect, high), mean=mean)
    at_low, at, at_high = (_x(v, reach, mean=mean) for v in (low, effect, high))
    none = _x(0.0 if mean else 1.0, reach, mean=mean)
    parts = [
        line((0.0, _MIDDLE), (_WIDTH, _MIDDLE), "grid"),
        line((none, 2.0), (none, _HEIGHT - 2.0), "none"),
        element("rect", x=at_low, y=_MIDDLE - 3, width=max(2.0, at_high - at_low), height=6, rx=3, class_="span"),
        element("circle", cx=at, cy=_MIDDLE, r=4.5, class_="effect"),
    ]
    told = f"effect {effect:.3g}, between {low:.3g} and {high:.3g}"
    return picture(parts, width=_WIDTH, height=_HEIGHT, label=told)


def _reach(values: tuple[float, float, float], *, mean: bool) -> float:
    if mean:
        return 1.2 * max(1e-9, *(abs(v) for v in values if math.isfinite(v)))
    return max(_FACTOR, *(max(v, 1 / v) for v in values if 0 < v < 100))


def _x(value: float, reach: float, *, mean: bool) -> float:
    worst = value / reach if mean else math.log(max(value, 1e-9)) / math.log(reach)
    return _WIDTH / 2 + (_WIDTH / 2 - 6) * min(1.0, max(-1.0, worst))
