"""docs/judge.md: its figures are those of the kept results, and its example is answered as it says."""

import json
import re
from io import StringIO
from pathlib import Path

from benchmarks.judge.cells import read_cells
from benchmarks.judge.recorded import answer_all
from benchmarks.judge.saved import RESULTS, TABLES, tables_of, with_figures
from benchmarks.judge.tables import overview
from benchmarks.judge.targets import targets

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "judge.md").read_text(encoding="utf-8")
CELLS = read_cells(DOCS / "judge" / RESULTS)


def test_the_page_shows_the_figures_that_were_measured() -> None:
    assert with_figures(PAGE, CELLS) == PAGE
    assert targets(CELLS) in PAGE
    assert overview(CELLS) in PAGE


def test_the_tables_are_those_of_the_kept_results() -> None:
    assert tables_of(CELLS) in (DOCS / "judge" / TABLES).read_text(encoding="utf-8")


def test_every_figure_rests_on_two_thousand_runs() -> None:
    assert CELLS
    assert all(cell.runs >= 2000 for cell in CELLS)


def test_the_example_of_a_recording_is_answered_as_the_page_says() -> None:
    recording, answer = re.findall(r"```json\n(.*)\n```", PAGE)
    answers = StringIO()

    assert answer_all([recording.encode()], answers, alpha=0.01) == 0
    assert json.loads(answers.getvalue()) == json.loads(answer)
