"""PagerDuty, phones and webhooks for the page: what each got, read from the stand-ins."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_SHOWN = 20
_TONES = {"critical": "failed", "error": "failed", "warning": "running", "info": "calm"}
_STATUSES = {"triggered": "failed", "acknowledged": "running", "resolved": "succeeded"}
_ACTIONS = {"trigger": "calls", "acknowledge": "says that it is taken", "resolve": "says that it is over"}


class PagerAway(Exception):
    """The local PagerDuty does not answer, or cannot do what was asked."""


@dataclass(frozen=True)
class Step:
    """One line of what happened to an alert."""

    at: datetime
    words: str
    tone: str


@dataclass(frozen=True)
class AlertShown:
    """An alert as its page in PagerDuty shows it: from its newest call, with what happened to it, the newest first."""

    id: str
    number: int
    status: str
    tone: str
    words: str
    severity: str
    severity_tone: str
    source: str
    summary: str
    facts: Mapping[str, str]
    links: list[Mapping[str, str]]
    steps: list[Step]

    @property
    def is_open(self) -> bool:
        """Whether somebody can still do something about it."""
        return self.status != "resolved"


@dataclass(frozen=True)
class Text:
    """A message of a topic: what a phone shows, and what a mailbox does."""

    at: datetime
    topic: str
    sms: str
    subject: str
    mail: str


@dataclass(frozen=True)
class PagerPicture:
    """Everything at one moment, the newest first; `trouble` says what could not be read."""

    alerts: list[AlertShown] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    posts: list[Mapping[str, Any]] = field(default_factory=list)
    people: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""


class PagerView:
    """Reads and acts through the admin pages of the stand-ins."""

    def __init__(self, outputs: Mapping[str, str]) -> None:
        self._pager = outputs.get("pager_root_url", "")
        self._hooks = outputs.get("hook_root_url", "")
        self._engine = outputs["aws_endpoint_url"]

    def picture(self) -> PagerPicture:
        """What everybody got."""
        try:
            told = _call(f"{self._pager}/_admin/events") if self._pager else {"alerts": [], "people": []}
            published = _call(f"{self._engine}/_sluice/published")["messages"] if self._pager else []
            posts = _call(f"{self._hooks}/_admin/posts")["posts"] if self._hooks else []
        except PagerAway as trouble:
            return PagerPicture(trouble=str(trouble))
        return PagerPicture(
            alerts=[_alert(a) for a in reversed(told["alerts"][-_SHOWN:])],
            texts=[_text(m) for m in reversed(published[-_SHOWN:])],
            posts=list(reversed(posts[-_SHOWN:])),
            people={p["id"]: p["name"] for p in told["people"]},
        )

    def respond(self, alert: str, action: str, person: str) -> None:
        """Somebody presses Acknowledge or Resolve."""
        if action not in ("acknowledge", "resolve"):
            raise PagerAway(f"nobody can {action} an incident")
        _call(f"{self._pager}/_admin/{action}", {"alert": alert, "person": person})


def pager_id(slack_user: str) -> str:
    """The PagerDuty user that a member of the workspace is."""
    return f"P{slack_user.removeprefix('U')}"


def _call(url: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    try:
        with _OPENER.open(url, data=None if body is None else json.dumps(body).encode(), timeout=10) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        with error:
            raise PagerAway(str(json.load(error).get("error", error))) from error
    except (OSError, ValueError) as error:
        raise PagerAway(f"it does not answer: {error}") from error


def _alert(alert: Mapping[str, Any]) -> AlertShown:
    triggers = [e for e in alert["events"] if e["event_action"] == "trigger"]
    newest = triggers[-1]
    payload = newest["payload"]
    return AlertShown(
        id=alert["id"],
        number=alert["number"],
        status=alert["status"],
        tone=_STATUSES[alert["status"]],
        words=_status(alert),
        severity=payload["severity"],
        severity_tone=_TONES[payload["severity"]],
        source=payload["source"],
        summary=payload["summary"],
        facts=payload.get("custom_details") or {},
        links=[link for link in newest.get("links") or [] if str(link.get("href", "")).startswith("https://")],
        steps=sorted(_steps(alert), key=lambda step: step.at, reverse=True),
    )


def _status(alert: Mapping[str, Any]) -> str:
    said = [s for s in alert["said"] if f"{s['action']}d" == alert["status"]]
    if not said:
        return "Triggered: nobody has it yet"
    return f"{alert['status'].capitalize()} by {said[-1]['by']}"


def _steps(alert: Mapping[str, Any]) -> Iterator[Step]:
    for number, event in enumerate(alert["events"]):
        again = number > 0 and event["event_action"] == "trigger"
        words = "Sluice calls again, nobody is woken twice" if again else f"Sluice {_ACTIONS[event['event_action']]}"
        yield Step(_moment(event["at_s"]), words, "bad" if number == 0 else "calm")
    for said in alert["said"]:
        if said["by"] != "Events API":
            tone = "wait" if said["action"] == "acknowledge" else "good"
            yield Step(_moment(said["at_s"]), f"{said['by']} {said['action']}d it", tone)


def _text(message: Mapping[str, Any]) -> Text:
    texts = message["texts"]
    mail = texts.get("email", texts["default"])
    topic = message["topic_arn"].rpartition(":")[2]
    return Text(_moment(message["at_s"]), topic, texts.get("sms", mail), message["subject"], mail)


def _moment(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)
