"""What the Events API v2 takes and refuses, and the incidents that come of it. No HTTP here."""

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.pager.faults import Faults
from local.pager.people import Responder

SEVERITIES = ("critical", "error", "warning", "info")
ACTIONS = ("trigger", "acknowledge", "resolve")
MAX_BODY = 512 * 1024
MAX_SUMMARY = 1024
MAX_DEDUP_KEY = 255
ROUTING_KEY = 32
CALLS_PER_MINUTE = 120


@dataclass
class Alert:
    """One problem as PagerDuty sees it: opened by a trigger, one per dedup key while it is open.

    `calls` are the moments at which people were called: PagerDuty calls for what is new, not for what it knows.
    `said` are the moments at which it was acknowledged or resolved, by whom.
    """

    routing_key: str
    dedup_key: str
    status: str
    number: int = 0
    opened_s: float = 0.0
    events: list[dict[str, Any]] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)

    @property
    def id(self) -> str:
        """PagerDuty's own id of the incident."""
        return f"Q{self.number:06}"


@dataclass(frozen=True)
class Verdict:
    """An HTTP answer; `lost` says that nobody hears it, though it took effect."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    lost: bool = False


class NothingToDo(Exception):
    """The incident is not there, or is over: a person could not have done this."""


type Heard = Callable[[str, Alert, Responder | None], None]
"""Is told of each change of an incident: the type of the webhook, the incident, and the person who did it."""


class Pager:
    """Incidents by routing key and dedup key. `wall` is the simulated clock, by which the rate limit counts."""

    def __init__(self, wall: Callable[[], float], heard: Heard = lambda *_: None) -> None:
        self._wall = wall
        self._heard = heard
        self._lock = threading.RLock()
        self._calls_s: dict[str, list[float]] = {}
        self.faults = Faults(wall)
        self.received: list[dict[str, Any]] = []
        self.alerts: list[Alert] = []

    def go_down(self, for_s: float) -> None:
        """Answer 503 for a time."""
        self.faults.go_down(for_s)

    def enqueue(self, event: Any) -> Verdict:
        """Take one event: 202 accepted, 400 invalid, 429 too many, 503 while down."""
        if self.faults.is_down:
            return Verdict(503, {"status": "unavailable"})
        errors = problems(event)
        if errors:
            return Verdict(400, {"status": "invalid event", "message": "Event object is invalid", "errors": errors})
        with self._lock:
            wait_s = self.faults.wait_s or self._too_many(event["routing_key"])
            if wait_s:
                throttled = {
                    "status": "throttle exceeded",
                    "message": "Requests for this service are arriving too quickly",
                }
                return Verdict(429, throttled, {"Retry-After": str(wait_s)} if self.faults.says_how_long else {})
            key = event.get("dedup_key") or uuid.uuid4().hex
            self.received.append({**event, "dedup_key": key})
            self._apply({**event, "dedup_key": key, "at_s": self._wall()})
        accepted = {"status": "success", "message": "Event processed", "dedup_key": key}
        return Verdict(202, accepted, lost=self.faults.loses_answer())

    def respond(self, alert_id: str, action: str, person: Responder) -> Alert:
        """A person acknowledges or resolves an incident that is open."""
        with self._lock:
            alert = next((a for a in self.alerts if a.id == alert_id and a.status != "resolved"), None)
            if alert is None or action not in ("acknowledge", "resolve"):
                raise NothingToDo(f"nobody can {action} {alert_id}")
            self._say(alert, action, person)
            return alert

    def _too_many(self, routing_key: str) -> int:
        now = self._wall()
        calls = [at for at in self._calls_s.get(routing_key, []) if now - at < 60]
        self._calls_s[routing_key] = calls
        if len(calls) >= CALLS_PER_MINUTE:
            return max(1, round(60 - (now - calls[0])))
        calls.append(now)
        return 0

    def _apply(self, event: dict[str, Any]) -> None:
        alert = self._open_alert(event["routing_key"], event["dedup_key"])
        if event["event_action"] == "trigger":
            if alert is None:
                self._open(event)
            else:
                alert.events.append(event)
        elif alert is not None:  # PagerDuty drops an acknowledgement or a resolution of nothing in silence
            alert.events.append(event)
            self._say(alert, event["event_action"], None)

    def _open(self, event: dict[str, Any]) -> None:
        now, number = self._wall(), len(self.alerts) + 1
        alert = Alert(event["routing_key"], event["dedup_key"], "triggered", number, now, [event], [now])
        self.alerts.append(alert)
        self._heard("incident.triggered", alert, None)

    def _say(self, alert: Alert, action: str, person: Responder | None) -> None:
        alert.status = f"{action}d"
        name = person.name if person else "Events API"
        alert.said.append({"at_s": self._wall(), "action": action, "by": name})
        self._heard(f"incident.{alert.status}", alert, person)

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
