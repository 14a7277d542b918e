"""The local PagerDuty takes and refuses events as the Events API v2 does."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from local.pager import server
from local.pager.server import PagerServer

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
