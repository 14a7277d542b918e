"""How each medium sees a page: an event of PagerDuty, a message of SNS, the document of a webhook. Pure."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, assert_never

from sluice.model.ids import Micros
from sluice.model.incident import Incident
from sluice.model.page import Page, PageAction, PageOrder

_SUBJECT: Final = 100
"""Characters of a subject that SNS takes; ASCII, no line ends."""
_SMS: Final = 160
_CLIENT: Final = "Sluice"
_REOPENINGS: Final = 10
"""Alerts of one incident that are closed at its end: more that are still open somebody has closed by hand long ago."""


@dataclass(frozen=True, slots=True)
class TopicMessage:
    """What is published to a topic: a text for each protocol, `default` for the others."""

    subject: str
    texts: Mapping[str, str]
    attributes: Mapping[str, str]


def pagerduty_events(page: Page, incident: Incident, *, anew: bool) -> tuple[Mapping[str, Any], ...]:
    """What PagerDuty is told, in order (Events API v2, without the routing key). Telling it twice changes nothing.

    PagerDuty calls nobody for an alert that was acknowledged: to call `anew`, the alert is closed and made again. An
    incident that came back has an alert of its own, so that a closing that is late cannot close the new one.
    """
    key = _alert(page.dedup_key, incident.reopened)
    match page.action:
        case PageAction.TRIGGER:
            again = (_closing(key),) if anew else ()
            return (*again, _alarm(page, key))
        case PageAction.UPDATE:
            return (_alarm(page, key),)
        case PageAction.ACKNOWLEDGE:
            return ({"event_action": "acknowledge", "dedup_key": key},)
        case PageAction.RESOLVE:
            newest = incident.reopened if incident.is_over else incident.reopened - 1
            numbers = range(max(0, newest - _REOPENINGS + 1), newest + 1)
            return tuple(_closing(_alert(page.dedup_key, number)) for number in numbers)
        case _ as never:
            assert_never(never)


def _alert(dedup_key: str, reopened: int) -> str:
    return f"{dedup_key}/{reopened}" if reopened else dedup_key


def _closing(key: str) -> Mapping[str, Any]:
    return {"event_action": "resolve", "dedup_key": key}


def _alarm(page: Page, key: str) -> Mapping[str, Any]:
    links = dict(page.links)
    return {
        "event_action": "trigger",
        "dedup_key": key,
        "client": _CLIENT,
        "client_url": links.get("Endpoint", ""),
        "links": [{"href": url, "text": label} for label, url in page.links],
        "payload": {
            "summary": page.summary,
            "source": page.source,
            "severity": page.severity.value,
            "timestamp": _iso(page.at),
            "component": page.component,
            "group": page.group_name,
            "class": page.klass,
            "custom_details": dict(page.facts),
        },
    }


def topic_message(page: Page) -> TopicMessage:
    """A short subject, and a text that begins with what fits into one SMS."""
    word = {PageAction.TRIGGER: page.severity.value.upper(), PageAction.UPDATE: "News"}.get(page.action)
    head = f"[Sluice] {word or page.action.value.capitalize() + 'd'}:"
    lines = [page.summary, "", *(f"{label}: {text}" for label, text in page.facts)]
    lines += ["", *(f"{label}: {url}" for label, url in page.links)]
    return TopicMessage(
        subject=shortened_ascii(f"{head} {page.source}", _SUBJECT),
        texts={"sms": shortened_ascii(f"{head} {page.summary}", _SMS), "default": "\n".join(lines)},
        attributes={"action": page.action.value, "severity": page.severity.value, "endpoint": page.source},
    )


def hook_document(page: Page, incident: Incident, order: PageOrder) -> Mapping[str, Any]:
    """The document of a webhook; `id` is the same however often one page arrives."""
    return {
        "version": 1,
        "id": f"{incident.id}/{order.round}/{order.action.value}",
        "action": page.action.value,
        "dedup_key": page.dedup_key,
        "incident_id": incident.id,
        "status": incident.status.value,
        "severity": page.severity.value,
        "summary": page.summary,
        "endpoint": page.source,
        "region": incident.region,
        "model_group": page.component,
        "team": page.group_name,
        "cause": page.klass,
        "opened_at": _iso(page.at),
        "facts": [{"label": label, "text": text} for label, text in page.facts],
        "links": [{"label": label, "url": url} for label, url in page.links],
    }


def shortened_ascii(text: str, limit: int) -> str:
    """A text in printable ASCII, letters without their marks, on one line."""
    plain = unicodedata.normalize("NFKD", " ".join(text.split())).encode("ascii", "ignore").decode()
    kept = "".join(c for c in plain if c.isprintable())
    return kept if len(kept) <= limit else f"{kept[: limit - 3]}..."


def _iso(at: Micros) -> str:
    moment = datetime.fromtimestamp(at // 1_000_000, UTC).replace(microsecond=at % 1_000_000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
