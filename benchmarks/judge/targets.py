"""The figures that the judge has to reach, and how far it got: `win` is what it must, `moonshot` what would be best."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.judge.cells import OURS, Cell
from benchmarks.judge.scenarios import Group
from benchmarks.judge.tables import is_latency, label, percent, table, worst


@dataclass(frozen=True, slots=True)
class Bound:
    """What a cell must hold to: at most so many rolled back, or at least so many and by that minute half of them."""

    at_most: float = 1.0
    at_least: float = 0.0
    median: int | None = None

    def holds(self, cell: Cell) -> bool:
        """Whether the cell reaches the figure."""
        soon = self.median is None or (cell.median_minute is not None and cell.median_minute <= self.median)
        return self.at_least <= cell.rolled_back <= self.at_most and soon

    def __str__(self) -> str:
        """In words, as the table shows it."""
        most = [f"≤ {percent(self.at_most)}"] if self.at_most < 1 else []
        least = [f"≥ {percent(self.at_least)}"] if self.at_least else []
        return ", ".join([*most, *least, *([] if self.median is None else [f"median ≤ {self.median}"])])


@dataclass(frozen=True, slots=True)
class Target:
    """One row: the cells that it is about, of which the worst counts."""

    name: str
    about: Callable[[Cell], bool]
    win: Bound
    moonshot: Bound


def _bad(scenario: str) -> Callable[[Cell], bool]:
    return lambda cell: cell.scenario == scenario and cell.split == "90/10" and cell.per_minute == 600


FEW = Bound(0.01), Bound(0.005)
TARGETS = (
    Target("worst good canary, errors", lambda c: c.group == Group.GOOD and not is_latency(c), *FEW),
    Target("worst good canary, latency", lambda c: c.group == Group.GOOD and is_latency(c), *FEW),
    Target("worst too small to matter", lambda c: c.group == Group.MARGIN, *FEW),
    Target("errors 1 to 5 %", _bad("errors 1 to 5 %"), Bound(median=8), Bound(median=4)),
    Target("errors 1 to 2 %", _bad("errors 1 to 2 %"), Bound(1, 0.75, 38), Bound(1, 0.90, 29)),
    Target("errors 0.1 to 0.5 %", _bad("errors 0.1 to 0.5 %"), Bound(1, 0.55), Bound(1, 0.90, 29)),
    Target("latency +25 %", _bad("latency +25 %"), Bound(median=3), Bound(median=2)),
    Target("latency +25 %, quartile", _bad("latency +25 %, quartile"), Bound(median=3), Bound(median=2)),
)


def targets(cells: Sequence[Cell]) -> str:
    """A row for each figure and each history that it was measured with."""
    ours = [cell for cell in cells if cell.method == OURS]
    rows = [_row(target, cell) for target in TARGETS for cell in _worst_by_history(target, ours)]
    return table(["", "measured", "95 % interval", "median", "p90", "win", "reached", "moonshot", "reached"], rows)


def reached(cells: Sequence[Cell]) -> bool:
    """Whether every figure that must be reached is, with some history or none as the row asks."""
    ours = [cell for cell in cells if cell.method == OURS]
    return all(target.win.holds(cell) for target in TARGETS for cell in _worst_by_history(target, ours))


def _worst_by_history(target: Target, cells: Sequence[Cell]) -> list[Cell]:
    about = [cell for cell in cells if target.about(cell)]
    found = [worst(cell for cell in about if cell.history == history) for history in ("none", "calm", "same")]
    return [cell for cell in found if cell]


def _row(target: Target, cell: Cell) -> list[str]:
    minutes = ["–" if minute is None else str(minute) for minute in (cell.median_minute, cell.p90_minute)]
    case = "" if target.name == cell.scenario else f": {cell.scenario}, {cell.split}, {cell.minutes} min"
    figures = [percent(cell.rolled_back), f"{percent(cell.low)}–{percent(cell.high)}", *minutes]
    history = label(cell).removeprefix(f"{OURS}, ")
    bounds = [(str(bound), "yes" if bound.holds(cell) else "no") for bound in (target.win, target.moonshot)]
    return [f"{target.name}{case} ({history})", *figures, *(text for pair in bounds for text in pair)]
