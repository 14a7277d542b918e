"""Where values and moments are on a chart, and which of them are written at its edges. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup

from local.console.endpoint.svg import line, text

WIDTH = 720.0
LEFT, RIGHT = 50.0, 112.0
_STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 720, 1440)
_MOST_LABELS = 8


@dataclass(frozen=True, slots=True)
class Window:
    """The minutes that are drawn: the first one's beginning in seconds since the epoch, and how many."""

    start_s: int
    minutes: int

    @property
    def end_s(self) -> int:
        """The end of the last minute."""
        return self.start_s + 60 * self.minutes

    def x(self, at_s: float) -> float:
        """Where a moment is, within the edges."""
        share = (at_s - self.start_s) / max(60, 60 * self.minutes)
        return LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, max(0.0, share))

    def holds(self, at_s: float) -> bool:
        """Whether a moment is drawn."""
        return self.start_s <= at_s <= self.end_s

    def ticks(self) -> list[int]:
        """Round moments, few enough to be written side by side."""
        step = next((s for s in _STEPS_MIN if self.minutes / s <= _MOST_LABELS), _STEPS_MIN[-1]) * 60
        first = -(-self.start_s // step) * step
        return list(range(first, self.end_s + 1, step))


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` between two heights; `logarithmic` ones are positive."""

    low: float
    high: float
    top: float
    bottom: float
    logarithmic: bool = False

    def y(self, value: float) -> float:
        """Where a value is, within the edges."""
        low, high, at = (self._flat(v) for v in (self.low, self.high, value))
        share = min(1.0, max(0.0, (at - low) / (high - low)))
        return self.bottom - (self.bottom - self.top) * share

    def _flat(self, value: float) -> float:
        return math.log10(max(value, 1e-300)) if self.logarithmic else value


def nice_top(value: float) -> float:
    """The next round number at or above a value: 1, 2, 4, 6 or 8 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * f for f in (1, 2, 4, 6, 8, 10) if power * f >= value * (1 - 1e-9))


def time_axis(window: Window, top: float, bottom: float) -> list[Markup]:
    """Hairlines at round moments with their times of day, UTC."""
    parts = []
    for at in window.ticks():
        x = window.x(at)
        parts.append(line((x, top), (x, bottom), "grid"))
        parts.append(text(f"{datetime.fromtimestamp(at, UTC):%H:%M}", x, bottom + 15, anchor="middle"))
    return parts


def value_axis(scale: Scale, values: Sequence[tuple[float, str]]) -> list[Markup]:
    """Hairlines at values with their words at the left edge."""
    parts = []
    for value, words in values:
        y = scale.y(value)
        parts.append(line((LEFT, y), (WIDTH - RIGHT, y), "grid"))
        parts.append(text(words, LEFT - 6, y + 3.5, anchor="end"))
    return parts


def apart(wanted: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """Heights as near to the wanted ones as they can be with so much between them, in their order."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [0.0] * len(wanted)
    free = low
    for i in order:
        placed[i] = max(free, wanted[i])
        free = placed[i] + least
    room = high
    for i in reversed(order):
        placed[i] = min(placed[i], room)
        room = placed[i] - least
    return placed
