"""Webhooks V3 as PagerDuty sends them: signed, in order, five seconds for the answer, five attempts in twenty minutes.

Forms and behaviour: PagerDuty/developer-docs, docs/webhooks (01-Overview, 02-Behavior, 04-Signatures).
"""

import hashlib
import hmac
import json
import queue
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from local import clock
from local.pager.events import Alert
from local.pager.people import Responder

ANSWER_WITHIN_S = 5.0
WAITS_S = (0, 30, 120, 300, 720)
"""Simulated seconds before each attempt."""
_ACCOUNT = "https://acme.pagerduty.com"
_API = "https://api.pagerduty.com"


@dataclass(frozen=True)
class Sent:
    """One attempt: `status` 0 when no answer came in time."""

    event_type: str
    incident: str
    attempt: int
    status: int
    body: bytes
    headers: Mapping[str, str]


class Webhooks:
    """A subscription: where it leads, what it is signed with, and everything that was sent there."""

    def __init__(self, secrets: tuple[str, ...], wall: Callable[[], float]) -> None:
        self.secrets = secrets
        self.url = ""
        self.sent: list[Sent] = []
        self._wall = wall
        self._over = threading.Event()
        self._waiting: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._opener = build_opener(ProxyHandler({}))
        self._thread = threading.Thread(target=self._work, name="local-pager-webhooks", daemon=True)
        self._thread.start()

    def connect(self, url: str) -> None:
        """Make the subscription."""
        self.url = url

    def stop(self) -> None:
        """Send nothing any more."""
        self._over.set()
        self._waiting.put(None)
        self._thread.join(timeout=ANSWER_WITHIN_S + 1)

    def heard(self, event_type: str, alert: Alert, person: Responder | None) -> None:
        """An incident has changed: its webhook is sent after those before it."""
        if self.url:
            self._waiting.put(webhook(event_type, alert, person, self._wall()))

    def _work(self) -> None:
        while (payload := self._waiting.get()) is not None:
            self._deliver(payload)

    def _deliver(self, payload: dict[str, Any]) -> None:
        event, body = payload["event"], json.dumps(payload).encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "PagerDuty-Webhook/V3.0",
            "X-PagerDuty-Signature": ",".join(signature(body, secret) for secret in self.secrets),
            "X-Webhook-Id": str(uuid.uuid4()),
        }
        for attempt in self._attempts():
            status = self._posted(body, headers)
            self.sent.append(Sent(event["event_type"], event["data"]["id"], attempt, status, body, headers))
            if status and status != 429 and status < 500:
                return  # delivered, or dropped for good

    def _attempts(self) -> Iterator[int]:
        for attempt, wait_s in enumerate(WAITS_S, start=1):
            if clock.wait(self._over, wait_s):
                return
            yield attempt

    def _posted(self, body: bytes, headers: Mapping[str, str]) -> int:
        request = Request(self.url, data=body, headers=dict(headers), method="POST")  # noqa: S310  # where we were told
        try:
            with self._opener.open(request, timeout=ANSWER_WITHIN_S) as answer:
                return int(answer.status)
        except HTTPError as error:
            with error:
                return error.code
        except (URLError, OSError):
            return 0


def signature(body: bytes, secret: str) -> str:
    """One signature of a body."""
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def webhook(event_type: str, alert: Alert, person: Responder | None, now_s: float) -> dict[str, Any]:
    """The payload of a change of an incident; without a person it was the events' integration."""
    first = alert.events[0]["payload"] if alert.events else {}
    return {
        "event": {
            "id": uuid.uuid4().hex.upper()[:26],
            "event_type": event_type,
            "resource_type": "incident",
            "occurred_at": _iso(now_s),
            "agent": _user(person) if person else _integration(),
            "client": None,
            "data": {
                "id": alert.id,
                "type": "incident",
                "self": f"{_API}/incidents/{alert.id}",
                "html_url": f"{_ACCOUNT}/incidents/{alert.id}",
                "number": alert.number,
                "status": alert.status,
                "incident_key": alert.dedup_key,
                "created_at": _iso(alert.opened_s),
                "title": first.get("summary", ""),
                "service": _reference("services", "PSLUICE", "Models in production", "service"),
                "assignees": [_user(person)] if person else [],
                "escalation_policy": _reference("escalation_policies", "PESCAL1", "Default", "escalation_policy"),
                "teams": [],
                "priority": None,
                "urgency": "high",
                "conference_bridge": None,
                "resolve_reason": None,
            },
        }
    }


def _user(person: Responder) -> dict[str, str]:
    return _reference("users", person.id, person.name, "user")


def _integration() -> dict[str, str]:
    # Which type PagerDuty gives an integration in a webhook is not documented; that it is no user is what counts.
    return _reference("services/PSLUICE/integrations", "PEVENTS", "Events API V2", "events_api_v2_inbound_integration")


def _reference(path: str, identifier: str, summary: str, kind: str) -> dict[str, str]:
    return {
        "html_url": f"{_ACCOUNT}/{path}/{identifier}",
        "id": identifier,
        "self": f"{_API}/{path}/{identifier}",
        "summary": summary,
        "type": f"{kind}_reference",
    }


def _iso(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
