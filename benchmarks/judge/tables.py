"""The cells as Markdown tables: the comparison at a glance, each group in full, and the figures to be reached."""

from collections.abc import Callable, Iterable, Sequence

from benchmarks.judge.cells import OURS, Cell
from benchmarks.judge.scenarios import Group

REGRESSIONS = ("errors 1 to 5 %", "errors 1 to 2 %", "errors 0.1 to 0.5 %", "latency +25 %")
WORDS = {"none": "no history", "calm": "calm history", "same": "history alike"}


def report(cells: Sequence[Cell]) -> str:
    """All tables, each under its heading."""
    parts = [
        ("At a glance", overview(cells)),
        ("Good canaries: false rollbacks", pivot(_of(cells, Group.GOOD), share)),
        ("Differences too small to matter: false rollbacks", pivot(_of(cells, Group.MARGIN), share)),
        ("Requests of a client stay with one variant: false rollbacks", pivot(_of(cells, Group.LIMIT), share)),
        ("Bad canaries: power · median minute", pivot(_of(cells, Group.BAD), power)),
    ]
    return "\n\n".join(f"## {heading}\n\n{table}" for heading, table in parts if table)


def overview(cells: Sequence[Cell]) -> str:
    """A row a method: its worst case with good canaries, and its power with bad ones (600 requests a minute, 90/10)."""
    head = ["", "worst hour, errors", "worst hour, latency", "worst day", "too small to matter", *REGRESSIONS]
    return table(head, [_overview_row(name, [cell for cell in cells if label(cell) == name]) for name in labels(cells)])


def pivot(cells: Sequence[Cell], show: Callable[[Cell], str]) -> str:
    """A row a scenario, a column a method."""
    if not cells:
        return ""
    columns = labels(cells)
    found = {(_row(cell), label(cell)): show(cell) for cell in cells}
    rows = list(dict.fromkeys(_row(cell) for cell in cells))
    body = [[*row, *(found.get((row, column), "") for column in columns)] for row in rows]
    return table(["", "requests a minute", "split", "minutes", *columns], body)


def labels(cells: Iterable[Cell]) -> list[str]:
    """The methods in the order in which they came, ours last."""
    found = dict.fromkeys(label(cell) for cell in cells)
    return sorted(found, key=lambda name: name.startswith(OURS))


def label(cell: Cell) -> str:
    """A method's name; ours says what history it had."""
    return f"{cell.method}, {WORDS[cell.history]}" if cell.method.startswith(OURS) else cell.method


def share(cell: Cell) -> str:
    """A share with its interval."""
    return f"{percent(cell.rolled_back)} ({percent(cell.low)}–{percent(cell.high)})"


def power(cell: Cell) -> str:
    """How many were taken back, and by which minute half of all were."""
    median = "–" if cell.median_minute is None else str(cell.median_minute)
    return f"{100 * cell.rolled_back:.0f} % · {median}"


def percent(value: float) -> str:
    """With as many digits as mean something."""
    digits = 0 if value >= 0.1 or value == 0 else 1 if value >= 0.01 else 2
    return f"{100 * value:.{digits}f} %"


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A Markdown table that also reads well as text."""
    rows = [list(head), *(list(row) for row in body)]
    widths = [max(3, *(len(row[place]) for row in rows)) for place in range(len(head))]
    lines = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    ruler = "| " + " | ".join("-" * width for width in widths) + " |"
    return "\n".join([lines[0], ruler, *lines[1:]])


def worst(cells: Iterable[Cell]) -> Cell | None:
    """The cell with the most rollbacks."""
    return max(cells, key=lambda cell: cell.rolled_back, default=None)


def is_latency(cell: Cell) -> bool:
    """Whether the scenario is about slow requests."""
    return cell.scenario.startswith("latency")


def _overview_row(name: str, cells: Sequence[Cell]) -> list[str]:
    good = _of(cells, Group.GOOD)
    groups = [
        [cell for cell in good if cell.minutes <= 60 and not is_latency(cell)],
        [cell for cell in good if cell.minutes <= 60 and is_latency(cell)],
        [cell for cell in good if cell.minutes > 60],
        _of(cells, Group.MARGIN),
    ]
    bad = {cell.scenario: power(cell) for cell in _of(cells, Group.BAD) if cell.split == "90/10"}
    return [name, *(_worst(group) for group in groups), *(bad.get(scenario, "") for scenario in REGRESSIONS)]


def _worst(cells: Iterable[Cell]) -> str:
    found = worst(cells)
    return "" if found is None else f"{percent(found.rolled_back)} ({found.scenario}, {found.split})"


def _row(cell: Cell) -> tuple[str, str, str, str]:
    return cell.scenario, f"{cell.per_minute:.0f}", cell.split, str(cell.minutes)


def _of(cells: Iterable[Cell], group: Group) -> list[Cell]:
    return [cell for cell in cells if cell.group == group]
