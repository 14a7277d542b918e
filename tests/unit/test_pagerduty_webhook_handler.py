"""The door for PagerDuty: only PagerDuty gets in, nothing breaks it, and no secret gets out."""

import base64
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.pagerduty_webhook import app
from sluice import wiring
from sluice.core.pager_event import MAX_BODY
from sluice.core.pagerduty_signature import sign
from sluice.errors import PermanentFailure, SluiceError, TransientFailure
from sluice.telemetry import logger
from tests.approvals import NOW
from tests.fakes.clock import FakeClock
from tests.fakes.queue import FakeQueue

SECRET, NEXT_SECRET = "the-secret-of-the-subscription", "the-next-secret"
INCIDENT = "3f1c0f0c9f9d4d0e8a7b6c5d4e3f2a1b"
DORA = {"id": "PLH1HKV", "type": "user_reference", "summary": "Dora Lindqvist"}


class Door:
    """The handler with fakes behind its wiring, and the lines that it logged."""

    def __init__(self) -> None:
        self.queue, self.clock = FakeQueue(), FakeClock()
        self.secrets: tuple[str, ...] = (SECRET,)
        self.failure: SluiceError | None = None
        self.lines: list[str] = []

    def values(self) -> tuple[str, ...]:
        if self.failure is not None:
            raise self.failure
        return self.secrets

    def asked(self, body: str | bytes, *secrets: str, encoded: bool = False) -> dict[str, Any]:
        """A request that is signed with secrets, and the answer."""
        raw = body if isinstance(body, bytes) else body.encode()
        signatures = ",".join(sign(raw, secret) for secret in secrets or (SECRET,))
        return self.sent(raw, signatures, encoded=encoded)

    def sent(self, raw: bytes, signatures: str, *, encoded: bool = False) -> dict[str, Any]:
        """A request with a header as it is given, and the answer."""
        shown = base64.b64encode(raw).decode() if encoded else raw.decode("utf-8", "surrogateescape")
        headers = {"x-pagerduty-signature": signatures, "content-type": "application/json"}
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
    monkeypatch.setenv("PAGERDUTY_WEBHOOK_SECRET_ARN", "arn:aws:secretsmanager:us-east-1:1:secret:pagerduty")
    monkeypatch.setattr(wiring, "command_queue", lambda: made.queue)
    monkeypatch.setattr(wiring, "clock", lambda: made.clock)
    monkeypatch.setattr(wiring, "secret", lambda _: made)
    lines = _Lines(made, logger().registered_formatter)
    logger().addHandler(lines)
    yield made
    logging.getLogger(logger().service).removeHandler(lines)


def a_webhook(event_type: str = "incident.acknowledged", **changes: Any) -> str:
    """What PagerDuty says when Dora acknowledges."""
    event = {
        "id": "01CH754SM17TWPE2V2H4VPBRO7",
        "event_type": event_type,
        "resource_type": "incident",
        "occurred_at": "2026-05-28T20:26:30.250Z",
        "agent": DORA,
        "client": None,
        "data": {"id": "PGR0VU2", "type": "incident", "incident_key": f"sluice/{INCIDENT}", "status": "acknowledged"},
    } | changes
    return json.dumps({"event": event})


@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "base64"])
@pytest.mark.parametrize("event_type,kind", [
    ("incident.acknowledged", "acknowledge"),
    ("incident.resolved", "resolve"),
])  # fmt: skip
def test_what_a_person_did_is_queued_and_pagerduty_is_answered(
    door: Door,
    event_type: str,
    kind: str,
    encoded: bool,  # noqa: FBT001  # a parameter of the table
) -> None:
    answer = door.asked(a_webhook(event_type), encoded=encoded)

    assert answer == {"statusCode": 202, "body": ""}
    assert door.queue.sent == [
        {
            "command": "PagerSaid",
            "incident_id": INCIDENT,
            "kind": kind,
            "name": "Dora Lindqvist",
            "event_id": "01CH754SM17TWPE2V2H4VPBRO7",
            "at": NOW - 9_750_000,
        }
    ]


def test_an_incident_that_came_back_is_found_by_the_alert_of_that_time(door: Door) -> None:
    door.asked(a_webhook(data={"incident_key": f"sluice/{INCIDENT}/3"}))

    assert [command["incident_id"] for command in door.queue.sent] == [INCIDENT]


def test_what_was_said_by_a_clock_that_is_ahead_was_said_when_it_was_heard(door: Door) -> None:
    door.asked(a_webhook(occurred_at="2039-01-01T00:00:00+02:00"))

    assert [command["at"] for command in door.queue.sent] == [NOW + 1]


@pytest.mark.parametrize("webhook", [
    a_webhook("pagey.ping"),
    a_webhook("incident.reopened"),
    a_webhook("incident.unacknowledged"),
    a_webhook("incident.triggered"),
    a_webhook("service.updated", agent=None),
    a_webhook(data={"incident_key": "d3640fbd41094207a1c11e58e46b1662"}),
    a_webhook(data={"incident_key": None}),
    a_webhook(data={}),
    a_webhook(data={"incident_key": f"sluice/{INCIDENT}/"}),
    a_webhook(data={"incident_key": f"sluice/{INCIDENT.upper()}"}),
    a_webhook(data={"incident_key": f"sluice/{INCIDENT}\n"}),
    a_webhook(data={"incident_key": ["sluice"]}),
    a_webhook(agent=None),
    a_webhook(agent={"type": "events_api_v2_inbound_integration_reference", "summary": "Sluice"}),
    a_webhook(agent="Dora"),
])  # fmt: skip
def test_what_is_genuine_and_asks_for_nothing_is_passed_over_with_a_reason(door: Door, webhook: str) -> None:
    answer = door.asked(webhook)

    assert (answer["statusCode"], door.queue.sent) == (202, [])
    assert [json.loads(line)["outcome"] for line in door.lines if "pager_event_heard" in line]


@pytest.mark.parametrize("secrets", [(SECRET,), (NEXT_SECRET, SECRET), (SECRET, NEXT_SECRET)])
def test_while_pagerduty_rotates_one_signature_of_several_opens(door: Door, secrets: tuple[str, ...]) -> None:
    assert door.asked(a_webhook(), *secrets)["statusCode"] == 202
    assert len(door.queue.sent) == 1


def test_while_sluice_rotates_both_secrets_open(door: Door) -> None:
    door.secrets = (SECRET, NEXT_SECRET)

    assert [door.asked(a_webhook(), secret)["statusCode"] for secret in door.secrets] == [202, 202]


def test_another_secret_does_not_open(door: Door) -> None:
    assert door.asked(a_webhook(), "guessed")["statusCode"] == 401
    assert door.queue.sent == []


def test_a_signature_of_other_bytes_does_not_open(door: Door) -> None:
    answer = door.sent(a_webhook("incident.resolved").encode(), sign(a_webhook().encode(), SECRET))

    assert (answer["statusCode"], door.queue.sent) == (401, [])


@pytest.mark.parametrize("signatures", [
    "",
    "v1=",
    "v2=" + "a" * 64,
    "v1=" + "A" * 64,
    "v1=" + "é" * 64,
    "v1=" + "a" * 63 + "\n",
    ",".join(["v1=" + "a" * 64] * 500),
])  # fmt: skip
def test_a_header_of_another_form_does_not_open(door: Door, signatures: str) -> None:
    assert door.sent(a_webhook().encode(), signatures)["statusCode"] == 401
    assert door.queue.sent == []


def test_spaces_between_signatures_are_no_part_of_them(door: Door) -> None:
    body = a_webhook().encode()

    assert door.sent(body, f"{sign(body, 'other')} , {sign(body, SECRET)}")["statusCode"] == 202


@pytest.mark.parametrize("event", [
    {},
    {"headers": None, "body": None},
    {"headers": [], "body": "{}"},
    {"headers": {}, "body": "", "isBase64Encoded": True},
    {"headers": {"x-pagerduty-signature": None}, "body": "not base64!", "isBase64Encoded": True},
    {"headers": {"x-pagerduty-signature": 7}, "body": "\ud800"},
    {"headers": {}, "body": "x" * (2 * MAX_BODY + 1)},
])  # fmt: skip
def test_what_is_no_request_of_pagerdutys_is_unauthorised(door: Door, event: dict[str, Any]) -> None:
    assert door.answer(event) == {"statusCode": 401, "body": ""}
    assert door.queue.sent == []


def test_a_stack_without_a_secret_lets_nobody_in(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGERDUTY_WEBHOOK_SECRET_ARN", "")

    assert door.asked(a_webhook())["statusCode"] == 401


def test_an_empty_secret_lets_nobody_in(door: Door) -> None:
    door.secrets = ("",)

    assert door.asked(a_webhook(), "")["statusCode"] == 401


@pytest.mark.parametrize("body", [
    "",
    "[]",
    "{}",
    '{"event": 7}',
    '{"event": {}, "event": {}}',
    a_webhook(id=""),
    a_webhook(id="../../x"),
    a_webhook(agent={"type": "user_reference"}),
    a_webhook(occurred_at="yesterday"),
    a_webhook(occurred_at="2026-13-28T20:26:30Z"),
    a_webhook(occurred_at="1969-12-31T23:59:59Z"),
    a_webhook(occurred_at="0001-01-01T00:00:00+23:59"),
    a_webhook(occurred_at=None),
    a_webhook(data=None),
    json.dumps({"event": json.loads(a_webhook())["event"] | {"event_type": None}}),
    "[" * 500 + "]" * 500,
    json.dumps({"event": "x" * MAX_BODY}),
])  # fmt: skip
def test_a_signed_request_of_another_form_is_refused_and_changes_nothing(door: Door, body: str) -> None:
    assert door.asked(body) == {"statusCode": 400, "body": ""}
    assert door.queue.sent == []


@pytest.mark.parametrize("summary,name", [
    ("Dora\u202e\n <!channel>", "Dora <!channel>"),
    ("\ud800\u0007", "somebody"),
    ("é" * 300, "é" * 100),
])  # fmt: skip
def test_a_name_is_one_short_line_that_can_be_kept_anywhere(door: Door, summary: str, name: str) -> None:
    door.asked(a_webhook(agent=DORA | {"summary": summary}))

    assert [command["name"] for command in door.queue.sent] == [name]
    json.dumps(door.queue.sent, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "failure", [TransientFailure("GetSecretValue: Throttling"), PermanentFailure("GetSecretValue: AccessDenied")]
)
def test_when_the_secret_cannot_be_read_nobody_gets_in_and_pagerduty_tries_again(
    door: Door, failure: SluiceError
) -> None:
    door.failure = failure

    assert door.asked(a_webhook()) == {"statusCode": 503, "body": ""}
    assert door.queue.sent == []


def test_when_the_queue_is_down_pagerduty_tries_again(door: Door) -> None:
    door.queue.fail(TransientFailure("SendMessage: ServiceUnavailable"))

    assert door.asked(a_webhook())["statusCode"] == 503


def test_no_line_of_the_log_holds_a_secret_a_signature_a_name_or_the_body(door: Door) -> None:
    door.secrets = (SECRET, NEXT_SECRET)
    door.asked(a_webhook())
    door.asked(a_webhook(), "guessed")
    door.asked(a_webhook(agent=None))
    door.asked(a_webhook(id=""))
    door.queue.fail(TransientFailure("SendMessage: ServiceUnavailable"))
    door.asked(a_webhook())

    logged = "\n".join(door.lines)
    assert len(door.lines) >= 5
    for kept in (SECRET, NEXT_SECRET, "v1=", "Dora", "occurred_at", "PGR0VU2"):
        assert kept not in logged


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_fields = st.sampled_from(["id", "event_type", "occurred_at", "agent", "data", "resource_type"])
_values = _json | st.sampled_from(
    [
        "incident.acknowledged",
        "incident.resolved",
        "2026-05-28T20:26:30Z",
        "9999-12-31T23:59:59-23:59",
        "01CH754SM17TWPE2V2H4VPBRO7",
        DORA,
        {"type": "user_reference", "summary": ["x"]},
        {"incident_key": f"sluice/{INCIDENT}"},
    ]
)
_fuzz = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)


@_fuzz
@given(
    signatures=st.text() | st.sampled_from(["v1=" + "a" * 64, "v1=" + "é" * 64, ",,,", "v1=" + "0" * 64 + ",v1="]),
    body=st.none() | st.text() | st.binary().map(lambda b: base64.b64encode(b).decode()),
    encoded=st.booleans(),
)
def test_whatever_a_stranger_sends_nothing_happens_and_nothing_breaks(
    door: Door,
    signatures: str,
    body: str | None,
    encoded: bool,  # noqa: FBT001  # generated
) -> None:
    answer = door.answer({"headers": {"x-pagerduty-signature": signatures}, "body": body, "isBase64Encoded": encoded})

    assert (answer["statusCode"], door.queue.sent) == (401, [])


@_fuzz
@given(body=st.binary(max_size=300))
def test_whatever_bytes_are_signed_nothing_breaks(door: Door, body: bytes) -> None:
    answer = door.asked(body, encoded=True)

    assert (answer["statusCode"], door.queue.sent) == (400, [])


@_fuzz
@given(event=st.dictionaries(_fields, _values, max_size=6), nested=st.booleans())
def test_whatever_payload_is_signed_nothing_breaks(door: Door, event: dict[str, Any], nested: bool) -> None:  # noqa: FBT001  # generated
    before = len(door.queue.sent)

    answer = door.asked(json.dumps({"event": event} if nested else event))

    assert answer["statusCode"] in (202, 400)
    assert answer["statusCode"] == 202 or len(door.queue.sent) == before
