"""What the Events API v2 takes and refuses, and the alerts that come of it. No HTTP here."""

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

SEVERITIES = ("critical", "error", "warning", "info")
ACTIONS = ("trigger", "acknowledge", "resolve")
MAX_BODY = 512 * 1024
MAX_SUMMARY = 1024
MAX_DEDUP_KEY = 255
ROUTING_KEY = 32
CALLS_PER_MINUTE = 120


@dataclass
class Alert:
    """One problem as PagerDuty sees it: opened by a trigger, one per dedup key while it is open."""

    routing_key: str
    dedup_key: str
    status: str
    events: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    """An HTTP answer."""

    status: int
    body: Mapping[str, Any]


class Pager:
    """Alerts by routing key and dedup key. `wall` is the simulated clock, by which the rate limit counts."""

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._lock = threading.Lock()
        self._calls_s: dict[str, list[float]] = {}
        self.received: list[dict[str, Any]] = []
        self.alerts: list[Alert] = []
        self.down_until_s = 0.0

    def go_down(self, for_s: float) -> None:
        """Answer 503 for a time."""
        self.down_until_s = self._wall() + for_s

    def enqueue(self, event: Any) -> Verdict:
        """Take one event: 202 accepted, 400 invalid, 429 too many, 503 while down."""
        if self._wall() < self.down_until_s:
            return Verdict(503, {"status": "unavailable"})
        errors = problems(event)
        if errors:
            return Verdict(400, {"status": "invalid event", "message": "Event object is invalid", "errors": errors})
        with self._lock:
            if not self._within_rate(event["routing_key"]):
                return Verdict(429, {"status": "throttle exceeded", "message": "Too many requests"})
            key = event.get("dedup_key") or uuid.uuid4().hex
            self.received.append({**event, "dedup_key": key})
            self._apply({**event, "dedup_key": key})
        return Verdict(202, {"status": "success", "message": "Event processed", "dedup_key": key})

    def _within_rate(self, routing_key: str) -> bool:
        now = self._wall()
        calls = [at for at in self._calls_s.get(routing_key, []) if now - at < 60]
        self._calls_s[routing_key] = calls
        if len(calls) >= CALLS_PER_MINUTE:
            return False
        calls.append(now)
        return True

    def _apply(self, event: dict[str, Any]) -> None:
        alert = self._open_alert(event["routing_key"], event["dedup_key"])
        if event["event_action"] == "trigger" and alert is None:
            alert = Alert(event["routing_key"], event["dedup_key"], "triggered")
            self.alerts.append(alert)
        if alert is None:
            return  # PagerDuty drops an acknowledgement or a resolution of nothing in silence
        alert.events.append(event)
        if event["event_action"] != "trigger":
            alert.status = f"{event['event_action']}d"

    def _open_alert(self, routing_key: str, dedup_key: str) -> Alert | None:
        named = (a for a in self.alerts if (a.routing_key, a.dedup_key) == (routing_key, dedup_key))
        return next((a for a in named if a.status != "resolved"), None)


def problems(event: Any) -> list[str]:
    """Why an event would be refused; empty when it would not."""
    if not isinstance(event, Mapping):
        return ["'event' must be a JSON object"]
    found = []
    if not isinstance(event.get("routing_key"), str) or len(event["routing_key"]) != ROUTING_KEY:
        found.append(f"'routing_key' must be a string of {ROUTING_KEY} characters")
    if event.get("event_action") not in ACTIONS:
        found.append(f"'event_action' must be one of {', '.join(ACTIONS)}")
    if len(str(event.get("dedup_key", ""))) > MAX_DEDUP_KEY:
        found.append(f"'dedup_key' is longer than {MAX_DEDUP_KEY} characters")
    if event.get("event_action") == "trigger":
        return found + _payload_problems(event.get("payload"))
    return found if event.get("dedup_key") else [*found, "'dedup_key' is missing or blank"]


def _payload_problems(payload: Any) -> list[str]:
    if not isinstance(payload, Mapping):
        return ["'payload' is missing or not an object"]
    found = [f"'payload.{n}' is missing or blank" for n in ("summary", "source", "severity") if not payload.get(n)]
    if payload.get("severity") and payload["severity"] not in SEVERITIES:
        found.append(f"'payload.severity' must be one of {', '.join(SEVERITIES)}")
    if len(str(payload.get("summary", ""))) > MAX_SUMMARY:
        found.append(f"'payload.summary' is longer than {MAX_SUMMARY} characters")
    return found
