"""The local Slack as one person sees it, over its admin API."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from local.console.markup import Names

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class SlackAway(Exception):
    """The local Slack does not answer, or cannot do what was asked."""


@dataclass(frozen=True)
class Said:
    """One line of the conversation, whoever may see it."""

    ts: str
    author: str
    text: str
    blocks: list[dict[str, Any]]
    private: bool
    edited: bool
    in_thread: bool

    @property
    def time(self) -> str:
        """Time of day, UTC."""
        return datetime.fromtimestamp(float(self.ts), UTC).strftime("%H:%M")


@dataclass(frozen=True)
class Conversation:
    """A channel in the eyes of one person, with the modal in front of them."""

    said: list[Said]
    modal: dict[str, Any] | None


class SlackView:
    """Reads and acts through `/_admin/`; people and channels are read once."""

    def __init__(self, root_url: str) -> None:
        self._root_url = root_url.rstrip("/")
        self._directory: dict[str, Any] | None = None

    @property
    def directory(self) -> dict[str, Any]:
        """People, channels and user groups."""
        if self._directory is None:
            self._directory = self._call("people")
        return self._directory

    @property
    def names(self) -> Names:
        """How ids are shown."""
        people = {p["id"]: p["real_name"] for p in self.directory["people"]}
        return Names(people, self.directory["user_groups"], self.directory["channels"])

    @property
    def humans(self) -> list[dict[str, Any]]:
        """Those whom one can be."""
        return [p for p in self.directory["people"] if not p["is_bot"]]

    def conversation(self, user: str, channel: str) -> Conversation:
        """What one person sees in a channel, in the order in which it was said."""
        seen = self._call("view", {"user": user, "channel": channel})
        said = [_said(m, private=False) for m in seen["messages"]]
        said += [_said(e | {"user": "U0SLUICE"}, private=True) for e in seen["ephemerals"]]
        return Conversation(sorted(said, key=lambda s: s.ts), seen["modal"])

    def click(self, user: str, action_id: str, channel: str, ts: str) -> None:
        """Press a button."""
        self._call("click", {"user": user, "action_id": action_id, "channel": channel, "ts": ts})

    def submit(self, user: str, values: Mapping[str, str]) -> None:
        """Submit the open modal."""
        self._call("submit", {"user": user, "values": dict(values)})

    def close(self, user: str) -> None:
        """Cancel the open modal."""
        self._call("close", {"user": user})

    def command(self, user: str, channel: str, line: str) -> None:
        """Type a slash command."""
        command, _, text = line.strip().partition(" ")
        self._call("command", {"user": user, "channel": channel, "command": command, "text": text})

    def _call(self, name: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        url = f"{self._root_url}/_admin/{name}"
        if name == "view":
            url, body = f"{url}?{urlencode(body or {})}", None
        content = None if body is None else json.dumps(body).encode()
        try:
            with _OPENER.open(url, data=content, timeout=15) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            with error:
                raise SlackAway(str(json.load(error).get("error", error))) from error
        except OSError as error:
            raise SlackAway(f"the local Slack does not answer: {error}") from error


def _said(message: Mapping[str, Any], *, private: bool) -> Said:
    return Said(
        ts=message["ts"],
        author=message["user"],
        text=message.get("text", ""),
        blocks=message.get("blocks") or [],
        private=private,
        edited="edited" in message,
        in_thread="thread_ts" in message,
    )
