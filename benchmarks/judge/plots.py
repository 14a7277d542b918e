"""Two pictures of the cells: how soon bad canaries are taken back, and how often good ones."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.judge.cells import CURVE_MINUTES, OURS, Cell
from benchmarks.judge.scenarios import Group
from benchmarks.judge.tables import REGRESSIONS, label, labels

COLOURS = {
    "alarm 3 of 3": "#9a9a9a",
    "Kayenta at the end": "#c7a76c",
    "Kayenta each 5 min": "#b07a1e",
    "multinomial": "#8a6bb0",
    "e-mix": "#c8553d",
    "oracle": "#222222",
    OURS: "#1f6fb4",
}
MARKERS = {"none": "s", "same": "o", "calm": "^"}
"""Ours by its history; filled where that was like the canary's hour."""
RATES = (0, 0.005, 0.01, 0.05, 0.1, 0.5, 1)


def draw(cells: Sequence[Cell], folder: Path) -> list[Path]:
    """Write both pictures as SVG, the same bytes for the same cells."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {"power.svg": power(cells), "false_rollbacks.svg": false_rollbacks(cells)}
    with mpl.rc_context({"svg.hashsalt": "sluice"}):
        for name, figure in pictures.items():
            figure.savefig(folder / name, format="svg", metadata={"Date": None}, bbox_inches="tight")
    return [folder / name for name in pictures]


def power(cells: Sequence[Cell]) -> Figure:
    """Four panels, a regression each: the share of bad canaries taken back by each minute, 90/10."""
    figure = Figure(figsize=(10, 7), layout="constrained")
    panels = figure.subplots(2, 2, sharex=True, sharey=True)
    for axes, scenario in zip(panels.flat, REGRESSIONS, strict=True):
        _power_panel(axes, [cell for cell in cells if cell.scenario == scenario and cell.split == "90/10"])
        axes.set_title(scenario, fontsize=10)
    _legend(figure, columns=4)
    figure.supxlabel("minutes of canary, 600 requests a minute", fontsize=9)
    figure.supylabel("share of bad canaries taken back", fontsize=9)
    return figure


def _power_panel(axes: Axes, cells: Iterable[Cell]) -> None:
    for cell in cells:
        if cell.method in COLOURS:
            style = "--" if cell.method == OURS and cell.history == "none" else "-"
            width = 2.4 if cell.method == OURS else 1.2
            curve = [0.0, *cell.by_minute]
            axes.step(
                [0, *CURVE_MINUTES], curve, style, where="post", color=COLOURS[cell.method], lw=width, label=label(cell)
            )
    _plain(axes)


def false_rollbacks(cells: Sequence[Cell]) -> Figure:
    """A row a scenario without any difference, a dot a method: the share of good canaries taken back."""
    good = [cell for cell in cells if cell.group == Group.GOOD and cell.method in COLOURS]
    rows = list(dict.fromkeys(_case(cell) for cell in good))
    figure = Figure(figsize=(9, 1.2 + 0.24 * len(rows)), layout="constrained")
    axes = figure.subplots()
    for name in labels(good):
        _dots(axes, [cell for cell in good if label(cell) == name], rows)
    axes.axvline(cells[0].alpha, color="#222222", lw=0.8, ls=":")
    axes.set_xscale("symlog", linthresh=0.005, linscale=0.6)
    axes.set_xlim(-0.0003, 1.2)
    axes.set_xticks(RATES, [f"{100 * rate:g} %" for rate in RATES])
    axes.set_yticks(range(len(rows)), rows, fontsize=7)
    axes.invert_yaxis()
    axes.set_xlabel("good canaries taken back; the dotted line is alpha", fontsize=9)
    _legend(figure, columns=3)
    _plain(axes)
    return figure


def _dots(axes: Axes, cells: Sequence[Cell], rows: Sequence[str]) -> None:
    """One judge's share in each row that it was asked about, with its interval; ours by history."""
    places, shares = [rows.index(_case(cell)) for cell in cells], [cell.rolled_back for cell in cells]
    below = [max(0.0, cell.rolled_back - cell.low) for cell in cells]
    above = [max(0.0, cell.high - cell.rolled_back) for cell in cells]
    method, name = cells[0].method, label(cells[0])
    marker, size = (MARKERS[cells[0].history], 6) if method == OURS else ("o", 4)
    face = "none" if method == OURS and cells[0].history != "same" else COLOURS[method]
    axes.errorbar(
        shares, places, xerr=[below, above], fmt=marker, lw=0.8, color=COLOURS[method], mfc=face, label=name, ms=size
    )


def _legend(figure: Figure, *, columns: int) -> None:
    """Each name once, whichever panel it is in."""
    pairs = [axes.get_legend_handles_labels() for axes in figure.axes]
    handles = {name: handle for found in pairs for handle, name in zip(*found, strict=True)}
    if handles:
        figure.legend(
            handles.values(), handles.keys(), loc="outside upper center", ncols=columns, fontsize=8, frameon=False
        )


def _case(cell: Cell) -> str:
    return f"{cell.scenario}, {cell.split}, {'1 h' if cell.minutes <= 60 else '24 h'}"


def _plain(axes: Axes) -> None:
    axes.grid(visible=True, color="#e6e6e6", lw=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
