"""What may be asked of a rollout, and when: each wish is possible only where the strategy and the phase allow it."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.core.rollout.wishes import Hearing, hear, paused_s, possible
from sluice.model.approval import Mode
from sluice.model.ids import Micros
from sluice.model.judging import Verdict
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, Snapshot, Wish, WishKind
from sluice.model.rollout_rules import Step
from tests.approvals import NOW
from tests.packages import BEN, CHEN
from tests.rollout_records import MINUTE, a_rollout, guarded_rules, rules

PAUSE, GO_ON, ADVANCE, PROMOTE, BACK = (
    WishKind.PAUSE,
    WishKind.GO_ON,
    WishKind.ADVANCE,
    WishKind.PROMOTE_NOW,
    WishKind.ROLL_BACK,
)
GUARDED: dict[str, Any] = {"rules": guarded_rules(), "step": 0}
SHADOWED = replace(guarded_rules(), shadow=Step(100, 600, 3600))


def a_wish(kind: WishKind, minute: float = 9, **changes: Any) -> Wish:
    """Ben's wish."""
    return replace(
        Wish(kind, BEN, "Ben", "support sees refused payments", Micros(NOW + int(minute * MINUTE))), **changes
    )


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({}, {PAUSE, PROMOTE, BACK}),
        ({"paused_at": NOW}, {GO_ON, PROMOTE, BACK}),
        ({"asked": "advance", "mode": Mode.RECOMMEND}, {PAUSE, ADVANCE, PROMOTE, BACK}),
        ({"asked": "promote", "mode": Mode.RECOMMEND}, {PAUSE, ADVANCE, PROMOTE, BACK}),
        ({"asked": "roll_back", "mode": Mode.RECOMMEND}, {PAUSE, PROMOTE, BACK}),
        ({"asked": "advance", "mode": Mode.RECOMMEND, "paused_at": NOW}, {GO_ON, PROMOTE, BACK}),
        ({"phase": Phase.SHIFTING}, {PAUSE, PROMOTE, BACK}),
        ({"phase": Phase.SHADOW}, {PAUSE, BACK}),
        ({"phase": Phase.PREPARING}, {BACK}),
        ({"phase": Phase.QUEUED}, set()),
        ({"phase": Phase.PROMOTING}, {BACK}),
        ({"phase": Phase.PROMOTING, "outcome": RolloutOutcome.PROMOTED}, set()),
        ({"phase": Phase.RETURNING}, set()),
        ({"phase": Phase.DONE, "outcome": RolloutOutcome.PROMOTED}, {BACK}),
        ({"phase": Phase.DONE, "outcome": RolloutOutcome.PROMOTED, "replaced": True}, set()),
        ({"phase": Phase.DONE, "outcome": RolloutOutcome.PROMOTED, "snapshot": Snapshot(None)}, set()),
        ({"phase": Phase.WATCHING, "mode": Mode.OBSERVE}, set()),
        ({"mode": Mode.OBSERVE}, set()),
        ({"outcome": RolloutOutcome.RETURNED}, set()),
        ({"wish": a_wish(BACK)}, set()),
        ({"phase": Phase.PREPARING, "snapshot": Snapshot(None)}, set()),
        (GUARDED | {"phase": Phase.GUARDED}, {BACK}),
        (GUARDED | {"phase": Phase.GUARDED, "asked": "roll_back", "mode": Mode.RECOMMEND}, {BACK}),
        (GUARDED | {"phase": Phase.SHADOW, "rules": SHADOWED, "asked": "advance"}, {PAUSE, ADVANCE, BACK}),
    ],
)  # fmt: skip
def test_only_what_makes_sense_now_can_be_asked(changes: dict[str, Any], expected: set[WishKind]) -> None:
    assert possible(a_rollout(**changes)) == expected


@pytest.mark.parametrize("kind", WishKind)
@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("plan", [rules(), guarded_rules(), SHADOWED], ids=["weighted", "guardrails", "shadow"])
def test_what_is_granted_is_what_is_possible(kind: WishKind, phase: Phase, mode: Mode, plan: Any) -> None:
    rollout = a_rollout(phase=phase, mode=mode, rules=plan, asked="advance")

    heard = hear(rollout, a_wish(kind))

    assert (heard.hearing is Hearing.GRANTED) == (kind in possible(rollout))
    assert (heard.rollout == rollout) == (heard.hearing is Hearing.REFUSED)
    assert heard.message


def test_a_wish_is_noted_with_its_person_and_its_reason() -> None:
    wish = a_wish(BACK)

    heard = hear(a_rollout(), wish)

    assert (heard.rollout.wish, heard.rollout.heard) == (wish, wish)


@pytest.mark.parametrize("kind", [PROMOTE, BACK])
@pytest.mark.parametrize("reason", ["", "  "])
def test_what_overrides_the_judge_needs_a_reason(kind: WishKind, reason: str) -> None:
    heard = hear(a_rollout(), a_wish(kind, reason=reason))

    assert (heard.hearing, "reason" in heard.message) == (Hearing.REFUSED, True)


def test_a_pause_needs_no_reason() -> None:
    assert hear(a_rollout(), a_wish(PAUSE, reason="")).hearing is Hearing.GRANTED


def test_a_pause_begins_when_it_was_pressed_and_its_seconds_are_summed_when_it_goes_on() -> None:
    paused = hear(a_rollout(paused_s=30), a_wish(PAUSE, 3)).rollout

    gone_on = hear(paused, a_wish(GO_ON, 5)).rollout

    assert (paused.paused_at, paused.paused_s) == (NOW + 3 * MINUTE, 30)
    assert (gone_on.paused_at, gone_on.paused_s) == (None, 30 + 120)


def test_only_the_part_of_a_pause_that_lies_in_the_present_step_counts() -> None:
    paused = replace(
        hear(a_rollout(phase=Phase.SHIFTING), a_wish(PAUSE, -4)).rollout, phase=Phase.STEP, phase_since=NOW
    )

    gone_on = hear(paused, a_wish(GO_ON, 1)).rollout

    assert gone_on.paused_s == 60


@pytest.mark.parametrize("kind", [PROMOTE, BACK])
def test_a_wish_to_end_it_ends_the_pause(kind: WishKind) -> None:
    paused = a_rollout(paused_at=Micros(NOW + MINUTE))

    heard = hear(paused, a_wish(kind, 2)).rollout

    assert (heard.paused_at, heard.paused_s) == (None, 60)


def test_a_pause_that_lasts_counts_up_to_now() -> None:
    rollout = a_rollout(paused_at=Micros(NOW + MINUTE), paused_s=5)

    assert paused_s(rollout, Micros(NOW + 2 * MINUTE)) == 65
    assert paused_s(rollout, NOW) == 5


@pytest.mark.parametrize("kind", [PAUSE, PROMOTE, BACK])
def test_the_same_press_twice_is_one_even_after_its_wish_was_fulfilled(kind: WishKind) -> None:
    once = hear(a_rollout(), a_wish(kind)).rollout

    again = hear(replace(once, wish=None), a_wish(kind))

    assert (again.hearing, again.rollout.wish) == (Hearing.ALREADY, None)


def test_a_press_that_comes_after_a_later_one_changes_nothing() -> None:
    gone_on = hear(hear(a_rollout(), a_wish(PAUSE, 3)).rollout, a_wish(GO_ON, 5)).rollout

    late = hear(gone_on, a_wish(PAUSE, 4, person=CHEN))

    assert (late.hearing, late.rollout) == (Hearing.ALREADY, gone_on)
    assert "Ben" in late.message


def test_a_return_is_heard_whenever_it_comes() -> None:
    paused = hear(a_rollout(), a_wish(PAUSE, 5)).rollout

    late = hear(paused, a_wish(BACK, 4, person=CHEN))

    assert late.hearing is Hearing.GRANTED
    assert late.rollout.wish == a_wish(BACK, 4, person=CHEN)


@pytest.mark.parametrize("kind", [PAUSE, PROMOTE, BACK])
def test_nothing_overrides_a_return_that_was_asked_for(kind: WishKind) -> None:
    asked = hear(a_rollout(), a_wish(BACK, 4)).rollout

    later = hear(asked, a_wish(kind, 5, person=CHEN))

    assert (later.hearing, later.rollout) == (Hearing.REFUSED, asked)
    assert "Ben has asked to take it back" in later.message


def test_an_answer_counts_for_the_step_about_which_it_was_asked() -> None:
    in_the_next_step = a_rollout(asked=Verdict.ADVANCE.value, mode=Mode.RECOMMEND, step=2)

    before, after = (hear(in_the_next_step, a_wish(ADVANCE, minute)) for minute in (-1, 1))

    assert (before.hearing, after.hearing) == (Hearing.REFUSED, Hearing.GRANTED)
    assert "moved on" in before.message


@pytest.mark.parametrize(
    "rollout, kind, words",
    [
        (a_rollout(phase=Phase.DONE, outcome=RolloutOutcome.PROMOTED), PROMOTE, "over: promoted"),
        (a_rollout(phase=Phase.DONE, outcome=RolloutOutcome.PROMOTED, replaced=True), BACK, "Another version serves"),
        (a_rollout(phase=Phase.PROMOTING, outcome=RolloutOutcome.PROMOTED), BACK, "as soon as that is on record"),
        (a_rollout(mode=Mode.OBSERVE), PAUSE, "only observed"),
        (a_rollout(outcome=RolloutOutcome.RETURNED, phase=Phase.RETURNING), PROMOTE, "decided already: returned"),
        (a_rollout(paused_at=NOW), PAUSE, "paused already"),
        (a_rollout(), GO_ON, "not paused"),
        (a_rollout(), ADVANCE, "Nobody is asked"),
        (a_rollout(asked="advance", paused_at=NOW), ADVANCE, "let it go on first"),
        (a_rollout(phase=Phase.SHADOW), PROMOTE, "once the candidate serves"),
        (a_rollout(phase=Phase.QUEUED), BACK, "nothing that could be taken back"),
        (a_rollout(phase=Phase.GUARDED, rules=guarded_rules()), PAUSE, "not steered"),
        (a_rollout(phase=Phase.GUARDED, rules=guarded_rules()), PROMOTE, "not steered"),
    ],
)
def test_a_refusal_says_why(rollout: Rollout, kind: WishKind, words: str) -> None:
    heard = hear(rollout, a_wish(kind))

    assert heard.hearing is Hearing.REFUSED
    assert words in heard.message
