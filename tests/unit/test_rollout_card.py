"""The card of a rollout tells where it stands, what was found and what can be asked, in each of its states."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sluice.core.card import Card
from sluice.core.rollout.card import rollout_card
from sluice.core.rollout.presses import CLEAR_HOLD, FORMS, PRESSES
from sluice.core.rollout.progress import bar
from sluice.core.rollout.wishes import possible
from sluice.model.approval import Mode
from sluice.model.ids import Micros
from sluice.model.judging import Caveat, MetricKind, MetricRule, MetricVerdict, Verdict
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, Snapshot, Wish, WishKind
from sluice.model.rollout_rules import GuardrailKind, Guardrails, Step, Strategy
from tests.approvals import NOW
from tests.packages import BEN
from tests.rollout_records import (
    BAD,
    GOOD,
    MINUTE,
    OPEN,
    ROLLOUT,
    a_look,
    a_rollout,
    ended,
    guarded_rules,
    rules,
)


def draw(rollout: Rollout) -> Card:
    return rollout_card(rollout, NOW)


def said(card: Card) -> str:
    """Everything that stands on a card."""
    return json.dumps(card.blocks, ensure_ascii=False).replace("\\n", "\n")


def buttons(card: Card) -> dict[str, dict[str, Any]]:
    """The buttons by their action_id."""
    return {e["action_id"]: e for block in card.blocks if block["type"] == "actions" for e in block["elements"]}


def test_the_header_names_version_endpoint_and_region() -> None:
    card = draw(a_rollout())

    assert card.blocks[0]["text"]["text"] == "fraud-detector v7 → fraud-prod (us-east-1)"


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"phase": Phase.REQUESTED, "rules": None, "look": None}, "Requested"),
        ({"phase": Phase.QUEUED, "look": None}, "Waiting for its turn"),
        ({"phase": Phase.PREPARING, "look": None}, "Preparing"),
        ({"phase": Phase.SHADOW}, "Shadow: a copy of the traffic"),
        ({"phase": Phase.SHIFTING}, "Moving traffic to step 2 of 3 at 25 %"),
        ({}, "Step 2 of 3 at 25 %"),
        ({"paused_at": NOW}, "Paused in step 2 of 3 at 25 %"),
        ({"phase": Phase.GUARDED, "rules": guarded_rules()}, "SageMaker moves the traffic"),
        ({"phase": Phase.WATCHING, "mode": Mode.OBSERVE}, "Watching a deployment of others"),
        ({"phase": Phase.PROMOTING}, "Promoting"),
        ({"phase": Phase.RETURNING, "outcome": RolloutOutcome.RETURNED, "because": "worse"}, "Taking back"),
        (
            {"phase": Phase.RETURNING, "outcome": RolloutOutcome.RETURNED},
            "Taking back: its traffic is being taken away",
        ),
        ({"phase": Phase.RETURNING, "emptied": True}, "Taking back: nobody is served by it"),
        ({"phase": Phase.RETURNING, "emptied": True, "returned": True}, "Taken back: what served before serves again"),
        ({"phase": Phase.DONE, "outcome": RolloutOutcome.PROMOTED}, "was promoted"),
        ({"phase": Phase.DONE, "outcome": RolloutOutcome.HELD, "because": "no room"}, "endpoint on hold"),
    ],
)
def test_the_state_is_told_in_words_on_the_card_and_to_who_sees_only_text(changes: dict[str, Any], words: str) -> None:
    card = draw(a_rollout(**changes))

    assert words in said(card)
    assert words.lower() in card.text.lower()


@pytest.mark.parametrize("outcome", RolloutOutcome)
def test_every_outcome_is_told_with_its_reason(outcome: RolloutOutcome) -> None:
    card = draw(ended(outcome, "Errors rose threefold."))

    assert "Errors rose threefold." in said(card)
    assert "Errors rose threefold." in card.text


@pytest.mark.parametrize(
    "changes, drawn",
    [
        ({}, "`▓▓▓▓▓░░░░░░░░░░░░░░░` *25 %* candidate, 75 % as before"),
        ({"phase": Phase.SHIFTING}, "*5 %* candidate"),
        ({"phase": Phase.PREPARING}, "*0 %* candidate"),
        ({"phase": Phase.SHADOW, "step": 0}, "*0 %* candidate"),
        ({"phase": Phase.RETURNING, "emptied": True}, "*0 %* candidate"),
        ({"phase": Phase.PROMOTING, "step": 2}, "*50 %* candidate"),
        ({"phase": Phase.DONE, "outcome": RolloutOutcome.PROMOTED}, "`▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓` *100 %* candidate"),
        ({"phase": Phase.DONE, "outcome": RolloutOutcome.RETURNED}, "`░░░░░░░░░░░░░░░░░░░░` *0 %* candidate"),
    ],
)
def test_a_bar_shows_the_share_of_the_traffic(changes: dict[str, Any], drawn: str) -> None:
    assert drawn in said(draw(a_rollout(**changes)))


@pytest.mark.parametrize(
    "rollout",
    [
        a_rollout(phase=Phase.GUARDED, rules=guarded_rules()),
        a_rollout(phase=Phase.WATCHING, mode=Mode.OBSERVE),
        ended(RolloutOutcome.HELD),
        ended(RolloutOutcome.DIVERGED),
    ],
)
def test_no_bar_shows_a_share_that_sluice_does_not_know(rollout: Rollout) -> None:
    assert "candidate," not in said(draw(rollout)).replace("of the candidate,", "")


@pytest.mark.parametrize("share, filled", [(0, 0), (0.1, 1), (1, 1), (50, 10), (99.9, 19), (100, 20)])
def test_a_small_share_still_shows_and_only_all_is_full(share: float, filled: int) -> None:
    assert bar(share).count("▓") == filled
    assert bar(share).count("░") == 20 - filled


def test_steps_say_what_is_done_what_goes_on_and_what_is_to_come() -> None:
    shown = said(draw(a_rollout(rules=rules(shadow=Step(100, 600, 3600)))))

    assert "✅ shadow: a copy of 100 % of the traffic: done" in shown
    assert "✅ 5 % of the traffic: done" in shown
    assert "▶️ *25 % of the traffic*, since <!date^" in shown
    assert "at least 10 min, at most 1 h" in shown
    assert "▫️ 50 % of the traffic" in shown
    assert "▫️ promotion: all traffic" in shown


def test_the_steps_of_a_rollout_that_was_taken_back_say_where_it_stopped() -> None:
    shown = said(draw(ended(RolloutOutcome.RETURNED)))

    assert "✅ 5 % of the traffic: done" in shown
    assert "⏹ 25 % of the traffic: stopped here" in shown
    assert "▫️ 50 % of the traffic: not reached" in shown


@pytest.mark.parametrize(
    "kind, words",
    [("ALL_AT_ONCE", "all at once"), ("CANARY", "canary: 10 % first"), ("LINEAR", "linear: 10 % at a time")],
)
def test_the_way_in_which_sagemaker_moves_the_traffic_is_told(kind: str, words: str) -> None:
    plan = rules(strategy=Strategy.GUARDRAILS, steps=(), guardrails=Guardrails(GuardrailKind(kind), 10))

    assert f"SageMaker's update, {words}" in said(draw(a_rollout(phase=Phase.GUARDED, step=0, rules=plan)))


def test_all_steps_of_a_promoted_rollout_are_done() -> None:
    assert said(draw(ended(RolloutOutcome.PROMOTED, step=2))).count(": done") == 4


def test_no_step_of_a_rollout_that_never_began_was_reached() -> None:
    shown = said(draw(ended(RolloutOutcome.REFUSED, step=0, phase_since=Micros(0), look=None)))

    assert (shown.count(": not reached"), shown.count(": done"), shown.count("stopped here")) == (4, 0, 0)


def test_a_metric_shows_verdict_effect_interval_evidence_and_counts() -> None:
    shown = said(draw(a_rollout(look=a_look(BAD, verdict=Verdict.ROLL_BACK))))

    assert "❌ *Worse*  `errors`" in shown
    assert "*3.08 × baseline* (2.21 to 4.29)" in shown
    assert "evidence that it is worse: *4,300*; taken back at 100" in shown
    assert "candidate 3.09 % (220 of 7,130)" in shown
    assert "baseline 1 % (214 of 21,400)" in shown


def test_the_numbers_of_a_metric_are_told_once_on_a_card() -> None:
    worse = a_look(BAD, OPEN, verdict=Verdict.ROLL_BACK, sentence=f"{BAD.sentence}; {OPEN.sentence}")
    running = draw(a_rollout(look=worse))
    over = draw(ended(RolloutOutcome.RETURNED, f"It was worse. {BAD.sentence}", look=worse))

    assert "errors: worse; latency p95: undecided" in said(running)
    assert "It was worse. errors: worse" in said(over)
    for card in (running, over):
        assert BAD.sentence not in said(card)
        assert said(card).count("*3.08 × baseline*") == 1
    assert running.text.count("errors: worse") == 1


def test_the_reason_of_an_end_is_not_told_again_as_what_the_last_look_found() -> None:
    worse = a_look(BAD, verdict=Verdict.ROLL_BACK, sentence=BAD.sentence)

    assert said(draw(ended(RolloutOutcome.RETURNED, BAD.sentence, look=worse))).count("errors: worse") == 1


def test_a_caveat_is_told_once_with_the_metrics_that_it_is_about() -> None:
    missing = (Caveat.MINUTES_MISSING,)
    some = a_look(replace(GOOD, caveats=missing), replace(OPEN, caveats=missing), replace(BAD, name="refusals"))
    all_of_them = a_look(*(replace(m, caveats=missing) for m in some.metrics))

    assert said(draw(a_rollout(look=some))).count("Some minutes are missing (`latency p95`, `errors`).") == 1
    assert said(draw(a_rollout(look=all_of_them))).count("Some minutes are missing.") == 1


def test_a_mean_is_shown_as_a_difference_and_averages() -> None:
    kpi = MetricVerdict("approved", Verdict.CONTINUE, 1.0, 100.0, "", -0.012, -0.03, 0.006, 1000, 420.0, 500, 204.0)

    shown = said(draw(a_rollout(look=a_look(kpi))))

    assert "*-0.012 on average* (-0.03 to +0.006)" in shown
    assert "candidate 0.408 on average of 500" in shown


@pytest.mark.parametrize("value", [None, float("inf"), float("nan")])
def test_what_is_not_known_is_told_as_such(value: float | None) -> None:
    metric = MetricVerdict("errors", Verdict.EXTEND, 1.0, 100.0, "", 1.0, 0.2, value)

    shown = said(draw(a_rollout(look=a_look(metric))))

    assert "(0.2 to unknown)" in shown
    assert "candidate no requests yet" in shown


def test_a_metric_without_effect_says_so() -> None:
    metric = MetricVerdict("errors", Verdict.EXTEND, 1.0, 100.0, "No error was seen yet.")

    assert "no effect can be told yet" in said(draw(a_rollout(look=a_look(metric))))


def test_the_worst_metric_comes_first() -> None:
    shown = said(draw(a_rollout(look=a_look(GOOD, OPEN, replace(BAD, name="refusals")))))

    assert shown.index("`refusals`") < shown.index("`latency p95`") < shown.index("`errors`")


def test_the_slowest_metric_says_how_many_requests_are_still_needed_and_for_how_long() -> None:
    shown = said(
        draw(a_rollout(look=a_look(GOOD, OPEN, replace(OPEN, name="errors", requests_needed=90, minutes_needed=1))))
    )

    assert "about 8,200 more requests of the candidate, for `latency p95`: 41 min at the present traffic" in shown


def test_without_traffic_nobody_is_told_how_long_it_takes() -> None:
    shown = said(draw(a_rollout(look=a_look(replace(OPEN, minutes_needed=None)))))

    assert "how long that takes cannot be told" in shown


def test_the_next_look_is_told_until_the_rollout_moves_on() -> None:
    looking, over = draw(a_rollout()), draw(ended(RolloutOutcome.PROMOTED))

    assert f"*Next look*  <!date^{(NOW + 12 * MINUTE) // 1_000_000}^" in said(looking)
    assert "Next look" not in said(over)


@pytest.mark.parametrize("caveat", Caveat)
def test_every_caveat_is_told_in_words(caveat: Caveat) -> None:
    plain, warned = (said(draw(a_rollout(look=a_look(replace(GOOD, caveats=c))))) for c in ((), (caveat,)))

    assert "⚠️" not in plain
    assert "⚠️" in warned


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_its_word(verdict: Verdict) -> None:
    card = draw(a_rollout(look=a_look(replace(OPEN, verdict=verdict), verdict=verdict)))

    assert "`latency p95`" in said(card)
    assert "latency p95: " in card.text


@pytest.mark.parametrize("kind", MetricKind)
def test_every_kind_of_metric_can_be_shown(kind: MetricKind) -> None:
    judge = replace(rules().judge, metrics=(MetricRule("errors", kind),))

    assert "*0.03*" in said(draw(a_rollout(rules=rules(judge=judge), look=a_look(GOOD))))


@pytest.mark.parametrize("kind", WishKind)
def test_the_card_says_who_asked_for_what_and_why(kind: WishKind) -> None:
    wish = Wish(kind, BEN, "Ben", "support sees refused payments", NOW)

    shown = said(draw(a_rollout(wish=wish, heard=wish)))

    assert "<@U0BEN>" in shown
    assert "support sees refused payments" in shown
    assert ("the next look does it" in shown) == (kind not in (WishKind.PAUSE, WishKind.GO_ON))


def test_a_wish_that_was_fulfilled_is_still_told() -> None:
    shown = said(
        draw(ended(RolloutOutcome.RETURNED, heard=Wish(WishKind.ROLL_BACK, BEN, "Ben", "refused payments", NOW)))
    )

    assert "<@U0BEN> *asked to take it back*" in shown
    assert "the next look does it" not in shown


@pytest.mark.parametrize(
    "rollout",
    [
        a_rollout(),
        a_rollout(paused_at=NOW),
        a_rollout(asked="advance", mode=Mode.RECOMMEND),
        a_rollout(phase=Phase.SHADOW),
        a_rollout(phase=Phase.GUARDED, rules=guarded_rules()),
        a_rollout(mode=Mode.OBSERVE, phase=Phase.WATCHING),
        ended(RolloutOutcome.PROMOTED),
    ],
)
def test_there_is_a_button_for_everything_that_can_be_asked_and_for_nothing_else(rollout: Rollout) -> None:
    shown = buttons(draw(rollout))

    assert {PRESSES[name] for name in shown} == possible(rollout)
    assert {button["value"] for button in shown.values()} <= {ROLLOUT}


def test_what_needs_a_reason_opens_a_form_and_says_so_by_its_dots() -> None:
    shown = buttons(draw(a_rollout(asked="advance", mode=Mode.RECOMMEND))) | buttons(draw(ended(RolloutOutcome.HELD)))

    assert {name for name, button in shown.items() if button["text"]["text"].endswith("…")} == FORMS


@pytest.mark.parametrize("asked, label", [("advance", "Advance"), ("promote", "Promote")])
def test_in_recommend_sluice_asks_and_the_answer_is_confirmed(asked: str, label: str) -> None:
    card = draw(a_rollout(mode=Mode.RECOMMEND, asked=asked))

    agree = buttons(card)["rollout_advance"]
    assert "*Sluice asks*" in said(card)
    assert (agree["text"]["text"], agree["confirm"]["confirm"]["text"]) == (label, label)


def test_in_recommend_sluice_says_that_it_would_take_back() -> None:
    shown = said(draw(a_rollout(mode=Mode.RECOMMEND, asked="roll_back")))

    assert "*Sluice recommends to take it back*" in shown


def test_a_hold_can_be_cleared_until_somebody_has() -> None:
    held, cleared = draw(ended(RolloutOutcome.HELD)), draw(ended(RolloutOutcome.HELD, cleared_by=BEN))

    assert (list(buttons(held)), list(buttons(cleared))) == ([CLEAR_HOLD], [])
    assert "No rollout begins on this endpoint" in said(held)
    assert "<@U0BEN> *cleared the hold*" in said(cleared)


def test_a_card_with_many_metrics_still_fits_and_says_what_it_leaves_out() -> None:
    many = a_look(*(replace(OPEN, name=f"metric {n} {'x' * 60}", sentence="y" * 400) for n in range(40)))

    card = draw(a_rollout(look=many))

    assert len(card.blocks) <= 50
    assert "more metrics, in the ledger" in said(card)


@pytest.mark.parametrize(
    "changes, line",
    [
        ({"phase": Phase.PREPARING}, "▶️ *the endpoint is made, with this version alone*, since"),
        ({"phase": Phase.PROMOTING, "outcome": RolloutOutcome.PROMOTED}, "✅ the endpoint is made, with this version"),
        (
            {"phase": Phase.DONE, "outcome": RolloutOutcome.PROMOTED},
            "✅ the endpoint is made, with this version alone: done",
        ),
        (
            {"phase": Phase.DONE, "outcome": RolloutOutcome.FAILED},
            "⏹ the endpoint is made, with this version alone: stopped",
        ),
    ],
)
def test_a_first_version_shows_that_it_makes_the_endpoint_and_no_steps_that_it_never_had(
    changes: dict[str, Any], line: str
) -> None:
    card = draw(a_rollout(snapshot=Snapshot(None), step=0, look=None, **changes))

    assert line in said(card)
    assert "of the traffic" not in said(card)
    assert "as before" not in said(card)


def test_a_first_version_that_could_not_be_served_is_not_said_to_be_taken_back() -> None:
    card = draw(ended(RolloutOutcome.FAILED, "no capacity", snapshot=Snapshot(None), look=None))

    assert "could not be brought into service" in said(card)
    assert "taken back" not in said(card) + card.text


def test_the_page_on_steering_tells_of_every_button() -> None:
    page = (Path(__file__).parents[2] / "docs/steering.md").read_text()
    rows = {cell.strip() for line in page.splitlines() if line.startswith("| ") for cell in line.split("|")[1:2]}

    cards = [
        a_rollout(mode=Mode.RECOMMEND, asked="advance"),
        a_rollout(mode=Mode.RECOMMEND, asked="promote"),
        a_rollout(paused_at=NOW),
        ended(RolloutOutcome.HELD),
        ended(RolloutOutcome.REFUSED),
    ]
    labels = {button["text"]["text"] for rollout in cards for button in buttons(draw(rollout)).values()}

    assert {label for row in rows for label in row.split(", or ")} - {"button", "---"} == labels
