"""One figure of the comparison: what one judge did in one scenario, as a JSON line."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.judge.intervals import wilson
from benchmarks.judge.scenarios import Scenario

OURS = "Sluice"


@dataclass(frozen=True, slots=True)
class Cell:
    """Shares are of all runs, with Wilson's 95 % interval; a minute is null where fewer runs than that were taken back.

    `rolled_back` is the false rollbacks of a good canary and the power against a bad one.
    """

    group: str
    scenario: str
    history: str
    split: str
    per_minute: float
    minutes: int
    method: str
    alpha: float
    runs: int
    rolled_back: float
    low: float
    high: float
    median_minute: int | None
    p90_minute: int | None
    by_minute: list[float]

    @property
    def place(self) -> tuple[str, ...]:
        """What the cell is about: two cells of one place are two measurements of the same thing."""
        world = self.scenario, self.history, self.split, f"{self.per_minute:g}", f"{self.minutes}"
        return *world, self.method, f"{self.alpha:g}"

    @property
    def line(self) -> str:
        """As it is printed and kept."""
        return json.dumps({"benchmark": "judge", **asdict(self)}, ensure_ascii=False)


CURVE_MINUTES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60)
"""Where the curve of a cell is kept: the share taken back by then."""


def cell_of(scenario: Scenario, method: str, alpha: float, answers: Sequence[int]) -> Cell:
    """The cell of all runs' answers: the minute of each rollback, 0 where there was none."""
    world, runs = scenario.world, len(answers)
    taken_back = sorted(minute for minute in answers if minute)
    low, high = wilson(len(taken_back), runs)
    theirs = round(100 * world.split)
    return Cell(
        group=scenario.group,
        scenario=scenario.name,
        history=world.history,
        split=f"{100 - theirs}/{theirs}",
        per_minute=world.per_minute,
        minutes=world.minutes,
        method=method,
        alpha=alpha,
        runs=runs,
        rolled_back=round(len(taken_back) / runs, 5),
        low=round(low, 5),
        high=round(high, 5),
        median_minute=_quantile(taken_back, runs, 0.5),
        p90_minute=_quantile(taken_back, runs, 0.9),
        by_minute=[round(sum(minute <= end for minute in taken_back) / runs, 4) for end in CURVE_MINUTES],
    )


def read_cells(path: Path) -> list[Cell]:
    """The cells of a file of lines."""
    documents = (json.loads(line) for line in path.read_text().splitlines())
    return [Cell(**{name: document[name] for name in Cell.__dataclass_fields__}) for document in documents]


def write_cells(path: Path, cells: Iterable[Cell]) -> None:
    """One line a cell."""
    path.write_text("".join(f"{cell.line}\n" for cell in cells))


def _quantile(taken_back: Sequence[int], runs: int, share: float) -> int | None:
    """The minute by which that share of all runs was taken back."""
    needed = max(1, -int(-runs * share // 1))
    return taken_back[needed - 1] if needed <= len(taken_back) else None
