"""The comparison itself: cells, tables, figures to be reached, pictures."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.judge import command, saved
from benchmarks.judge.cells import OURS, Cell, cell_of, read_cells, write_cells
from benchmarks.judge.comparison import COMPETITORS, METHODS, Block, Extent, Judges, compare, judge_block
from benchmarks.judge.ours import LOOKS, SPARSE
from benchmarks.judge.plots import draw
from benchmarks.judge.scenarios import Group, Scenario
from benchmarks.judge.tables import percent, table
from benchmarks.judge.targets import Bound, reached
from benchmarks.judge.traffic import World

BROKEN = Scenario(Group.BAD, "errors 1 to 5 %", World(factor=5))


def _cell(**facts: object) -> Cell:
    return replace(cell_of(BROKEN, OURS, 0.01, [3] * 10), **facts)  # type: ignore[arg-type]  # each by its field's name


def test_a_cell_counts_runs_never_taken_back_as_later_than_all_minutes() -> None:
    cell = cell_of(BROKEN, OURS, 0.01, [3, 0, 5, 0, 4, 60, 0, 0, 9, 8])

    assert (cell.rolled_back, cell.median_minute, cell.p90_minute) == (0.6, 9, None)
    assert cell.by_minute[:7] == [0, 0, 0.1, 0.2, 0.3, 0.3, 0.4]
    assert cell.by_minute[-1] == 0.6


def test_a_cell_of_which_fewer_than_half_are_taken_back_has_no_median() -> None:
    assert cell_of(BROKEN, OURS, 0.01, [1, 0, 0]).median_minute is None


def test_a_median_is_the_minute_by_which_half_are_taken_back() -> None:
    assert cell_of(BROKEN, OURS, 0.01, [7, 0, 2, 0]).median_minute == 7


def test_cells_survive_being_written_and_read(tmp_path: Path) -> None:
    cells = [_cell(), _cell(scenario="latency ±10 % a minute", median_minute=None)]

    write_cells(tmp_path / "cells.jsonl", cells)

    assert read_cells(tmp_path / "cells.jsonl") == cells


def test_every_method_judges_a_block_and_the_same_block_the_same_way() -> None:
    block = Block(BROKEN, tuple(COMPETITORS), number=0, runs=3, alpha=0.01)

    answers = judge_block(block)

    assert answers == judge_block(block)
    assert list(answers) == list(METHODS)
    assert all(len(minutes) == 3 for minutes in answers.values())
    assert all(0 < minute <= 60 for minutes in answers.values() for minute in minutes)


def test_sparse_looks_never_take_back_before_looks_each_minute() -> None:
    answers = judge_block(Block(BROKEN, (), number=1, runs=10, alpha=0.01))

    assert all(each <= sparse for each, sparse in zip(*answers.values(), strict=True) if sparse)
    assert set(answers[SPARSE]) <= {0, *LOOKS}


@pytest.mark.parametrize(
    "bound,rolled_back,median,holds",
    [
        (Bound(0.01), 0.01, None, True),
        (Bound(0.01), 0.0101, None, False),
        (Bound(1, 0.75, 38), 0.75, 38, True),
        (Bound(1, 0.75, 38), 0.749, 38, False),
        (Bound(1, 0.75, 38), 0.75, 39, False),
        (Bound(1, 0.75, 38), 0.75, None, False),
    ],
)
def test_a_figure_is_reached_at_its_bound(bound: Bound, rolled_back: float, median: int | None, *, holds: bool) -> None:
    assert bound.holds(_cell(rolled_back=rolled_back, median_minute=median)) is holds


def test_one_bad_case_with_good_canaries_is_a_figure_missed() -> None:
    good = {"group": "good", "scenario": "calm", "median_minute": None}

    assert reached([_cell(), _cell(**good, rolled_back=0.01)])
    assert not reached([_cell(), _cell(**good, rolled_back=0.0), _cell(**good, rolled_back=0.02)])
    assert reached([_cell(), _cell(**good, rolled_back=0.9, method="e-mix")])


@pytest.mark.parametrize(
    "value,text", [(0, "0 %"), (0.0005, "0.05 %"), (0.012, "1.2 %"), (0.504, "50 %"), (1, "100 %")]
)
def test_a_share_has_as_many_digits_as_mean_something(value: float, text: str) -> None:
    assert percent(value) == text


def test_a_table_is_aligned() -> None:
    assert table(["", "b"], [["long", "1"]]) == "|      | b   |\n| ---- | --- |\n| long | 1   |"


def test_both_pictures_are_drawn_the_same_each_time(tmp_path: Path) -> None:
    cells = [_cell(), _cell(group="good", scenario="calm"), _cell(method="e-mix")]

    first = [path.read_bytes() for path in draw(cells, tmp_path)]
    second = [path.read_bytes() for path in draw(cells, tmp_path)]

    assert first == second
    assert all(picture.startswith(b"<?xml") for picture in first)


def test_what_is_measured_again_takes_the_place_of_what_was_kept_and_the_rest_stays(tmp_path: Path) -> None:
    saved.save(tmp_path, [_cell(), _cell(method="e-mix")])
    saved.save(tmp_path, [_cell(rolled_back=0.5)])

    kept = read_cells(tmp_path / saved.RESULTS)

    assert [(cell.method, cell.rolled_back) for cell in kept] == [(OURS, 0.5), ("e-mix", 1.0)]


def test_a_page_beside_the_kept_results_gets_their_figures_and_keeps_its_words(tmp_path: Path) -> None:
    page = tmp_path / "judge.md"
    page.write_text(f"Words.\n\n{saved.BEGIN}\nold\n{saved.END}\n\nMore words.\n")

    saved.save(tmp_path / "judge", [_cell()])

    text = page.read_text()
    assert text.startswith("Words.")
    assert text.endswith("More words.\n")
    assert "errors 1 to 5 %" in text
    assert "old" not in text


def test_judges_can_be_asked_apart() -> None:
    extent = Extent(runs=2, alpha=0.01)

    theirs = [cell.method for cell in compare([BROKEN], replace(extent, judges=Judges.OTHERS))]
    own = [cell.method for cell in compare([BROKEN], replace(extent, judges=Judges.OURS))]

    assert theirs == list(COMPETITORS)
    assert own == [OURS, SPARSE]


def test_a_quick_comparison_prints_a_line_a_cell_and_keeps_what_can_be_shown_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--quick", "--runs", "3", "--jobs", "1", "--only", "1 to 5 %", "--save", str(tmp_path)]
    monkeypatch.setattr("sys.argv", ["judge", *arguments])

    command.main()

    timing, *lines = capsys.readouterr().out.splitlines()
    assert '"benchmark": "judge_verdict"' in timing
    assert [cell.method for cell in read_cells(tmp_path / saved.RESULTS)] == [*METHODS]
    assert len(lines) == len(METHODS)
    monkeypatch.setattr("sys.argv", ["judge", "--show", str(tmp_path)])
    assert command.main() == 0
    assert "errors 1 to 5 % (no history)" in capsys.readouterr().out
