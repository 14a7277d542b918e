"""The Web API methods that Sluice uses, with Slack's argument rules and error codes. No HTTP here."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from local.slack.block_kit import MESSAGE_CHARACTERS, characters, message_problems, view_problems
from local.slack.faults import Faults
from local.slack.people import APP_ID, BOT_ID, BOT_USER, CHANNELS, TEAM_ID, Person
from local.slack.workspace import ApiError, Message, Workspace, as_json

MAX_TEXT = 40_000
FORM_ONLY = frozenset({"chat.getPermalink", "users.info", "users.lookupByEmail", "usergroups.users.list"})
"""Methods whose arguments Slack reads from a form or the query alone; those of a JSON body it never sees."""
_JSON_ARGUMENTS = ("blocks", "view", "metadata", "attachments")

type Arguments = Mapping[str, Any]


class WebApi:
    """Answers a method name and its arguments as Slack would; raises ApiError for its error codes."""

    def __init__(self, workspace: Workspace, faults: Faults, bot_token: str) -> None:
        self._workspace, self._faults, self._bot_token = workspace, faults, bot_token
        self._methods: dict[str, Callable[[Arguments], dict[str, Any]]] = {
            "auth.test": self._auth_test,
            "chat.getPermalink": self._permalink,
            "chat.postMessage": self._post_message,
            "chat.postEphemeral": self._post_ephemeral,
            "chat.update": self._update,
            "usergroups.users.list": self._user_group,
            "users.info": self._user_info,
            "users.lookupByEmail": self._lookup_by_email,
            "views.open": self._views_open,
        }

    def call(self, method: str, token: str | None, arguments: Arguments) -> dict[str, Any]:
        """Run one method with the caller's token."""
        if method not in self._methods:
            raise ApiError("unknown_method")
        if not token:
            raise ApiError("not_authed")
        if token != self._bot_token:
            raise ApiError("invalid_auth")
        self._faults.check(method)
        return {"ok": True, **self._methods[method](_decoded(arguments))}

    def _auth_test(self, arguments: Arguments) -> dict[str, Any]:
        del arguments
        who = {"user": "sluice", "user_id": BOT_USER, "bot_id": BOT_ID, "app_id": APP_ID}
        return {"url": "https://sluice-local.slack.com/", "team": "Sluice (local)", "team_id": TEAM_ID, **who}

    def _post_message(self, arguments: Arguments) -> dict[str, Any]:
        channel = self._workspace.channel(_required(arguments, "channel", "channel_not_found"))
        text, blocks = _content(arguments)
        thread = arguments.get("thread_ts")
        if thread:
            self._workspace.message(channel, thread)
        self._faults.admit(channel)
        content = {"text": text, "blocks": blocks, "thread_ts": thread, "metadata": arguments.get("metadata")}
        posted = self._workspace.post({"channel": channel, **content})
        return {"channel": channel, "ts": posted.ts, "message": as_json(posted)}

    def _post_ephemeral(self, arguments: Arguments) -> dict[str, Any]:
        channel = self._workspace.channel(_required(arguments, "channel", "channel_not_found"))
        person = self._workspace.person(_required(arguments, "user", "user_not_found"))
        if channel not in CHANNELS and channel != person.direct_messages:
            raise ApiError("user_not_in_channel")
        text, blocks = _content(arguments)
        self._faults.admit(channel)
        return {"message_ts": self._workspace.whisper(channel, person.id, text, blocks).ts}

    def _permalink(self, arguments: Arguments) -> dict[str, Any]:
        channel = self._workspace.channel(_required(arguments, "channel", "channel_not_found"))
        message = self._workspace.message(channel, _required(arguments, "message_ts", "message_not_found"))
        link = f"https://sluice-local.slack.com/archives/{channel}/p{message.ts.replace('.', '')}"
        return {"channel": channel, "permalink": link}

    def _update(self, arguments: Arguments) -> dict[str, Any]:
        channel = self._workspace.channel(_required(arguments, "channel", "channel_not_found"))
        message = self._own_message(channel, _required(arguments, "ts", "message_not_found"))
        text, blocks = _content(arguments)
        self._faults.admit(channel)
        self._workspace.change(
            message, text if "text" in arguments else None, blocks if "blocks" in arguments else None
        )
        return {"channel": channel, "ts": message.ts, "text": message.text, "message": as_json(message)}

    def _own_message(self, channel: str, ts: str) -> Message:
        if self._workspace.is_ephemeral(ts):
            raise ApiError("cant_update_message")
        message = self._workspace.message(channel, ts)
        if message.user != BOT_USER:
            raise ApiError("cant_update_message")
        return message

    def _user_info(self, arguments: Arguments) -> dict[str, Any]:
        return {"user": _profile(self._workspace.person(_required(arguments, "user", "user_not_found")))}

    def _lookup_by_email(self, arguments: Arguments) -> dict[str, Any]:
        email = _required(arguments, "email", "users_not_found").lower()
        for person in self._workspace.people.values():
            if person.email == email:
                return {"user": _profile(person)}
        raise ApiError("users_not_found")

    def _user_group(self, arguments: Arguments) -> dict[str, Any]:
        group = _required(arguments, "usergroup", "no_such_subteam")
        if group not in self._workspace.user_groups:
            raise ApiError("no_such_subteam")
        return {"users": list(self._workspace.user_groups[group][1])}

    def _views_open(self, arguments: Arguments) -> dict[str, Any]:
        trigger = arguments.get("trigger_id") or arguments.get("interactivity_pointer")
        view = arguments.get("view")
        if not isinstance(trigger, str) or view is None:
            raise ApiError("invalid_arguments", ("[ERROR] missing required field: trigger_id, view",))
        problems = view_problems(view)
        if problems:
            raise ApiError("invalid_arguments", tuple(problems))
        modal = self._workspace.open_view(trigger, view)
        return {"view": {**view, "id": modal.id, "team_id": TEAM_ID, "app_id": APP_ID, "bot_id": BOT_ID}}


def _decoded(arguments: Arguments) -> dict[str, Any]:
    """Form bodies carry structures as JSON text, JSON bodies carry them as they are; both are right."""
    decoded = dict(arguments)
    for name in _JSON_ARGUMENTS:
        if isinstance(decoded.get(name), str):
            try:
                decoded[name] = json.loads(decoded[name])
            except ValueError as error:
                raise ApiError(f"invalid_{name}_format" if name == "blocks" else "invalid_arguments") from error
    return decoded


def _required(arguments: Arguments, name: str, otherwise: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str) or not value:
        raise ApiError(otherwise)
    return value


def _content(arguments: Arguments) -> tuple[str, list[dict[str, Any]]]:
    text, blocks = arguments.get("text") or "", arguments.get("blocks")
    if not text and not blocks:
        raise ApiError("no_text")
    if not isinstance(text, str):
        raise ApiError("invalid_arguments")
    if len(text) > MAX_TEXT:
        raise ApiError("msg_too_long")
    if blocks is None:
        return text, []
    problems = message_problems(blocks)
    if problems:
        raise ApiError("invalid_blocks", tuple(problems))
    if characters(blocks) > MESSAGE_CHARACTERS:
        raise ApiError("msg_blocks_too_long")
    return text, blocks


def _profile(person: Person) -> dict[str, Any]:
    profile = {"real_name": person.real_name, "display_name": person.name, "email": person.email, "title": person.title}
    return {
        "id": person.id,
        "team_id": TEAM_ID,
        "name": person.name,
        "deleted": False,
        "real_name": person.real_name,
        "is_bot": person.is_bot,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": False,
        "tz": "Europe/Berlin",
        "profile": profile,
    }
