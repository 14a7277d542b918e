"""A history of Step Functions becomes a path that a person can read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.console.release_path import path_of, span

START = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def entered(name: str, second: float) -> dict[str, Any]:
    at = START + timedelta(seconds=second)
    return {"type": "TaskStateEntered", "timestamp": at, "stateEnteredEventDetails": {"name": name}}


def exited(name: str, second: float, output: str = "{}") -> dict[str, Any]:
    at = START + timedelta(seconds=second)
    return {"type": "TaskStateExited", "timestamp": at, "stateExitedEventDetails": {"name": name, "output": output}}


def test_states_stand_in_order_with_what_they_took_and_gave() -> None:
    steps = path_of(
        [
            entered("CollectEvidence", 0),
            exited("CollectEvidence", 2, '{"digest": "sha256:ab"}'),
            entered("CheckGates", 2),
        ]
    )

    assert [(s.words, s.took) for s in steps] == [("Collect evidence", "2.0 s"), ("Check gates", "")]
    assert steps[0].output == {"digest": "sha256:ab"}
    assert steps[1].left is None


def test_a_state_entered_twice_is_two_steps() -> None:
    steps = path_of([entered("A", 0), exited("A", 1), entered("B", 1), exited("B", 2), entered("A", 2)])

    assert [(s.name, s.left is None) for s in steps] == [("A", False), ("B", False), ("A", True)]


def test_states_that_only_route_are_left_out() -> None:
    route = {"type": "ChoiceStateEntered", "timestamp": START, "stateEnteredEventDetails": {"name": "RouteGates"}}
    routed = {"type": "ChoiceStateExited", "timestamp": START, "stateExitedEventDetails": {"name": "RouteGates"}}

    assert [s.name for s in path_of([entered("A", 0), exited("A", 1), route, routed, entered("B", 1)])] == ["A", "B"]


def test_an_error_is_told_at_the_state_where_it_happened() -> None:
    failed = {
        "type": "LambdaFunctionFailed",
        "timestamp": START,
        "lambdaFunctionFailedEventDetails": {"error": "TransientFailure", "cause": "Slack"},
    }

    steps = path_of([entered("A", 0), failed])

    assert steps[0].problem == "TransientFailure: Slack"


def test_an_output_that_is_no_object_is_none() -> None:
    assert path_of([entered("A", 0), exited("A", 1, "[1]")])[0].output is None
    assert path_of([entered("A", 0), exited("A", 1, "{")])[0].output is None


@pytest.mark.parametrize(
    "seconds,words",
    [(0.05, "50 ms"), (59.94, "59.9 s"), (61, "1 min 1 s"), (3600, "1 h 0 min"), (200_000, "2 d 7 h")],
)
def test_spans_are_told_in_two_units(seconds: float, words: str) -> None:
    assert span(seconds) == words
