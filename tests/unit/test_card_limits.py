"""Whatever names, numbers and reasons hold, Slack takes every card, and nobody's words become Slack's markup."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.slack.block_kit import view_problems
from sluice.core.card import approval_card
from sluice.core.detour import detoured
from sluice.core.notices import (
    Subject,
    decided_elsewhere,
    escalation,
    expired,
    not_approved,
    observed,
    policy_refused,
    rejected_by_gates,
    release_failed,
    reminder,
    votes_voided,
)
from sluice.core.reason_modal import CALLBACKS, reason_modal
from sluice.core.slack_text import code, cut, one_line, units
from sluice.model.approval import (
    Approval,
    ApprovalStatus,
    Choice,
    GateLine,
    GateVerdict,
    MetricLine,
    Mode,
    OnExpiry,
    Registrant,
    RoleNeed,
    Tier,
    Timing,
    Vote,
)
from sluice.model.ids import ApprovalId, GroupName, Micros, SlackUserId
from tests.approvals import ORDINARY
from tests.hostile import CODE, HOSTILE, UNHURRIED, is_harmless, moments, numbers, people, texts, words

gates = st.lists(st.builds(GateLine, words, st.sampled_from(GateVerdict), st.booleans(), words), max_size=60).map(tuple)
votes = st.lists(
    st.builds(Vote, people, st.sampled_from(Choice), words, moments, st.lists(words, max_size=3).map(tuple)),
    max_size=40,
).map(tuple)
needs = st.lists(
    st.builds(
        RoleNeed, words, st.integers(0, 9), st.lists(people, max_size=30).map(tuple), st.one_of(st.none(), words)
    ),
    max_size=12,
    unique_by=lambda n: n.role,
).map(tuple)
metrics = st.lists(
    st.builds(
        MetricLine, words, numbers, numbers, st.one_of(st.sampled_from(["better", "worse", "same", "new"]), words)
    ),
    max_size=50,
).map(tuple)
approvals = st.builds(
    lambda **changes: Approval(**(ORDINARY | changes)),
    group=words.map(GroupName),
    version=st.integers(1, 999_999_999),
    tier=st.sampled_from(Tier),
    mode=st.sampled_from(Mode),
    release_id=words,
    digest=words,
    registrant=st.builds(Registrant, st.one_of(st.none(), people), words, words),
    needs=needs,
    gates=gates,
    votes=votes,
    comparison=metrics,
    production_version=st.one_of(st.none(), st.integers(1, 99)),
    production_endpoint=st.sampled_from(("", "e" * 63)),
    timing=st.builds(Timing, st.integers(0, 10**7), st.sampled_from(OnExpiry)),
    voided_votes=st.integers(0, 9),
    deadline=st.one_of(st.none(), moments),
    status=st.sampled_from(ApprovalStatus),
    settled_at=st.one_of(st.none(), moments),
    settled_because=words,
    on_hold=st.booleans(),
)
subjects = st.builds(
    Subject,
    words.map(GroupName),
    st.integers(1, 10**9),
    st.builds(Registrant, st.one_of(st.none(), people), words, words),
)


@UNHURRIED
@given(approvals, moments)
def test_every_card_is_within_limits_and_free_of_strangers_markup(approval: Approval, now: Micros) -> None:
    is_harmless(approval_card(approval, now))


@UNHURRIED
@given(approvals, moments)
def test_every_card_that_takes_a_detour_is_harmless(approval: Approval, now: Micros) -> None:
    is_harmless(detoured(approval_card(approval, now), "C0FRAUD"))


@UNHURRIED
@given(approvals, moments, st.lists(people, max_size=20))
def test_every_notice_about_an_approval_is_harmless(approval: Approval, now: Micros, named: list[SlackUserId]) -> None:
    is_harmless(votes_voided(approval, named))
    is_harmless(reminder(approval, now))
    is_harmless(escalation(approval, now, named))
    is_harmless(expired(approval))
    for vote in approval.votes:
        is_harmless(not_approved(approval, vote))


@UNHURRIED
@given(subject=subjects, lines=gates, status=words, actor=words, set_back=st.booleans())
def test_every_notice_about_a_package_is_harmless(
    *, subject: Subject, lines: tuple[GateLine, ...], status: str, actor: str, set_back: bool
) -> None:
    is_harmless(rejected_by_gates(subject, lines))
    is_harmless(observed(subject, lines, status))
    is_harmless(release_failed(subject, actor))
    is_harmless(decided_elsewhere(subject, status=status, actor=actor, set_back=set_back))


@UNHURRIED
@given(words, st.lists(words, max_size=30), st.lists(people, max_size=9))
def test_every_refusal_of_a_policy_is_harmless(parameter: str, problems: list[str], owners: list[SlackUserId]) -> None:
    is_harmless(policy_refused(parameter, problems, owners))


@UNHURRIED
@given(st.text(min_size=1, max_size=4000).map(ApprovalId), st.sampled_from(sorted(CALLBACKS.values())))
def test_every_modal_is_within_limits_and_carries_only_the_id(approval_id: ApprovalId, choice: Choice) -> None:
    view = reason_modal(approval_id, choice)

    assert view_problems(view) == [] or units(approval_id) > 3000
    assert approval_id.startswith(view["private_metadata"])
    assert CALLBACKS[view["callback_id"]] is choice


@UNHURRIED
@given(words, st.integers(2, 200))
def test_a_cut_never_splits_an_escape_and_never_exceeds_its_limit(text: str, limit: int) -> None:
    shown = cut(text, limit)

    assert units(shown) <= limit
    assert re.sub(r"&(amp|lt|gt);", "", shown).count("&") == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_in_code_stays_one_line_of_code(text: str) -> None:
    shown = code(text)

    assert CODE.fullmatch(shown)
    assert shown.count("`") == 2


def test_marks_that_turn_the_reading_direction_are_dropped() -> None:
    assert one_line("approve\u202ed si siht") == "approved si siht"


@pytest.mark.parametrize("mode", Mode)
def test_a_card_of_ordinary_size_shows_every_gate(mode: Mode) -> None:
    lines = tuple(GateLine(f"gate {n}", GateVerdict.PASSED, True, "well within its limit") for n in range(20))

    card = approval_card(Approval(**(ORDINARY | {"mode": mode, "gates": lines})), Micros(0))

    shown = [t["text"] for t in texts(list(card.blocks))]
    assert all(any(f"`gate {n}`" in s for s in shown) for n in range(20))
