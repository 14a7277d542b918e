"""Labels of moments, each like a flag on its own line: on no other, and crossed by as few lines as can be. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from local.console.endpoint.axes import WIDTH

ROWS = (12.0, 25.0, 38.0, 51.0)
"""Heights of labels, the top row first."""
LETTER = 6.3
"""Width of a letter of a label, near enough to keep labels apart."""
_GAP = 3.0
_LEFT_COSTS, _ROW_COSTS = 0.5, 0.01
"""Against a line across a label, which costs 1: the left side is second best, and so is a row further down."""


@dataclass(frozen=True, slots=True)
class Flag:
    """Where a label goes: its moment's place, its row, and its left end; `words` is empty where there is no room."""

    x: float
    row: int
    left: float
    words: str

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.left + len(self.words) * LETTER

    def is_on(self, other: "Flag") -> bool:
        """Whether the two lie on each other."""
        return self.row == other.row and self.left < other.right + _GAP and other.left < self.right + _GAP

    def is_crossed_by(self, other: "Flag") -> bool:
        """Whether the other's line, which comes down from its label, goes through this label."""
        return other.row < self.row and self.left < other.x < self.right


def placed(moments: Sequence[tuple[float, str]]) -> list[Flag]:
    """One flag for each moment, in their order, from left to right."""
    flags: list[Flag] = []
    for x, words in moments:
        free = [f for f in _choices(x, words) if not any(f.is_on(other) for other in flags)]
        flags.append(min(free, key=lambda f: _costs(f, flags), default=Flag(x, len(ROWS) - 1, x, "")))
    return flags


def _choices(x: float, words: str) -> list[Flag]:
    width = len(words) * LETTER
    found = [Flag(x, row, left, words) for row, left in product(range(len(ROWS)), (x + _GAP, x - _GAP - width))]
    return [f for f in found if f.left >= 0 and f.right <= WIDTH]


def _costs(flag: Flag, others: Sequence[Flag]) -> float:
    crossings = sum(flag.is_crossed_by(other) + other.is_crossed_by(flag) for other in others)
    return crossings + (_LEFT_COSTS if flag.left < flag.x else 0) + _ROW_COSTS * flag.row
