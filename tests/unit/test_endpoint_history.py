"""What the ledger tells of rollouts, and whose requests are whose."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.console.endpoint.axes import Window
from local.console.endpoint.history import Marker, histories
from local.console.endpoint.lanes import Lanes, by_version, rates, shares, takeover_minute
from local.console.endpoint.rollout_words import (
    checks_in_words,
    counted,
    duration_words,
    looks_in_words,
    outcome_words,
    steps_of,
)
from local.console.endpoint.view import window_of
from local.console.release_path import Step
from local.console.rollout_path import stages
from local.rollout_story import lines_of
from sluice.model.ids import Micros
from sluice.model.ledger import LedgerRecord
from sluice.model.rollout import Phase, RolloutOutcome, Snapshot
from tests.rollout_records import a_rollout
from tests.unit.test_release_path import START

PACKAGE = "arn:aws:sagemaker:us-east-1:111122223333:model-package/fraud/3"
BEGUN = 1_795_500_000


def a_record(minute: int, kind: str, **body: Any) -> LedgerRecord:
    told = {"rollout_id": "r3", "package_arn": PACKAGE, "endpoint": "fraud-scoring"} | body
    at = Micros((BEGUN + 60 * minute) * 1_000_000)
    return LedgerRecord("group/fraud", minute, at, kind, "fraud/3/1", f"{kind}-{minute}", json.dumps(told), "", "")


def a_judgement(number: int, verdict: str = "continue") -> dict[str, Any]:
    metric = {"name": "errors", "verdict": verdict, "evidence": 2.5, "threshold": 100.0, "sentence": "…"}
    return {"number": number, "verdict": verdict, "sentence": "…", "metrics": [metric], "minutes": 3}


def a_canary() -> list[LedgerRecord]:
    return [
        a_record(0, "EndpointLocked"),
        a_record(1, "ChangeIntended", change="shift_traffic", effect=2, weights={"AllTraffic": 90.0, "candidate": 10}),
        a_record(2, "ChangeDone", change="shift_traffic", effect=2),
        a_record(5, "CanaryJudged", route="", judgement=a_judgement(1)),
        a_record(8, "CanaryJudged", route="shift", judgement=a_judgement(2, "advance")),
        a_record(12, "CanaryJudged", route="promote", judgement=a_judgement(3, "promote")),
        a_record(13, "ChangeIntended", change="promote", effect=3),
        a_record(16, "ChangeDone", change="promote", effect=3),
        a_record(17, "RolloutFinished", outcome="promoted", because="good enough"),
    ]


def test_a_rollout_is_told_from_its_lock_to_its_end() -> None:
    [told] = histories(reversed(a_canary()))

    assert (told.version, told.endpoint, told.outcome, told.because) == (3, "fraud-scoring", "promoted", "good enough")
    assert (told.begun_s, told.ended_s, told.takes_over_s) == (BEGUN, BEGUN + 17 * 60, BEGUN + 13 * 60)
    assert told.markers == (Marker(BEGUN + 120, "10 %", "calm"), Marker(BEGUN + 960, "promoted", "good"))


def test_looks_belong_to_steps_that_decisions_end() -> None:
    [told] = histories(a_canary())

    assert [(look.number, look.step) for look in told.looks] == [(1, 0), (2, 0), (3, 1)]


@pytest.mark.parametrize("numbers, words", [((1,), "1 look"), ((2, 3, 5, 5), "5 looks")])
def test_the_count_of_looks_agrees_with_the_number_of_the_last(numbers: tuple[int, ...], words: str) -> None:
    looks = [a_record(n, "CanaryJudged", route="", judgement=a_judgement(number)) for n, number in enumerate(numbers)]

    [told] = histories(looks)

    assert looks_in_words(told) == words


def test_entries_that_are_not_of_a_rollout_or_cannot_be_read_are_passed_over() -> None:
    broken = LedgerRecord("group/fraud", 1, Micros(1), "ChangeDone", "s", "k", "{", "", "")
    other = LedgerRecord("group/fraud", 2, Micros(2), "VoteCast", "s", "k2", '{"person": "U0BEN"}', "", "")

    assert histories([broken, other]) == []


def test_the_newest_rollout_is_the_first() -> None:
    later = [a_record(60, "EndpointLocked", rollout_id="r4")]

    assert [told.rollout_id for told in histories([*a_canary(), *later])] == ["r4", "r3"]


def test_production_is_the_new_version_once_the_candidate_variant_is_gone() -> None:
    window = Window(BEGUN, 6)
    production, candidate = [50.0, 50.0, 50.0, 60.0, 100.0, 100.0], [50.0, 50.0, 50.0, 40.0, None, None]

    takeover = takeover_minute(window, candidate, BEGUN + 60)

    assert takeover == 4
    assert shares(by_version(production, candidate, takeover)) == [0.5, 0.5, 0.5, 0.4, 1.0, 1.0]


def test_a_candidate_that_was_taken_back_leaves_production_as_it_was() -> None:
    lanes = by_version([90.0, 100.0], [10.0, None], takeover_minute(Window(BEGUN, 2), [10.0, None], None))

    assert shares(lanes) == [0.1, 0.0]


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=1, max_size=30))
def test_shares_are_parts_of_one_and_absent_without_requests(counts: list[tuple[int, int]]) -> None:
    found = shares(Lanes([float(b) for b, _ in counts], [float(c) for _, c in counts]))

    for share, (before, new) in zip(found, counts, strict=True):
        assert (share is None) == (before + new == 0)
        assert share is None or 0.0 <= share <= 1.0


def test_a_smoothed_rate_weighs_minutes_by_their_requests() -> None:
    assert rates([1.0, 0.0], [10.0, 90.0], over_min=2) == [0.1, 0.01]


def test_a_rate_is_not_told_for_a_minute_without_requests() -> None:
    assert rates([1.0, None], [10.0, None], over_min=5) == [0.1, None]


def test_the_window_of_a_rollout_holds_nothing_of_its_neighbours() -> None:
    [told] = histories(a_canary())
    before = replace(told, begun_s=BEGUN - 1800.0, ended_s=BEGUN - 120.0)
    after = replace(told, begun_s=BEGUN + 18 * 60.0, ended_s=None)

    alone = window_of(told, BEGUN + 7200.0, [told])
    between = window_of(told, BEGUN + 7200.0, [after, told, before])

    assert (alone.start_s, alone.end_s) == (BEGUN - 900, BEGUN + 17 * 60 + 900)
    assert (between.start_s, between.end_s) == (BEGUN - 120, BEGUN + 18 * 60)


def test_without_a_rollout_the_last_hour_is_drawn() -> None:
    window = window_of(None, BEGUN + 7200.0)

    assert (window.minutes, window.end_s) == (60, BEGUN + 7260)


def test_polls_and_looks_in_a_row_are_one_stage_and_no_problem() -> None:
    steps = [
        Step("DeployCandidate", START, START, problem="EndpointSettling: Updating"),
        *[Step("Look", START, START, problem="States.Timeout")] * 3,
        Step("Promote", START, problem="ChangeFailed: no capacity"),
    ]

    found = stages(steps)

    assert [stage.words for stage in found] == ["Deploy candidate", "Look × 3", "Promote"]
    assert [stage.step.problem for stage in found] == ["", "", "ChangeFailed: no capacity"]


def test_the_story_tells_a_verdict_with_its_numbers() -> None:
    metric = {"candidate_requests": 1000, "candidate_events": 31, "baseline_requests": 9000, "baseline_events": 90}
    judged = a_judgement(4, "roll_back")
    judged["metrics"][0] |= metric | {"evidence": 523.0, "threshold": 200.0}
    record = a_record(9, "CanaryJudged", route="return", reason="errors are worse", judgement=judged)

    lines = lines_of(record, json.loads(record.body), "4")

    assert lines == [
        "  judge, minute 3 of the step: errors 3.1 % against 1 %: worse, evidence 523 of 200",
        "  decided: errors are worse",
    ]


def test_an_outcome_that_is_not_known_here_is_no_error() -> None:
    [told] = histories([*a_canary()[:-1], a_record(17, "RolloutFinished", outcome="something newer")])

    assert outcome_words(told, None) == ("under way", "running")


def test_the_first_version_of_an_endpoint_has_one_step() -> None:
    made = a_rollout(phase=Phase.DONE, outcome=RolloutOutcome.PROMOTED, snapshot=Snapshot(None))

    assert [(step.words, step.state) for step in steps_of(made)] == [("the endpoint is made, with all traffic", "done")]


def test_steps_are_those_of_the_card_without_its_marks() -> None:
    first, *_, last = steps_of(a_rollout())

    assert (first.words, first.state) == ("5 % of the traffic: done", "done")
    assert (last.words, last.state) == ("promotion: all traffic", "ahead")


@pytest.mark.parametrize(
    "minutes, words", [(0, "1 min"), (27, "27 min"), (89, "89 min"), (90, "1 h 30 min"), (240, "4 h 0 min")]
)
def test_lengths_are_told_in_minutes_and_hours(minutes: int, words: str) -> None:
    assert duration_words(minutes * 60) == words


def test_rates_are_told_in_percent_and_means_as_they_are() -> None:
    assert (counted(31, 1000, mean=False), counted(350.0, 1000, mean=True), counted(0, 0, mean=False)) == (
        "3.10 %",
        "0.35",
        "–",
    )


def test_checks_that_did_not_pass_are_named() -> None:
    checked = a_record(1, "PreflightChecked", quota=["unknown", "…"], endpoint_kind=["passed", "…"])
    [told] = histories([a_record(0, "EndpointLocked"), checked])

    assert checks_in_words(told) == "1 check passed, quota unknown"
