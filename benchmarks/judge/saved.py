"""What a comparison leaves behind: its cells as lines, and what is made of them: tables and pictures."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.judge.cells import Cell, read_cells, write_cells
from benchmarks.judge.plots import draw
from benchmarks.judge.tables import report
from benchmarks.judge.targets import targets

RESULTS = "results.jsonl"


def tables_of(cells: Sequence[Cell]) -> str:
    """Every table, the figures to be reached first."""
    return f"### Figures to be reached\n\n{targets(cells)}\n\n{report(cells)}"


def save(folder: Path, cells: Sequence[Cell]) -> None:
    """Keep the lines, and draw them."""
    folder.mkdir(parents=True, exist_ok=True)
    write_cells(folder / RESULTS, cells)
    draw(cells, folder)


def show(folder: Path) -> str:
    """The tables of what was kept; the pictures are drawn anew."""
    cells = read_cells(folder / RESULTS)
    draw(cells, folder)
    return tables_of(cells)
