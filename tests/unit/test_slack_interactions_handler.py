"""The door that faces the internet: only Slack gets in, nothing breaks it, and no secret gets out."""

import base64
import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.slack_interactions import app
from sluice import wiring
from sluice.core.slack_signature import MAX_AGE_S, sign
from sluice.errors import PermanentFailure, SluiceError, TransientFailure
from sluice.model.interaction import MAX_BODY
from sluice.telemetry import logger
from tests.fakes.chat import FakeChat
from tests.fakes.clock import FakeClock
from tests.fakes.queue import FakeQueue

SECRET, NEXT_SECRET, TOKEN = "8f742231b10e8888abcd99yyyzzz85a5", "the-next-signing-secret", "xoxb-bot-token"
APPROVAL = "a" * 32


class Door:
    """The handler with fakes behind its wiring, and the lines that it logged."""

    def __init__(self) -> None:
        self.chat, self.queue, self.clock = FakeChat(), FakeQueue(), FakeClock()
        self.secrets: tuple[str, ...] = (SECRET,)
        self.failure: SluiceError | None = None
        self.lines: list[str] = []

    def values(self) -> tuple[str, ...]:
        if self.failure is not None:
            raise self.failure
        return self.secrets

    @property
    def effects(self) -> int:
        """How much has happened behind the door."""
        return len(self.queue.sent) + len(self.chat.views) + len(self.chat.messages) + len(self.chat.whispers)

    def asked(self, body: str | bytes, *, secret: str = SECRET, age: int = 0, encoded: bool = False) -> dict[str, Any]:
        """A request that is signed with a secret, and the answer."""
        raw = body if isinstance(body, bytes) else body.encode()
        stamp = str(self.clock.at // 1_000_000 - age)
        headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": sign(raw, stamp, secret)}
        shown = base64.b64encode(raw).decode() if encoded else raw.decode("utf-8", "surrogateescape")
        return self.answer({"headers": headers, "body": shown, "isBase64Encoded": encoded})

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        """The answer to an HTTP API event, payload 2.0."""
        return app.handler(event, _Context())


class _Context:
    aws_request_id = "request-1"


class _Lines(logging.Handler):
    def __init__(self, door: Door, formatter: logging.Formatter) -> None:
        super().__init__()
        self._door = door
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        self._door.lines.append(self.format(record))


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    made = Door()
    monkeypatch.setattr(wiring, "chat", lambda **_: made.chat)
    monkeypatch.setattr(wiring, "command_queue", lambda: made.queue)
    monkeypatch.setattr(wiring, "clock", lambda: made.clock)
    monkeypatch.setattr(wiring, "secret", lambda _: made)
    lines = _Lines(made, logger().registered_formatter)
    logger().addHandler(lines)
    yield made
    logging.getLogger(logger().service).removeHandler(lines)


def a_press(action: str = "decide_approve", **changes: Any) -> str:
    """The form of a press."""
    payload = {
        "type": "block_actions",
        "user": {"id": "U0BEN", "team_id": "T0SLUICE"},
        "channel": {"id": "C0MODELS"},
        "trigger_id": "1.2.abc",
        "token": "verification-token",
        "actions": [{"type": "button", "action_id": action, "value": APPROVAL}],
    } | changes
    return urlencode({"payload": json.dumps(payload)})


@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "base64"])
def test_a_genuine_press_is_queued_and_acknowledged(door: Door, encoded: bool) -> None:  # noqa: FBT001  # a parameter of the table
    answer = door.asked(a_press(), encoded=encoded)

    assert answer == {"statusCode": 200, "body": ""}
    assert [(c["command"], c["person"], c["team"], c["approval_id"]) for c in door.queue.sent] == [
        ("CastVote", "U0BEN", "T0SLUICE", APPROVAL)
    ]


def test_a_form_is_answered_with_json(door: Door) -> None:
    view = {"callback_id": "reason_reject", "private_metadata": APPROVAL, "state": {}}

    answer = door.asked(a_press(type="view_submission", view=view))

    assert (answer["statusCode"], answer["headers"]) == (200, {"content-type": "application/json"})
    assert json.loads(answer["body"])["response_action"] == "errors"


@pytest.mark.parametrize("secret", [SECRET, NEXT_SECRET])
def test_during_a_rotation_both_secrets_open(door: Door, secret: str) -> None:
    door.secrets = (SECRET, NEXT_SECRET)

    assert door.asked(a_press(), secret=secret)["statusCode"] == 200
    assert door.effects == 1


@pytest.mark.parametrize(
    "age,status", [(0, 200), (MAX_AGE_S, 200), (-MAX_AGE_S, 200), (MAX_AGE_S + 1, 401), (-MAX_AGE_S - 1, 401)]
)
def test_a_request_is_good_for_five_minutes_either_way(door: Door, age: int, status: int) -> None:
    answer = door.asked(a_press(), age=age)

    assert (answer["statusCode"], door.effects) == (status, int(status == 200))


def test_another_secret_does_not_open(door: Door) -> None:
    assert door.asked(a_press(), secret="guessed")["statusCode"] == 401
    assert door.effects == 0


def test_a_signature_of_other_bytes_does_not_open(door: Door) -> None:
    stamp = str(door.clock.at // 1_000_000)
    headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": sign(a_press().encode(), stamp, SECRET)}

    answer = door.answer({"headers": headers, "body": a_press(user={"id": "U0EVE"}), "isBase64Encoded": False})

    assert (answer["statusCode"], door.effects) == (401, 0)


@pytest.mark.parametrize("event", [
    {},
    {"headers": None, "body": None},
    {"headers": {}, "body": "", "isBase64Encoded": True},
    {"headers": {}, "body": "not base64!", "isBase64Encoded": True},
    {"headers": {}, "body": "é", "isBase64Encoded": True},
    {"headers": {}, "body": "\ud800"},
    {"headers": {}, "body": ["x"]},
    {"headers": {}, "body": "x" * (2 * MAX_BODY + 1)},
    {"headers": {"x-slack-signature": None, "x-slack-request-timestamp": 7}, "body": "x"},
])  # fmt: skip
def test_what_is_no_request_of_slacks_is_unauthorised(door: Door, event: dict[str, Any]) -> None:
    assert door.answer(event) == {"statusCode": 401, "body": ""}
    assert door.effects == 0


@pytest.mark.parametrize("body", ["", "x", "payload=7", "payload=%7B", a_press(user=None), "payload=" + "a" * MAX_BODY])
def test_a_signed_request_of_another_form_is_refused_and_changes_nothing(door: Door, body: str) -> None:
    assert door.asked(body) == {"statusCode": 400, "body": ""}
    assert door.effects == 0


def test_a_replayed_press_for_a_form_is_refused_without_an_error_of_ours(door: Door) -> None:
    first, second = (door.asked(a_press("decide_reject")) for _ in range(2))

    assert (first["statusCode"], second["statusCode"], len(door.chat.views)) == (200, 400, 1)


@pytest.mark.parametrize(
    "failure", [TransientFailure("GetSecretValue: Throttling"), PermanentFailure("GetSecretValue: AccessDenied")]
)
def test_when_the_secret_cannot_be_read_nobody_gets_in_and_slack_is_told(door: Door, failure: SluiceError) -> None:
    door.failure = failure

    assert door.asked(a_press()) == {"statusCode": 503, "body": ""}
    assert door.effects == 0


def test_when_the_queue_is_down_the_presser_sees_an_error(door: Door) -> None:
    door.queue.fail(TransientFailure("SendMessage: ServiceUnavailable"))

    assert door.asked(a_press())["statusCode"] == 503


def test_without_any_secret_nobody_gets_in(door: Door) -> None:
    door.secrets = ("",)

    assert door.asked(a_press(), secret="")["statusCode"] == 401


def test_no_line_of_the_log_holds_a_secret_a_signature_a_token_or_the_body(door: Door) -> None:
    door.secrets = (SECRET, NEXT_SECRET)
    door.asked(a_press())
    door.asked(a_press(), secret="guessed")
    door.asked(a_press(user=None))
    door.asked(a_press("decide_reject"))
    door.asked(a_press("decide_reject"))
    door.queue.fail(TransientFailure("SendMessage: ServiceUnavailable"))
    door.asked(a_press())

    logged = "\n".join(door.lines)
    assert len(door.lines) >= 4
    assert all("\n" not in line for line in door.lines)
    for kept in (SECRET, NEXT_SECRET, TOKEN, "v0=", "verification-token", "payload", "trigger_id=", "1.2.abc"):
        assert kept not in logged


_headers = st.dictionaries(
    st.sampled_from(["x-slack-request-timestamp", "x-slack-signature", "content-type", "x-slack-retry-num"]),
    st.text() | st.sampled_from(["1780000000", "v0=" + "a" * 64, "v0=" + "é" * 64, "9" * 5000, "inf", "nan"]),
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_fields = st.sampled_from(["type", "user", "team", "channel", "trigger_id", "actions", "view"])
_values = _json | st.sampled_from(
    [
        "block_actions",
        "view_submission",
        {"id": "U1"},
        [{"type": "button", "value": "x", "action_id": "decide_reject"}],
        {
            "callback_id": "reason_reject",
            "private_metadata": "x",
            "state": {"values": {"reason": {"text": {"value": "no"}}}},
        },
    ]
)
_fuzz = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)


@_fuzz
@given(
    headers=_headers,
    body=st.none() | st.text() | st.binary().map(lambda b: base64.b64encode(b).decode()),
    encoded=st.booleans(),
)
def test_whatever_a_stranger_sends_nothing_happens_and_nothing_breaks(
    door: Door,
    headers: dict[str, str],
    body: str | None,
    encoded: bool,  # noqa: FBT001  # generated
) -> None:
    answer = door.answer({"headers": headers, "body": body, "isBase64Encoded": encoded})

    assert (answer["statusCode"], door.effects) == (401, 0)


@_fuzz
@given(body=st.binary(max_size=300), encoded=st.booleans())
def test_whatever_bytes_are_signed_nothing_breaks(door: Door, body: bytes, encoded: bool) -> None:  # noqa: FBT001  # generated
    try:
        body.decode()
    except UnicodeDecodeError:
        encoded = True

    answer = door.asked(body, encoded=encoded)

    assert answer["statusCode"] in (200, 400)
    assert door.effects == 0


@_fuzz
@given(payload=st.dictionaries(_fields, _values, max_size=7))
def test_whatever_payload_is_signed_nothing_breaks(door: Door, payload: dict[str, Any]) -> None:
    before = door.effects

    answer = door.asked(urlencode({"payload": json.dumps(payload)}))

    assert answer["statusCode"] in (200, 400)
    assert answer["statusCode"] == 200 or door.effects == before
