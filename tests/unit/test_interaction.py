"""What Slack sends is read strictly: every press, form and command, and nothing that is none."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.errors import InvalidInput
from sluice.model.ids import ApprovalId, SlackUserId
from sluice.model.interaction import (
    MAX_BODY,
    ButtonPressed,
    CommandTyped,
    FormSent,
    Other,
    Presser,
    read_interaction,
)

SAMPLES = Path(__file__).parent.parent / "samples"
BEN = Presser(SlackUserId("U0BEN"), "T0SLUICE")
APPROVAL = ApprovalId("a" * 32)


def form(payload: Any) -> bytes:
    """A payload as Slack sends it."""
    return urlencode({"payload": payload if isinstance(payload, str) else json.dumps(payload)}).encode()


def a_press(**changes: Any) -> dict[str, Any]:
    """A press on Approve."""
    return {
        "type": "block_actions",
        "user": {"id": "U0BEN", "team_id": "T0SLUICE", "username": "anna"},
        "team": {"id": "T0SLUICE"},
        "channel": {"id": "C0MODELS"},
        "trigger_id": "1.2.abc",
        "actions": [{"type": "button", "action_id": "decide_approve", "value": APPROVAL}],
    } | changes


def a_form(**changes: Any) -> dict[str, Any]:
    """A submitted modal."""
    view = {"callback_id": "reason_reject", "private_metadata": APPROVAL, "state": {"values": {}}}
    return {"type": "view_submission", "user": {"id": "U0BEN"}, "team": {"id": "T0SLUICE"}, "view": view} | changes


def test_a_press_is_read_with_slacks_own_ids() -> None:
    read = read_interaction(form(a_press()))

    assert read == ButtonPressed(BEN, "decide_approve", APPROVAL, "C0MODELS", "1.2.abc")


def test_the_sample_of_slacks_own_sdk_is_read() -> None:
    payload = json.loads((SAMPLES / "slack_block_actions_payload.json").read_text())

    read = read_interaction(form(payload))

    assert isinstance(read, ButtonPressed)
    assert (read.presser, read.channel) == (Presser(SlackUserId("W111"), "T111"), "C111")


def test_a_submitted_form_is_read() -> None:
    read = read_interaction(form(a_form()))

    assert isinstance(read, FormSent)
    assert (read.presser, read.callback_id, read.subject) == (BEN, "reason_reject", APPROVAL)


def test_the_known_slash_command_is_read() -> None:
    body = json.loads((SAMPLES / "slack_signature_vector.json").read_text())["body"]

    read = read_interaction(body.encode())

    assert read == CommandTyped(Presser(SlackUserId("U2CERLKJA"), "T1DC2JH3J"), "/webhook-collect", "", "G8PSS9T3V")


@pytest.mark.parametrize(
    "user,team,workspace",
    [
        ({"id": "U0BEN", "team_id": "T0HOME"}, {"id": "T0SLUICE"}, "T0HOME"),
        ({"id": "U0BEN"}, {"id": "T0SLUICE"}, "T0SLUICE"),
        ({"id": "U0BEN"}, None, ""),
        ({"id": "U0BEN"}, "T0SLUICE", ""),
    ],
)
def test_the_workspace_is_the_persons_own_before_the_channels(user: Any, team: Any, workspace: str) -> None:
    """A guest of a shared channel belongs to another workspace than the channel."""
    read = read_interaction(form(a_press(user=user, team=team)))

    assert isinstance(read, ButtonPressed)
    assert read.presser.team == workspace


@pytest.mark.parametrize("payload", [
    {"type": "view_closed"},
    {"type": "shortcut"},
    {},
    {"type": ["block_actions"]},
    a_press(actions=[{"type": "static_select", "action_id": "other"}]),
    a_press(actions=[{"type": "button", "action_id": "open_console"}]),
])  # fmt: skip
def test_what_is_genuine_and_nothing_of_ours_is_other(payload: dict[str, Any]) -> None:
    assert isinstance(read_interaction(form(payload)), Other)


@pytest.mark.parametrize("payload", [
    a_press(actions=[]),
    a_press(actions="x"),
    a_press(actions=[1]),
    a_press(actions=a_press()["actions"] * 2),
    a_press(user=None),
    a_press(user={"id": ""}),
    a_press(user={"id": 7}),
    a_press(channel={}),
    a_press(trigger_id=None),
    a_press(actions=[{"type": "button", "action_id": "decide_approve", "value": "x" * 3001}]),
    a_form(view=None),
    a_form(view={"callback_id": "reason_reject"}),
    a_form(view={"callback_id": "x", "private_metadata": ""}),
])  # fmt: skip
def test_a_press_or_form_that_lacks_something_is_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        read_interaction(form(payload))


@pytest.mark.parametrize("body", [
    b"",
    b"payload",
    b"hello=world",
    b"payload=%7B%7D&payload=%7B%7D",
    b"payload=\xff",
    b"payload=%ff",
    form("[]"),
    form("7"),
    form("{"),
    form('{"type": NaN}'),
    form('{"type": "a", "type": "b"}'),
    form('{"n": ' + "9" * 5000 + "}"),
    form('{"type": "\\ud800"}'),
    form("[" * 5000 + "]" * 5000),
    form('{"a":' * 41 + "1" + "}" * 41),
    urlencode({f"f{n}": "x" for n in range(30)}).encode(),
    b"payload=" + b"a" * MAX_BODY,
])  # fmt: skip
def test_whatever_does_not_have_slacks_form_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_interaction(body)


def test_brackets_inside_a_text_are_not_depth() -> None:
    payload = a_press(message={"text": "]" + "[" * 100 + '\\" {{'})

    assert isinstance(read_interaction(form(payload)), ButtonPressed)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
FIELDS = ["type", "user", "team", "channel", "trigger_id", "actions", "view"]


@given(base=st.sampled_from([a_press(), a_form()]), changes=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3))
def test_a_spoiled_payload_is_read_or_refused_and_nothing_else(base: dict[str, Any], changes: dict[str, Any]) -> None:
    try:
        read = read_interaction(form(base | changes))
    except InvalidInput:
        return

    assert isinstance(read, (ButtonPressed, FormSent, Other))


@given(body=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_and_nothing_else(body: bytes) -> None:
    try:
        read = read_interaction(body)
    except InvalidInput:
        return

    assert isinstance(read, (CommandTyped, Other))
