"""Somebody acted in Slack: a form opens, a vote is queued, and the answer is right at once."""

import pytest

from sluice.core.reason_modal import MAX_REASON, REASON_BLOCK, REASON_INPUT
from sluice.core.rollout.presses import FORMS
from sluice.errors import InvalidInput, PermanentFailure, TransientFailure
from sluice.model.approval import Choice
from sluice.model.approval_commands import CastVote
from sluice.model.commands import from_json
from sluice.model.ids import ApprovalId, RolloutId, SlackUserId
from sluice.model.interaction import ButtonPressed, CommandTyped, FormSent, Other, Presser
from sluice.model.rollout import WishKind
from sluice.model.rollout_commands import AskRollout, ClearHold
from sluice.model.status_command import ShowStatus
from sluice.usecases.receive_interaction import HELP, Receiving, receive_interaction
from tests.approvals import NOW
from tests.fakes.chat import FakeChat
from tests.fakes.clock import FakeClock
from tests.fakes.queue import FakeQueue

BEN = Presser(SlackUserId("U0BEN"), "T0SLUICE")
APPROVAL = ApprovalId("a" * 32)
ROLLOUT = RolloutId("b" * 32)


@pytest.fixture
def world() -> Receiving:
    return Receiving(FakeChat(), FakeQueue(), FakeClock())


def chat(world: Receiving) -> FakeChat:
    """Slack, to be looked at."""
    assert isinstance(world.chat, FakeChat)
    return world.chat


def queue(world: Receiving) -> FakeQueue:
    """The queue, to be looked at."""
    assert isinstance(world.queue, FakeQueue)
    return world.queue


def a_press(action: str) -> ButtonPressed:
    """Ben presses a button of the card."""
    return ButtonPressed(BEN, action, APPROVAL, "C0MODELS", "1.2.abc")


def a_form(reason: object, callback: str = "reason_reject") -> FormSent:
    """Ben sends the form."""
    view = {"state": {"values": {REASON_BLOCK: {REASON_INPUT: {"value": reason}}}}}
    return FormSent(BEN, callback, APPROVAL, view)


def test_approve_is_queued_with_the_time_of_the_press(world: Receiving) -> None:
    answer = receive_interaction(a_press("decide_approve"), world)

    [sent] = queue(world).sent
    assert answer is None
    assert from_json(sent) == CastVote(
        APPROVAL, BEN.person, BEN.team, "C0MODELS", Choice.APPROVE, "", sent["pressed_at"]
    )
    assert sent["pressed_at"] > NOW


@pytest.mark.parametrize(
    "action,callback", [("decide_reject", "reason_reject"), ("decide_request_changes", "reason_request_changes")]
)
def test_what_needs_a_reason_opens_the_form_and_queues_nothing(world: Receiving, action: str, callback: str) -> None:
    answer = receive_interaction(a_press(action), world)

    [(trigger, view)] = chat(world).views
    assert (answer, trigger, view["callback_id"], view["private_metadata"]) == (None, "1.2.abc", callback, APPROVAL)
    assert queue(world).sent == []


def test_a_form_with_a_reason_is_queued_and_closes(world: Receiving) -> None:
    answer = receive_interaction(a_form("  recall is too low "), world)

    [vote] = [from_json(sent) for sent in queue(world).sent]
    assert isinstance(vote, CastVote)
    assert (answer, vote.choice, vote.reason) == ({"response_action": "clear"}, Choice.REJECT, "recall is too low")


@pytest.mark.parametrize("reason", [None, "", "   ", 7, ["x"], {"a": 1}])
def test_a_form_without_a_reason_stays_open_and_says_so(world: Receiving, reason: object) -> None:
    answer = receive_interaction(a_form(reason), world)

    assert answer == {
        "response_action": "errors",
        "errors": {REASON_BLOCK: "Please say why: the team reads this, and it is kept."},
    }
    assert queue(world).sent == []


@pytest.mark.parametrize("length,kept", [(MAX_REASON, 1), (MAX_REASON + 1, 0)])
def test_a_reason_is_as_long_as_the_form_allows(world: Receiving, length: int, kept: int) -> None:
    receive_interaction(a_form("x" * length), world)

    assert len(queue(world).sent) == kept


@pytest.mark.parametrize(
    "view", [{}, {"state": None}, {"state": []}, {"state": {"values": 3}}, {"state": {"values": {REASON_BLOCK: "x"}}}]
)
def test_a_form_of_another_shape_has_no_reason(world: Receiving, view: dict[str, object]) -> None:
    answer = receive_interaction(FormSent(BEN, "reason_reject", APPROVAL, view), world)

    assert answer is not None
    assert answer["response_action"] == "errors"


@pytest.mark.parametrize(
    "error", [TransientFailure("SendMessage: ServiceUnavailable"), PermanentFailure("SendMessage: AccessDenied")]
)
def test_a_form_that_could_not_be_kept_stays_open_for_another_try(world: Receiving, error: Exception) -> None:
    assert isinstance(error, (TransientFailure, PermanentFailure))
    queue(world).fail(error)

    answer = receive_interaction(a_form("because"), world)

    assert answer is not None
    assert answer["errors"] == {REASON_BLOCK: "Your decision could not be kept just now. Please send it again."}


def test_a_press_that_could_not_be_kept_is_an_error_for_the_presser(world: Receiving) -> None:
    queue(world).fail(TransientFailure("SendMessage: ServiceUnavailable"))

    with pytest.raises(TransientFailure):
        receive_interaction(a_press("decide_approve"), world)


def test_a_replayed_press_opens_no_second_form_and_is_no_failure_of_ours(world: Receiving) -> None:
    receive_interaction(a_press("decide_reject"), world)

    with pytest.raises(InvalidInput, match="no form can be opened"):
        receive_interaction(a_press("decide_reject"), world)


@pytest.mark.parametrize("interaction", [
    a_press("open_console"),
    a_form("because", callback="another_app"),
    Other("view_closed"),
])  # fmt: skip
def test_what_is_nothing_of_ours_is_acknowledged(
    world: Receiving, interaction: ButtonPressed | FormSent | Other
) -> None:
    answer = receive_interaction(interaction, world)

    assert (answer, queue(world).sent, chat(world).views) == (None, [], [])


def test_a_slash_command_gets_help(world: Receiving) -> None:
    answer = receive_interaction(CommandTyped(BEN, "/sluice", "dance", "C0MODELS"), world)

    assert answer == {"response_type": "ephemeral", "text": HELP}


@pytest.mark.parametrize("kind", [WishKind.PAUSE, WishKind.GO_ON, WishKind.ADVANCE])
def test_a_button_of_a_rollout_is_queued_with_the_time_of_the_press(world: Receiving, kind: WishKind) -> None:
    answer = receive_interaction(ButtonPressed(BEN, f"rollout_{kind}", ROLLOUT, "C0MODELS", "1.2.abc"), world)

    [sent] = queue(world).sent
    assert (answer, chat(world).views) == (None, [])
    assert from_json(sent) == AskRollout(ROLLOUT, BEN.person, BEN.team, "C0MODELS", kind, "", sent["pressed_at"])


@pytest.mark.parametrize("action", sorted(FORMS))
def test_what_overrides_the_judge_opens_a_form_that_is_understood_when_it_is_sent(
    world: Receiving, action: str
) -> None:
    receive_interaction(ButtonPressed(BEN, action, ROLLOUT, "C0MODELS", "1.2.abc"), world)
    [(_, view)] = chat(world).views
    opened = (view["private_metadata"], list(queue(world).sent))
    filled = {"state": {"values": {REASON_BLOCK: {REASON_INPUT: {"value": " we know better "}}}}}

    answer = receive_interaction(FormSent(BEN, view["callback_id"], view["private_metadata"], filled), world)

    [asked] = [from_json(sent) for sent in queue(world).sent]
    assert opened == (ROLLOUT, [])
    assert answer == {"response_action": "clear"}
    assert isinstance(asked, (AskRollout, ClearHold))
    assert (asked.rollout_id, asked.reason) == (ROLLOUT, "we know better")
    assert isinstance(asked, ClearHold) or f"rollout_{asked.kind}" == action


@pytest.mark.parametrize("action", sorted(FORMS))
def test_a_form_of_a_rollout_without_a_reason_stays_open(world: Receiving, action: str) -> None:
    answer = receive_interaction(FormSent(BEN, action, ROLLOUT, {}), world)

    assert answer is not None
    assert answer["response_action"] == "errors"
    assert queue(world).sent == []


@pytest.mark.parametrize(
    "text, about",
    [("status", ""), (" Status  fraud-detector ", "fraud-detector"), ("status `fraud-prod`", "fraud-prod")],
)
def test_status_is_looked_up_behind_the_queue(world: Receiving, text: str, about: str) -> None:
    answer = receive_interaction(CommandTyped(BEN, "/sluice", text, "C0MODELS"), world)

    [sent] = queue(world).sent
    asked = ShowStatus(BEN.person, BEN.team, "C0MODELS", about, sent["asked_at"])
    assert (answer, from_json(sent)) == (None, asked)
