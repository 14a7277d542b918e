"""What an approval card says and offers."""

import json

import pytest

from sluice.core.card import ACTIONS, Card, approval_card
from sluice.core.card_rows import gate_summary
from sluice.core.notices import Subject, rejected_by_gates
from sluice.model.approval import (
    Approval,
    ApprovalStatus,
    Choice,
    GateLine,
    GateVerdict,
    Mode,
    OnExpiry,
    Registrant,
    Tier,
    Timing,
    Vote,
)
from sluice.model.ids import Micros, SlackUserId
from tests.approvals import HOUR, NOW, an_approval


def text_of(card: Card) -> str:
    """Everything that a reader of a card can read."""
    return "\n".join(_texts(list(card.blocks)))


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [t for v in value.values() if not isinstance(v, str) for t in _texts(v)]
    return [t for v in value for t in _texts(v)] if isinstance(value, list) else []


def buttons_of(card: Card) -> list[dict[str, object]]:
    return [e for b in card.blocks if b["type"] == "actions" for e in b["elements"]]


def test_an_open_card_has_everything_that_a_decision_needs() -> None:
    text = text_of(approval_card(an_approval(), NOW))

    assert "fraud-detector version 7 needs a decision" in text
    assert "*Enforce*" in text
    assert "*Standard* tier" in text
    assert "<@U0ANNA> (may not vote)" in text
    assert "3 passed, 1 missing (advisory)" in text
    assert "*In production*\nversion 6 on `fraud-prod`" in text
    assert "Compared with version 6 in production" in text
    assert "*0.912*  was 0.905  ▲ better by 0.007" in text
    assert "*0.71*  was 0.73  ▼ worse by 0.02" in text
    assert "What happens next" in text
    assert f"<!date^{(NOW + 24 * HOUR) // 1_000_000}^" in text


@pytest.mark.parametrize(
    "verdict,icon,word",
    [
        (GateVerdict.PASSED, "✅", "Passed"),
        (GateVerdict.FAILED, "❌", "Failed"),
        (GateVerdict.MISSING, "❔", "Missing"),
    ],
)
def test_a_gate_is_shown_by_icon_and_by_word_with_its_number_and_limit(
    verdict: GateVerdict, icon: str, word: str
) -> None:
    gate = GateLine("metrics auc", verdict, True, "auc is 0.8, at least 0.85 is needed")

    text = text_of(approval_card(an_approval(gates=(gate,)), NOW))

    assert f"{icon} *{word}*  `metrics auc`" in text
    assert "auc is 0.8, at least 0.85 is needed" in text


def test_gates_that_stop_a_release_come_first() -> None:
    passed = GateLine("a", GateVerdict.PASSED, True, "fine")
    advisory = GateLine("b", GateVerdict.FAILED, False, "not fine")
    failed = GateLine("c", GateVerdict.FAILED, True, "bad")

    text = text_of(approval_card(an_approval(gates=(passed, advisory, failed), mode=Mode.RECOMMEND), NOW))

    assert text.index("`c`") < text.index("`b`") < text.index("`a`")
    assert "Sluice recommends to reject" in text


def test_gates_are_summed_up_by_verdict_and_weight() -> None:
    lines = [
        GateLine("a", GateVerdict.FAILED, True, "x"),
        GateLine("b", GateVerdict.FAILED, False, "x"),
        GateLine("c", GateVerdict.PASSED, False, "x"),
        GateLine("d", GateVerdict.MISSING, True, "x"),
    ]

    assert gate_summary(lines) == "1 passed, 1 failed, 1 failed (advisory), 1 missing"
    assert gate_summary([]) == "none configured"


def test_a_refusal_names_the_advisory_gates_that_it_counts_after_those_that_stopped_it() -> None:
    lines = [
        GateLine("metrics.auc", GateVerdict.FAILED, False, "auc 0.912 is below the minimum 0.93"),
        GateLine("lineage.training_job", GateVerdict.MISSING, True, "no training job"),
    ]

    text = text_of(rejected_by_gates(Subject.of(an_approval()), lines))

    assert "1 failed (advisory), 1 missing" in text
    assert text.index("`lineage.training_job`") < text.index("*Failed* (advisory)  `metrics.auc`")
    assert "What is advisory stops no version." in text
    assert "advisory" not in text_of(rejected_by_gates(Subject.of(an_approval()), lines[1:]))


def test_a_digest_is_short_where_people_read_it_and_whole_in_the_record() -> None:
    digest = "sha256:1234abcd" + "0f" * 28
    line = GateLine("images", GateVerdict.PASSED, True, f"all from approved repositories: fraud@{digest}")
    approval = an_approval(gates=(line,), digest=digest)

    text = text_of(approval_card(approval, NOW))

    assert "fraud@sha256:1234abcd…" in text
    assert "Evidence `sha256:1234abcd…`" in text
    assert digest not in text
    assert digest in approval.gates[0].reason


def test_in_observe_people_answer_and_the_card_says_that_nothing_changes() -> None:
    asked = approval_card(an_approval(mode=Mode.OBSERVE), NOW)
    settled = approval_card(an_approval(mode=Mode.OBSERVE, status=ApprovalStatus.APPROVED), NOW)

    assert len(buttons_of(asked)) == 3
    assert "the registry stays as it is" in text_of(asked)
    assert "version 7 would have been approved" in text_of(settled)


def test_buttons_carry_the_opaque_id_and_nothing_else() -> None:
    approval = an_approval()

    buttons = buttons_of(approval_card(approval, NOW))

    assert {b["action_id"]: b["value"] for b in buttons} == dict.fromkeys(ACTIONS, approval.id)
    assert [ACTIONS[str(b["action_id"])] for b in buttons] == [Choice.APPROVE, Choice.REJECT, Choice.REQUEST_CHANGES]


def test_the_card_says_by_role_who_is_counted_and_who_is_awaited() -> None:
    vote = Vote(SlackUserId("U0BEN"), Choice.APPROVE, "", NOW, ("data_science",))

    text = text_of(approval_card(an_approval(votes=(vote,)), NOW))

    assert "✅ `data_science` 1 of 1 approved: <@U0BEN>" in text
    assert "⏳ `ml_engineering` 0 of 1 approved · waiting for 1 of <!subteam^S0MLENG>" in text
    assert "✅ <@U0BEN> *approved*" in text


def test_the_registrant_is_not_asked() -> None:
    text = text_of(approval_card(an_approval(), NOW))

    assert "waiting for 1 of <@U0BEN>\n" in text


def test_a_reason_is_shown_in_the_words_of_whoever_gave_it() -> None:
    vote = Vote(SlackUserId("U0BEN"), Choice.REQUEST_CHANGES, "recall on *new* merchants", NOW, ("data_science",))

    text = text_of(approval_card(an_approval(votes=(vote,)), NOW))

    assert "✏️ <@U0BEN> *asked for changes*" in text
    assert "“recall on *new* merchants”" in text


def test_an_unknown_registrant_is_named_with_the_reason_and_what_it_means() -> None:
    registrant = Registrant(None, "arn:aws:sts::111122223333:assumed-role/ci/run", "the role maps to no person")

    text = text_of(approval_card(an_approval(registrant=registrant), NOW))

    assert "the role maps to no person. Until that is known nobody can approve." in text


def test_voided_votes_are_told() -> None:
    text = text_of(approval_card(an_approval(voided_votes=2), NOW))

    assert "2 earlier votes were voided" in text


@pytest.mark.parametrize("status", [s for s in ApprovalStatus if s is not ApprovalStatus.OPEN])
def test_a_settled_card_has_no_buttons_and_says_what_happened_and_why(status: ApprovalStatus) -> None:
    approval = an_approval(status=status, settled_at=NOW, settled_because="quorum <reached> by U0CHEN")

    card = approval_card(approval, NOW)

    assert buttons_of(card) == []
    assert "needs a decision" not in text_of(card)
    assert "quorum &lt;reached&gt; by U0CHEN" in text_of(card)
    assert card.text.startswith("fraud-detector version 7")


@pytest.mark.parametrize(
    "approval",
    [
        an_approval(on_hold=True),
        an_approval(deadline=NOW),
    ],
    ids=["on hold", "past its deadline"],
)
def test_a_card_that_no_answer_can_change_has_no_buttons(approval: Approval) -> None:
    assert buttons_of(approval_card(approval, NOW)) == []


@pytest.mark.parametrize(
    "mode,on_expiry,promise",
    [
        (Mode.ENFORCE, OnExpiry.REJECT, "by the deadline it is *Rejected*"),
        (Mode.ENFORCE, OnExpiry.KEEP_PENDING, "by the deadline it stays pending"),
        (Mode.RECOMMEND, OnExpiry.REJECT, "by the deadline it stays pending"),
    ],
)
def test_the_card_promises_what_expiry_will_do(mode: Mode, on_expiry: OnExpiry, promise: str) -> None:
    text = text_of(approval_card(an_approval(mode=mode, timing=Timing(3600, on_expiry)), NOW))

    assert promise in text


def test_before_delivery_the_deadline_is_a_span() -> None:
    text = text_of(approval_card(an_approval(deadline=None, delivered_at=None), Micros(NOW)))

    assert "1 d after this message arrives" in text


def test_a_first_version_has_nothing_to_compare_with() -> None:
    text = text_of(approval_card(an_approval(production_version=None), NOW))

    assert "no other version is approved, so there is nothing to compare with" in text
    assert "*In production*\nnothing that is known" in text


def test_a_version_that_may_not_serve_is_compared_with_by_its_right_name() -> None:
    text = text_of(approval_card(an_approval(production_endpoint=""), NOW))

    assert "Compared with version 6, the newest approved" in text
    assert "*Newest approved*\nversion 6" in text
    assert "production" not in text


def test_a_card_is_plain_json_and_the_same_each_time() -> None:
    first, second = (
        approval_card(an_approval(tier=Tier.CRITICAL), NOW),
        approval_card(an_approval(tier=Tier.CRITICAL), NOW),
    )

    assert json.loads(json.dumps(first.blocks)) == list(second.blocks)
