"""Recorded canaries, as others hand them over: each line is answered, and what is no canary says why."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from benchmarks.judge import command
from benchmarks.judge.recorded import answer_all


def _line(name: str = "a", **changes: Any) -> dict[str, Any]:
    """A calm hour of 1 % errors, changed as the test wants."""
    calm = {
        "id": name,
        "baseline": {"requests": [540] * 60, "errors": [5, 6] * 30},
        "canary": {"requests": [60] * 60, "errors": [1, 0, 1, 0, 1] * 12},
        "history": None,
    }
    return calm | changes


def _broken(name: str = "b", **changes: Any) -> dict[str, Any]:
    """The same hour, in which half of the canary's requests fail from the eleventh minute on."""
    errors = [1, 0, 1, 0, 1] * 2 + [30] * 50
    return _line(name, canary={"requests": [60] * 60, "errors": errors}, **changes)


def _answers(*lines: object, alpha: float = 0.01) -> tuple[list[dict[str, Any]], int]:
    encoded = (line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    answers = StringIO()
    code = answer_all(encoded, answers, alpha=alpha)
    return [json.loads(line) for line in answers.getvalue().splitlines()], code


def test_a_calm_canary_is_left_alone_and_a_broken_one_goes_back_after_it_broke() -> None:
    answers, code = _answers(_line("a"), _broken("b"))

    assert code == 0
    assert [answer["id"] for answer in answers] == ["a", "b"]
    assert answers[0]["roll_back_minute"] is None
    assert answers[0]["verdict_end"] in {"promote", "extend", "continue"}
    assert answers[1]["roll_back_minute"] > 10
    assert answers[1]["verdict_end"] == "roll_back"


def test_an_answer_holds_what_was_promised_and_nothing_else() -> None:
    answers, _ = _answers(_line(7))  # type: ignore[arg-type]  # ids may be numbers

    assert list(answers[0]) == ["id", "roll_back_minute", "verdict_end"]
    assert answers[0]["id"] == 7


def test_what_comes_after_the_rollback_does_not_change_its_minute() -> None:
    """Looking every minute means that the minute is known by then."""
    whole, _ = _answers(_broken())
    minute = whole[0]["roll_back_minute"]
    cut = {
        name: {field: values[:minute] for field, values in _broken()[name].items()} for name in ("baseline", "canary")
    }

    answers, _ = _answers(_broken() | cut)

    assert answers[0]["roll_back_minute"] == minute


def test_a_history_of_any_length_is_taken_with_its_gaps() -> None:
    history = {"requests": [600, None, 610, 590] * 50, "errors": [6, 5, None, 7] * 50}

    answers, code = _answers(_line(history=history), _line(history={"requests": [], "errors": []}))

    assert code == 0
    assert all(answer["roll_back_minute"] is None for answer in answers)


def test_a_minute_that_is_not_known_is_no_minute_without_errors() -> None:
    """Minutes 1 to 20 are lost; the canary is broken in all that are known."""
    requests, errors = [None] * 20 + [60] * 40, [None] * 20 + [30] * 40
    answers, code = _answers(_line(canary={"requests": requests, "errors": errors}))

    assert code == 0
    assert 21 <= answers[0]["roll_back_minute"] <= 40


def test_a_canary_without_a_minute_is_understood() -> None:
    nothing: dict[str, list[int]] = {"requests": [], "errors": []}

    answers, code = _answers(_line(baseline=nothing, canary=nothing))

    assert code == 0
    assert answers == [{"id": "a", "roll_back_minute": None, "verdict_end": "extend"}]


def test_a_smaller_alpha_never_takes_back_sooner() -> None:
    loose, _ = _answers(_broken(), alpha=0.2)
    strict, _ = _answers(_broken(), alpha=0.02)

    assert loose[0]["roll_back_minute"] <= strict[0]["roll_back_minute"]


@pytest.mark.parametrize(
    "line,complaint",
    [
        (b"{not json", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        ([1, 2], "the line is not a JSON object"),
        ({"baseline": {}}, "id is missing"),
        (_line(id=True), "id is missing"),
        (_line(baseline=None), "baseline is not a JSON object"),
        (_line(canary={"requests": [60] * 60}), "canary.errors is not a list"),
        (_line(canary={"requests": [60] * 60, "errors": "0" * 60}), "canary.errors is not a list"),
        (_line(canary={"requests": [60] * 60, "errors": [0] * 59}), "60 minutes of requests and 59 of errors"),
        (_line(canary={"requests": [60] * 59, "errors": [0] * 59}), "baseline has 60 minutes and canary 59"),
        (_line(canary={"requests": [60] * 60, "errors": [61] + [0] * 59}), "61 errors in 60 requests in minute 1"),
        (_line(canary={"requests": [60] * 60, "errors": [0, -1] + [0] * 58}), "has -1 in minute 2"),
        (_line(canary={"requests": [60] * 60, "errors": [0.5] + [0] * 59}), "has 0.5 in minute 1"),
        (_line(canary={"requests": [60] * 60, "errors": [float("nan")] + [0] * 59}), "has nan in minute 1"),
        (_line(canary={"requests": [60] * 60, "errors": [float("inf")] + [0] * 59}), "has inf in minute 1"),
        (_line(canary={"requests": [True] * 60, "errors": [0] * 60}), "has True in minute 1"),
        (_line(history={"requests": [600]}), "history.errors is not a list"),
        (_line(history={"requests": [600], "errors": []}), "history has 1 minutes of requests and 0 of errors"),
        (_line(history=[]), "history is not a JSON object"),
    ],
)
def test_a_line_that_is_no_canary_says_why_and_the_others_are_judged(line: object, complaint: str) -> None:
    answers, code = _answers(_line("before"), line, _line("after"))

    assert code == 1
    assert [answer["id"] for answer in answers if "error" not in answer] == ["before", "after"]
    assert answers[1]["line"] == 2
    assert complaint in answers[1]["error"]


def test_several_processes_answer_as_one_does_and_in_order() -> None:
    lines = [json.dumps(_broken(str(number))).encode() for number in range(4)] + [b"{}"]
    alone, shared = StringIO(), StringIO()

    codes = [answer_all(lines, alone, alpha=0.01), answer_all(lines, shared, alpha=0.01, jobs=2)]

    assert codes == [1, 1]
    assert alone.getvalue() == shared.getvalue()


def test_empty_lines_are_no_canaries_and_no_mistakes() -> None:
    answers, code = _answers(b"\n", _line(), b"  \n")

    assert code == 0
    assert len(answers) == 1


def test_the_command_judges_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "canaries.jsonl"
    file.write_text(json.dumps(_broken()) + "\n{}\n")
    monkeypatch.setattr("sys.argv", ["judge", "--input", str(file), "--alpha", "0.01"])

    code = command.main()

    assert code == 1
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert answers[0]["verdict_end"] == "roll_back"
    assert answers[1] == {"id": None, "line": 2, "error": "id is missing, or neither a text nor a whole number"}


def test_a_file_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["judge", "--input", str(tmp_path / "none.jsonl")])

    assert command.main() == 2
    assert "none.jsonl: No such file" in capsys.readouterr().err
