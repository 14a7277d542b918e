"""How a rollout ended is told to the channel, each end with what to do about it."""

import json
from dataclasses import replace

import pytest

from sluice.core.card import Card
from sluice.core.rollout.notices import ended_notice, hold_cleared
from sluice.model.approval import Mode
from sluice.model.judging import Caveat, Verdict
from sluice.model.rollout import RolloutOutcome, Snapshot
from tests.packages import BEN
from tests.rollout_records import BAD, OPEN, a_look, a_rollout, ended


def told(outcome: RolloutOutcome, because: str = "Errors rose threefold.", **changes: object) -> Card:
    notice = ended_notice(ended(outcome, because, **changes))
    assert notice is not None
    return notice


def said(card: Card) -> str:
    return json.dumps(card.blocks, ensure_ascii=False)


@pytest.mark.parametrize("outcome", RolloutOutcome)
def test_every_end_names_version_endpoint_region_and_reason(outcome: RolloutOutcome) -> None:
    notice = told(outcome)

    for text in (said(notice), notice.text):
        assert "fraud-detector" in text
        assert "fraud-prod" in text
        assert "us-east-1" in text
        assert "Errors rose threefold." in text
    assert "7" in notice.text


def test_a_rollout_without_an_end_has_no_notice() -> None:
    assert ended_notice(a_rollout()) is None


def test_a_return_tells_the_numbers_and_what_becomes_of_the_version() -> None:
    notice = told(RolloutOutcome.RETURNED, look=a_look(BAD))

    assert "*3.08 × baseline* (2.21 to 4.29)" in said(notice)
    assert "*Rejected* in the registry" in said(notice)


def test_a_refusal_lists_each_check_that_failed() -> None:
    notice = told(RolloutOutcome.REFUSED, "Quota: 4 of 4 instances are in use.\nTwo instances are needed, one serves.")

    assert "• Quota: 4 of 4 instances are in use." in said(notice)
    assert "• Two instances are needed, one serves." in said(notice)


@pytest.mark.parametrize("outcome", [RolloutOutcome.FAILED, RolloutOutcome.WITHDRAWN])
def test_where_nothing_served_before_nothing_is_said_to_serve_again(outcome: RolloutOutcome) -> None:
    notice = told(outcome, "no capacity", snapshot=Snapshot(None), look=None)

    assert "Nothing served there before." in said(notice)
    assert "serves again" not in said(notice)


def test_what_was_refused_says_how_it_is_tried_again() -> None:
    assert "press *Try again* on its card" in said(told(RolloutOutcome.REFUSED, "no room"))
    assert "approve the version anew" in said(told(RolloutOutcome.REFUSED, "The policy has no rollout.", rules=None))


def test_a_refusal_for_many_reasons_says_how_many_it_leaves_out() -> None:
    notice = told(RolloutOutcome.REFUSED, "\n".join(f"check {n} failed" for n in range(20)))

    assert "…and 8 more" in said(notice)


def test_a_hold_calls_those_who_can_clear_it_and_says_how() -> None:
    notice = told(RolloutOutcome.HELD)

    assert "🚨 <@U0BEN>, <!subteam^S0MLENG>: " in said(notice)
    assert "*Clear hold…*" in said(notice)


def test_nobody_is_called_for_an_end_that_is_not_urgent() -> None:
    assert "<@" not in said(told(RolloutOutcome.RETURNED))


def test_what_was_only_observed_says_so_and_how_weak_the_comparison_was() -> None:
    compared = replace(BAD, caveats=(Caveat.BEFORE_AFTER,))

    weak = told(RolloutOutcome.OBSERVED, "It would have been taken back.", mode=Mode.OBSERVE, look=a_look(compared))
    strong = told(RolloutOutcome.OBSERVED, "It would have been taken back.", mode=Mode.OBSERVE, look=a_look(BAD))

    assert "It would have been taken back." in said(weak)
    assert "nothing was changed" in said(weak)
    assert "*Before against after*: the weaker comparison" in said(weak)
    assert "Before against after" not in said(strong)


def test_a_cleared_hold_names_who_cleared_it_and_why() -> None:
    notice = hold_cleared(ended(RolloutOutcome.HELD), BEN, "capacity is back")

    assert "<@U0BEN> *cleared the hold*" in said(notice)
    assert "capacity is back" in said(notice)
    assert "capacity is back" in notice.text


def test_a_metric_whose_numbers_are_in_the_reason_is_not_told_again() -> None:
    look = a_look(BAD, OPEN, verdict=Verdict.ROLL_BACK)

    shown = said(told(RolloutOutcome.RETURNED, BAD.sentence, look=look))

    assert shown.count(BAD.sentence) == 1
    assert "`errors`" not in shown
    assert "`latency p95`" in shown
