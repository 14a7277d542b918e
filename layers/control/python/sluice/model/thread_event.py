"""What Slack's Events API tells: a person wrote in a thread. Read strictly from a signed request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sluice.errors import InvalidInput
from sluice.model.ids import SlackUserId
from sluice.model.interaction import MAX_BODY, Other, Presser, read_object

_TS = re.compile(r"\d{10}\.\d{6}")
_PERSONS = frozenset({None, "file_share", "thread_broadcast"})
"""Subtypes of messages that people write; the others are edits, joins, and what apps do."""
_CHALLENGE = 200
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


@dataclass(frozen=True, slots=True)
class Challenge:
    """Slack asks whether this address is ours: the same text is the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class WroteInThread:
    """A person wrote in a thread; `thread` is the ts of the message that it hangs on, `ts` that of what was written."""

    writer: Presser
    channel: str
    thread: str
    ts: str
    text: str


type ThreadEvent = Challenge | WroteInThread | Other


def read_event(body: bytes) -> ThreadEvent:
    """Read the raw JSON body; raises InvalidInput for whatever does not have Slack's form."""
    if len(body) > MAX_BODY:
        raise InvalidInput("the body is larger than Slack sends")
    try:
        payload = read_object(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidInput("not UTF-8") from error
    match payload.get("type"):
        case "url_verification":
            return Challenge(_text(payload, "challenge", _CHALLENGE))
        case "event_callback":
            return _told(payload, payload.get("event"))
        case kind:
            return Other(str(kind)[:50])


def _told(payload: Mapping[str, Any], event: Any) -> ThreadEvent:
    if not isinstance(event, Mapping):
        raise InvalidInput("event is not an object")
    of_a_person = event.get("subtype") in _PERSONS and not event.get("bot_id")
    if event.get("type") != "message" or not of_a_person or not event.get("thread_ts"):
        return Other(str(event.get("type"))[:50])
    team = event.get("team") or payload.get("team_id")
    return WroteInThread(
        writer=Presser(SlackUserId(_text(event, "user", 50)), str(team or "")),
        channel=_text(event, "channel", 50),
        thread=_moment(event, "thread_ts"),
        ts=_moment(event, "ts"),
        text=_unescaped(str(event.get("text") or "")),
    )


def _unescaped(text: str) -> str:
    """As the person wrote it; Slack escapes three characters."""
    for escape, character in _ESCAPES:
        text = text.replace(escape, character)
    return text


def _moment(source: Mapping[str, Any], name: str) -> str:
    value = _text(source, name, 20)
    if not _TS.fullmatch(value):
        raise InvalidInput(f"{name} is not a moment as Slack tells it")
    return value


def _text(source: Mapping[str, Any], name: str, limit: int) -> str:
    value = source.get(name)
    if not isinstance(value, str) or not value or len(value) > limit:
        raise InvalidInput(f"{name} is not a text as Slack sends it")
    return value
