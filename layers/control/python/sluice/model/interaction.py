"""What a person did in Slack, read strictly from a signed request."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from sluice.errors import InvalidInput
from sluice.model.ids import SlackUserId

MAX_BODY = 256 * 1024
_MAX_FIELDS = 20
_MAX_DEPTH = 40
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""Strings of JSON: the card's own texts come back in a press, and brackets in them nest nothing."""
_MAX_TEXT = 3000
"""The longest text that Slack hands back to us: a view's private_metadata."""


@dataclass(frozen=True, slots=True)
class Presser:
    """Who acted: Slack's ids of the person and of the workspace; names are mutable and are not read."""

    person: SlackUserId
    team: str


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """A button of a card; `subject` is the opaque id that it carries, `trigger_id` opens one modal within 3 seconds."""

    presser: Presser
    action_id: str
    subject: str
    channel: str
    trigger_id: str


@dataclass(frozen=True, slots=True)
class FormSent:
    """A modal was submitted; `subject` is the opaque id that it carries."""

    presser: Presser
    callback_id: str
    subject: str
    view: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CommandTyped:
    """A slash command; `channel` is where it was typed."""

    presser: Presser
    command: str
    text: str
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Other:
    """A genuine request that Sluice has nothing to do about (a closed modal, another button)."""

    kind: str


type Interaction = ButtonPressed | FormSent | CommandTyped | Other


def read_interaction(body: bytes) -> Interaction:
    """Read the raw form body; raises InvalidInput for whatever does not have Slack's form."""
    form = _form(body)
    if "payload" in form:
        return _of_payload(read_object(form["payload"]))
    if "command" in form:
        presser = Presser(SlackUserId(form.get("user_id", "")), form.get("team_id", ""))
        return CommandTyped(presser, form["command"], form.get("text", ""), form.get("channel_id", ""))
    raise InvalidInput("neither an interaction nor a command")


def _of_payload(payload: Mapping[str, Any]) -> Interaction:
    match payload.get("type"):
        case "block_actions":
            return _pressed(payload)
        case "view_submission":
            view = _object(payload, "view")
            subject = _text(view, "private_metadata")
            return FormSent(_presser(payload), _text(view, "callback_id"), subject, view)
        case kind:
            return Other(str(kind)[:50])


def _pressed(payload: Mapping[str, Any]) -> Interaction:
    actions = payload.get("actions")
    if not isinstance(actions, list) or len(actions) != 1 or not isinstance(actions[0], Mapping):
        raise InvalidInput("a press is expected to have one action")
    action = actions[0]
    if action.get("type") != "button" or not action.get("value"):
        return Other(str(action.get("action_id"))[:50])
    return ButtonPressed(
        presser=_presser(payload),
        action_id=_text(action, "action_id"),
        subject=_text(action, "value"),
        channel=_text(_object(payload, "channel"), "id"),
        trigger_id=_text(payload, "trigger_id"),
    )


def _presser(payload: Mapping[str, Any]) -> Presser:
    user = _object(payload, "user")
    team = payload.get("team") or {}
    own = user.get("team_id") or (team.get("id") if isinstance(team, Mapping) else "")
    return Presser(SlackUserId(_text(user, "id")), str(own or ""))


def _form(body: bytes) -> dict[str, str]:
    if len(body) > MAX_BODY:
        raise InvalidInput("the body is larger than Slack sends")
    try:
        fields = parse_qs(
            body.decode("utf-8"),
            keep_blank_values=True,
            strict_parsing=True,
            max_num_fields=_MAX_FIELDS,
            errors="strict",
        )
    except ValueError as error:
        raise InvalidInput("not a form") from error
    if any(len(values) != 1 for values in fields.values()):
        raise InvalidInput("a field is repeated")
    return {name: values[0] for name, values in fields.items()}


def read_object(text: str) -> Mapping[str, Any]:
    """A JSON object as Slack sends it: no deeper, no key twice, nothing that cannot be kept; else InvalidInput."""
    if _depth(_STRINGS.sub("", text)) > _MAX_DEPTH:
        raise InvalidInput("the payload is nested deeper than Slack's")
    try:
        payload = json.loads(text, parse_constant=_refuse, object_pairs_hook=_unrepeated)
        json.dumps(payload, ensure_ascii=False).encode()  # half of a surrogate pair cannot be kept anywhere
    except (ValueError, RecursionError) as error:
        raise InvalidInput("the payload is not JSON") from error
    if not isinstance(payload, Mapping):
        raise InvalidInput("the payload is not an object")
    return payload


def _depth(text: str) -> int:
    deepest = depth = 0
    for character in text:
        depth += (character in "[{") - (character in "]}")
        deepest = max(deepest, depth)
    return deepest


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is repeated")
    return found


def _object(source: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = source.get(name)
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{name} is not an object")
    return value


def _text(source: Mapping[str, Any], name: str) -> str:
    value = source.get(name)
    if not isinstance(value, str) or not value or len(value) > _MAX_TEXT:
        raise InvalidInput(f"{name} is not a text as Slack sends it")
    return value
