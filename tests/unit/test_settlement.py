"""How an approval closes, and what its execution is told."""

import re

import pytest

from sluice.core.modes import Effect, Situation, effect_of
from sluice.core.settlement import DESCRIPTION_CHARS, client_token, settle, who_approved
from sluice.model.approval import ApprovalStatus, Choice, Mode, OnExpiry, Registrant, RoleNeed, Timing, Vote
from sluice.model.ids import SlackUserId
from sluice.model.release import Outcome, Route
from tests.approvals import NOW, an_approval

BEN, CHEN = SlackUserId("U0BEN"), SlackUserId("U0CHEN")
_SETTLED = {
    Situation.QUORUM_REACHED: ApprovalStatus.APPROVED,
    Situation.REJECTED: ApprovalStatus.REJECTED,
    Situation.EXPIRED: ApprovalStatus.EXPIRED,
    Situation.DECIDED_ELSEWHERE: ApprovalStatus.DECIDED_ELSEWHERE,
}


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("situation", list(_SETTLED))
@pytest.mark.parametrize("on_expiry", list(OnExpiry))
def test_the_answer_does_what_the_mode_says(mode: Mode, situation: Situation, on_expiry: OnExpiry) -> None:
    approval = an_approval(mode=mode, timing=Timing(3600, on_expiry))
    wanted = {Effect.APPROVE_PACKAGE: "Approved", Effect.REJECT_PACKAGE: "Rejected"}

    settlement = settle(approval, situation, at=NOW, because="Because.")

    effect = effect_of(mode, situation, on_expiry=on_expiry)
    assert settlement.approval.status is _SETTLED[situation]
    assert settlement.answer.status == wanted.get(effect, "")
    assert (settlement.answer.route is Route.SET_STATUS) == (effect in wanted)
    assert (settlement.intent is None) == (effect not in wanted)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("on_expiry", list(OnExpiry))
def test_expiry_never_implies_approval(mode: Mode, on_expiry: OnExpiry) -> None:
    approval = an_approval(mode=mode, timing=Timing(3600, on_expiry))

    settlement = settle(approval, Situation.EXPIRED, at=NOW, because="Nobody decided.")

    assert settlement.answer.status != "Approved"
    assert settlement.answer.outcome is not Outcome.APPROVED


@pytest.mark.parametrize("situation", list(_SETTLED))
def test_observe_touches_nothing_and_says_so(situation: Situation) -> None:
    settlement = settle(an_approval(mode=Mode.OBSERVE), situation, at=NOW, because="Because.")

    assert (settlement.answer.route, settlement.answer.outcome) == (Route.CONCLUDE, Outcome.OBSERVED)
    assert settlement.intent is None
    assert settlement.approval.settled_because == "Because. In observe mode the registry was not touched."


@pytest.mark.parametrize("situation,on_expiry,would", [
    (Situation.QUORUM_REACHED, OnExpiry.REJECT, "it would have been approved. Because."),
    (Situation.REJECTED, OnExpiry.REJECT, "it would have been rejected. Because."),
    (Situation.EXPIRED, OnExpiry.REJECT, "it would have been rejected. Because."),
    (Situation.EXPIRED, OnExpiry.KEEP_PENDING, "it would have stayed pending. Because."),
    (Situation.DECIDED_ELSEWHERE, OnExpiry.REJECT, "that status would have been set back to pending. Because."),
])  # fmt: skip
def test_observe_says_what_enforce_would_have_done(situation: Situation, on_expiry: OnExpiry, would: str) -> None:
    approval = an_approval(mode=Mode.OBSERVE, timing=Timing(3600, on_expiry))

    settlement = settle(approval, situation, at=NOW, because="Because.")

    assert settlement.answer.description == would


def test_the_intent_is_what_the_registry_will_show() -> None:
    settlement = settle(an_approval(), Situation.QUORUM_REACHED, at=NOW, because="Approved by Ben.")

    assert settlement.intent is not None
    assert (settlement.intent.status, settlement.intent.description) == (
        settlement.answer.status,
        settlement.answer.description,
    )


def test_the_description_names_release_and_evidence_and_fits_the_registry() -> None:
    approval = an_approval()

    settlement = settle(approval, Situation.REJECTED, at=NOW, because="Rejected by Ben: " + "no" * 2000)

    tail = f"(Sluice release {approval.release_id}, evidence {approval.digest[:23]})"
    assert settlement.answer.description.endswith(tail)
    assert len(settlement.answer.description) == DESCRIPTION_CHARS


def test_a_reason_of_several_lines_becomes_a_description_of_one() -> None:
    settlement = settle(an_approval(), Situation.REJECTED, at=NOW, because="Rejected by Ben: bias\r\nand\u2028\tdrift")

    assert settlement.answer.description.startswith("Rejected by Ben: bias  and  drift (Sluice release ")
    assert re.fullmatch(r".*", settlement.answer.description)
    assert settlement.intent is not None
    assert settlement.intent.description == settlement.answer.description


def test_a_settled_approval_is_no_longer_on_hold() -> None:
    settlement = settle(an_approval(on_hold=True), Situation.DECIDED_ELSEWHERE, at=NOW, because="x")

    assert (settlement.approval.on_hold, settlement.approval.settled_at) == (False, NOW)


def test_client_tokens_are_of_sagemakers_form_and_tell_changes_apart() -> None:
    tokens = {client_token("settle", "apr", status) for status in ("Approved", "Rejected")}

    assert len(tokens) == 2
    assert all(re.fullmatch(r"[a-zA-Z0-9-]{1,36}", token) for token in tokens)


def test_approvers_are_named_with_the_role_they_were_counted_for() -> None:
    needs = (RoleNeed("data_science", 1), RoleNeed("risk", 1))
    votes = (
        Vote(BEN, Choice.APPROVE, "", NOW, ("data_science", "risk"), "Ben"),
        Vote(CHEN, Choice.APPROVE, "", NOW, ("data_science",)),
        Vote(SlackUserId("U0ANNA"), Choice.APPROVE, "", NOW, ("risk",), "Anna"),
    )
    approval = an_approval(needs=needs, votes=votes, registrant=Registrant(SlackUserId("U0ANNA"), "Anna"))

    assert who_approved(approval) == "U0CHEN (data_science), Ben (risk)"


def test_without_approvals_nobody_is_named() -> None:
    assert who_approved(an_approval()) == "nobody"
