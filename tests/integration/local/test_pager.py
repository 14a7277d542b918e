"""The local PagerDuty takes and refuses events as the Events API v2 does, and sends webhooks as V3 does."""

import http.client
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from local import clock
from local.pager import server
from local.pager.events import NothingToDo
from local.pager.people import RESPONDERS
from local.pager.server import PagerServer
from sluice.core.pager_event import read_pager_event
from sluice.core.pagerduty_signature import is_genuine
from sluice.model.incident_commands import PagerSaid

KEY = "a" * 32


@pytest.fixture
def pager() -> Iterator[PagerServer]:
    running = server.start(wall=lambda: 1_780_000_000.0)
    yield running
    running.stop()


def an_event(action: str = "trigger", **changes: Any) -> dict[str, Any]:
    payload = {"summary": "Canary of fraud-detector failed", "source": "sluice", "severity": "critical"}
    return {"routing_key": KEY, "event_action": action, "dedup_key": "fraud/1", "payload": payload} | changes


def send(pager: PagerServer, event: Any) -> tuple[int, dict[str, Any]]:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    try:
        with urllib.request.urlopen(pager.url, data=body) as answer:  # noqa: S310  # http on loopback
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_an_event_is_accepted_and_listed(pager: PagerServer) -> None:
    status, answer = send(pager, an_event())

    assert (status, answer["status"], answer["dedup_key"]) == (202, "success", "fraud/1")
    assert [e["payload"]["severity"] for e in pager.pager.received] == ["critical"]


def test_the_same_key_is_one_alert_until_it_is_resolved(pager: PagerServer) -> None:
    for action in ("trigger", "trigger", "acknowledge", "resolve", "trigger"):
        send(pager, an_event(action))

    assert [a.status for a in pager.pager.alerts] == ["resolved", "triggered"]


def test_without_a_key_each_event_is_a_page(pager: PagerServer) -> None:
    keys = {send(pager, an_event(dedup_key=""))[1]["dedup_key"] for _ in range(2)}

    assert len(keys) == len(pager.pager.alerts) == 2


@pytest.mark.parametrize(
    "event",
    [
        b"{",
        b"[]",
        an_event(routing_key="short"),
        an_event("snooze"),
        an_event(payload={"summary": "x", "source": "y", "severity": "fatal"}),
        an_event(payload={"summary": "x" * 1025, "source": "y", "severity": "info"}),
        an_event(payload={"source": "y", "severity": "info"}),
        an_event(dedup_key="k" * 256),
        an_event("resolve", dedup_key=""),
    ],
)
def test_what_is_invalid_is_refused_and_opens_nothing(pager: PagerServer, event: Any) -> None:
    assert send(pager, event)[0] == 400
    assert pager.pager.alerts == []


def test_a_flood_is_told_to_slow_down(pager: PagerServer) -> None:
    statuses = [pager.pager.enqueue(an_event()).status for _ in range(121)]

    assert statuses == [202] * 120 + [429]


def test_a_pager_that_is_down_says_so(pager: PagerServer) -> None:
    pager.pager.go_down(60)

    assert send(pager, an_event())[0] == 503


def ask(pager: PagerServer, path: str, **arguments: Any) -> tuple[int, dict[str, Any]]:
    """Ask the admin API."""
    request = urllib.request.Request(f"{pager.root_url}/_admin/{path}", data=json.dumps(arguments).encode())  # noqa: S310  # http on loopback
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310  # http on loopback
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_who_asks_too_often_is_told_how_long_to_wait(pager: PagerServer) -> None:
    ask(pager, "faults", busy_for_s=90)

    verdict = pager.pager.enqueue(an_event())

    assert (verdict.status, verdict.headers) == (429, {"Retry-After": "90"})


def test_a_lost_answer_is_of_an_event_that_counts(pager: PagerServer) -> None:
    ask(pager, "faults", lose=1)

    with pytest.raises((http.client.HTTPException, OSError)):
        send(pager, an_event())
    status, _ = send(pager, an_event())

    assert (status, len(pager.pager.alerts), len(pager.pager.alerts[0].events)) == (202, 1, 2)


def test_nobody_answers_while_it_is_unreachable(pager: PagerServer) -> None:
    ask(pager, "faults", down_for_s=60, unreachable=True)

    with pytest.raises((http.client.HTTPException, OSError)):
        send(pager, an_event())
    assert pager.pager.alerts == []


def test_people_take_and_end_what_is_open_once(pager: PagerServer) -> None:
    send(pager, an_event())
    alert, person = pager.pager.alerts[0].id, RESPONDERS[0].id

    taken = ask(pager, "acknowledge", alert=alert, person=person)
    ended = ask(pager, "resolve", alert=alert, person=person)
    again = ask(pager, "acknowledge", alert=alert, person=person)

    assert [taken[1]["status"], ended[1]["status"]] == ["acknowledged", "resolved"]
    assert again[0] == 400
    with pytest.raises(NothingToDo):
        pager.pager.respond(alert, "resolve", RESPONDERS[0])


class Receiver:
    """Takes webhooks; `answers` are the statuses of the next ones, 202 after them."""

    def __init__(self) -> None:
        self.heard: list[tuple[bytes, str]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.heard.append((body, self.headers["X-PagerDuty-Signature"]))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 202)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


@pytest.fixture
def receiver(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv(clock.CLOCK_FILE, "")
    clock.create(tmp_path / "clock.json", scale=10_000)
    listening = Receiver()
    yield listening
    listening.http.shutdown()
    listening.http.server_close()


def until_heard(receiver: Receiver, count: int) -> list[tuple[bytes, str]]:
    """What was heard, once it is as much."""
    for _ in range(500):
        if len(receiver.heard) >= count:
            break
        threading.Event().wait(0.01)
    return receiver.heard


def test_what_a_person_does_is_sent_signed_as_the_product_reads_it(pager: PagerServer, receiver: Receiver) -> None:
    send(pager, an_event(dedup_key=f"sluice/{'a' * 32}"))
    pager.connect(receiver.url)

    pager.pager.respond("Q000001", "acknowledge", RESPONDERS[0])

    [(body, signatures)] = until_heard(receiver, 1)
    said = read_pager_event(body)
    assert is_genuine(body, signatures=signatures, secrets=[pager.webhook_secret])
    assert isinstance(said, PagerSaid)
    assert (said.incident_id, said.kind.value, said.name) == ("a" * 32, "acknowledge", RESPONDERS[0].name)


def test_what_an_event_does_is_no_word_of_a_person(pager: PagerServer, receiver: Receiver) -> None:
    pager.connect(receiver.url)

    for action in ("trigger", "acknowledge", "resolve"):
        send(pager, an_event(action, dedup_key=f"sluice/{'a' * 32}"))

    read = [read_pager_event(body) for body, _ in until_heard(receiver, 3)]
    assert len(read) == 3
    assert not any(isinstance(each, PagerSaid) for each in read)


def test_a_webhook_is_repeated_in_order_until_it_is_taken_or_refused(pager: PagerServer, receiver: Receiver) -> None:
    receiver.answers = [503, 429, 202, 401]
    send(pager, an_event())
    pager.connect(receiver.url)

    pager.pager.respond("Q000001", "acknowledge", RESPONDERS[0])
    pager.pager.respond("Q000001", "resolve", RESPONDERS[0])

    kinds = [json.loads(body)["event"]["event_type"] for body, _ in until_heard(receiver, 4)]
    assert kinds == ["incident.acknowledged"] * 3 + ["incident.resolved"]
