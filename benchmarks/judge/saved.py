"""What a comparison leaves behind: its cells as lines, and what is made of them: tables and pictures."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.judge.cells import Cell, read_cells, write_cells
from benchmarks.judge.plots import draw
from benchmarks.judge.tables import overview, report
from benchmarks.judge.targets import targets

RESULTS, TABLES = "results.jsonl", "results.md"
BEGIN, END = "<!-- figures, by make bench-judge -->", "<!-- end of figures -->"
HEADING = """# The judge of canaries compared

Made by `make bench-judge` from `results.jsonl` beside it; [the judge's page](../judge.md) says what it means."""


def tables_of(cells: Sequence[Cell]) -> str:
    """Every table, the figures to be reached first."""
    return f"## Figures to be reached\n\n{targets(cells)}\n\n{report(cells)}"


def save(folder: Path, cells: Sequence[Cell]) -> None:
    """Keep the lines, in place of those about the same scenario and judge, and show all that is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    before = read_cells(folder / RESULTS) if (folder / RESULTS).exists() else []
    found = {cell.place: cell for cell in [*before, *cells]}
    write_cells(folder / RESULTS, found.values())
    show(folder)


def show(folder: Path) -> str:
    """The tables of what was kept; the file of tables and the pictures are made anew."""
    cells = read_cells(folder / RESULTS)
    draw(cells, folder)
    tables = tables_of(cells)
    (folder / TABLES).write_text(f"{HEADING}\n\n{tables}\n", encoding="utf-8")
    page = folder.with_suffix(".md")
    if page.exists():
        page.write_text(with_figures(page.read_text(encoding="utf-8"), cells), encoding="utf-8")
    return tables


def with_figures(page: str, cells: Sequence[Cell]) -> str:
    """The page about the judge with the short tables of these cells between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    short = f"{overview(cells)}\n\nAnd how far ours got:\n\n{targets(cells)}"
    return f"{before}{BEGIN}\n\n{short}\n\n{END}{after}"
