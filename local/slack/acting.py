"""People at work in the workspace: pressing buttons, submitting modals, typing commands."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.slack.interactions import AppConnection, Delivery, envelope
from local.slack.people import APP_ID, CHANNEL, CHANNELS, TEAM_ID
from local.slack.workspace import ApiError, Ephemeral, Message, Modal, Workspace, as_json


class NothingToPress(Exception):
    """The button is not on the message, or no modal is open: a person could not have done this."""


@dataclass(frozen=True)
class Submission:
    """What came of submitting a modal: `errors` by block_id when it stays open.

    `delivery` is None when Slack's own checks kept it from being sent.
    """

    errors: Mapping[str, str]
    delivery: Delivery | None


class People:
    """The workspace as its members use it; everything they do reaches the app as a signed request."""

    def __init__(self, workspace: Workspace, app: AppConnection, root_url: str) -> None:
        self._workspace, self._app, self._root_url = workspace, app, root_url

    def click(self, user: str, action_id: str, channel: str, ts: str) -> Delivery:
        """Press a button on a message (and agree where it asks for confirmation)."""
        message = self._find(channel, ts)
        block, element = _button(message, action_id)
        action = {
            "type": "button",
            "action_id": action_id,
            "block_id": block.get("block_id", ""),
            "text": element["text"],
            "value": element.get("value", ""),
            "action_ts": f"{time.time():.6f}",
        }
        container = {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False}
        payload = {
            "type": "block_actions",
            **envelope(self._shown(user), self._workspace.new_trigger(user)),
            "container": container,
            "channel": {"id": channel, "name": CHANNELS.get(channel, "directmessage")},
            "message": as_json(message),
            "response_url": self._response_url(message, channel, user),
            "state": {"values": {}},
            "actions": [{k: v for k, v in action.items() if v != ""}],
        }
        return self._told(user, channel, self._app.interact(payload))

    def submit_modal(self, user: str, values: Mapping[str, str], *, checked: bool = True) -> Submission:
        """Fill in (block_id -> text) and submit the open modal; `checked` False skips Slack's own checks before."""
        modal = self._open_modal(user)
        errors = dict(_unfilled(modal.view, values)) if checked else {}
        if errors:
            self._workspace.replace_view(user, modal.view, errors)
            return Submission(errors, None)
        view = {
            **modal.view,
            "id": modal.id,
            "team_id": TEAM_ID,
            "app_id": APP_ID,
            "hash": f"{int(time.time())}.{modal.id[-4:]}",
            "state": {"values": _state(modal.view, values)},
        }
        trigger = self._workspace.new_trigger(user)
        payload = {"type": "view_submission", **envelope(self._shown(user), trigger), "view": view, "response_urls": []}
        delivery = self._app.interact(payload)
        return Submission(self._settle(modal, delivery), delivery)

    def close_modal(self, user: str) -> None:
        """Cancel the open modal."""
        self._open_modal(user)
        self._workspace.replace_view(user, None)

    def command(self, user: str, command: str, text: str = "", channel: str = CHANNEL) -> Delivery:
        """Type a slash command; what the app answers at once is shown to the person (or to all, if it says so)."""
        shown = self._shown(user)
        fields = {
            "token": "deprecated-verification-token",
            "team_id": TEAM_ID,
            "team_domain": "sluice-local",
            "channel_id": channel,
            "channel_name": CHANNELS.get(channel, "directmessage"),
            "user_id": user,
            "user_name": shown["username"],
            "command": command,
            "text": text,
            "api_app_id": APP_ID,
            "is_enterprise_install": "false",
            "response_url": self._response_url(None, channel, user),
            "trigger_id": self._workspace.new_trigger(user),
        }
        delivery = self._told(user, channel, self._app.command(fields))
        if delivery.ok and delivery.answer.strip():
            self._show_answer(user, channel, delivery)
        return delivery

    def messages(self, channel: str) -> list[Message]:
        """Messages of a channel, the oldest first; a user id means their direct messages with the app."""
        return self._workspace.messages(channel)

    def ephemerals(self, user: str) -> list[Ephemeral]:
        """What was said to one person alone."""
        return self._workspace.ephemerals(user)

    def modal(self, user: str) -> Modal | None:
        """The modal open in front of a person."""
        return self._workspace.modal(user)

    def _find(self, channel: str, ts: str) -> Message:
        try:
            return self._workspace.message(channel, ts)
        except ApiError as error:
            raise NothingToPress(f"no message {ts} in {channel}") from error

    def _open_modal(self, user: str) -> Modal:
        modal = self._workspace.modal(user)
        if modal is None:
            raise NothingToPress(f"no modal is open in front of {user}")
        return modal

    def _shown(self, user: str) -> dict[str, str]:
        person = self._workspace.person(user)
        return {"id": person.id, "username": person.name, "name": person.name}

    def _response_url(self, message: Message | None, channel: str, user: str) -> str:
        return f"{self._root_url}/{self._workspace.new_response_path(message, channel, user)}"

    def _told(self, user: str, channel: str, delivery: Delivery) -> Delivery:
        if delivery.shown:
            self._workspace.whisper(channel, user, f"⚠️ {delivery.shown}")
        return delivery

    def _show_answer(self, user: str, channel: str, delivery: Delivery) -> None:
        answer = delivery.json()
        text, blocks = str(answer.get("text", "") if answer else delivery.answer), answer.get("blocks")
        if answer.get("response_type") == "in_channel":
            self._workspace.post({"channel": channel, "text": text, "blocks": blocks or []})
        elif text or blocks:
            self._workspace.whisper(channel, user, text, blocks)

    def _settle(self, modal: Modal, delivery: Delivery) -> Mapping[str, str]:
        answer = delivery.json()
        if not delivery.ok:
            errors = {_first_input(modal.view): "We had some trouble connecting. Try again?"}
            self._workspace.replace_view(modal.user, modal.view, errors)
            return errors
        if answer.get("response_action") == "errors":
            self._workspace.replace_view(modal.user, modal.view, answer["errors"])
            return dict(answer["errors"])
        self._workspace.replace_view(modal.user, answer.get("view"))
        return {}


def _button(message: Message, action_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    for block in message.blocks:
        candidates = [*block.get("elements", []), block.get("accessory", {})]
        for element in candidates:
            if element.get("type") == "button" and element.get("action_id") == action_id:
                return block, element
    raise NothingToPress(f"no button {action_id} on message {message.ts}")


def _inputs(view: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [b for b in view["blocks"] if b["type"] == "input"]


def _first_input(view: Mapping[str, Any]) -> str:
    return next((str(b["block_id"]) for b in _inputs(view)), "")


def _unfilled(view: Mapping[str, Any], values: Mapping[str, str]) -> list[tuple[str, str]]:
    errors = []
    for block in _inputs(view):
        given, element = values.get(block["block_id"], ""), block["element"]
        least, most = element.get("min_length", 0), element.get("max_length", 3000)
        if not given and not block.get("optional", False):
            errors.append((block["block_id"], "Please complete this required field."))
        elif given and not least <= len(given) <= most:
            errors.append((block["block_id"], f"Please write between {least} and {most} characters."))
    return errors


def _state(view: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    state: dict[str, Any] = {}
    for block in _inputs(view):
        element = block["element"]
        given = {"type": element["type"], "value": values.get(block["block_id"]) or None}
        state[block["block_id"]] = {element["action_id"]: given}
    return state
