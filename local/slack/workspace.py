"""What a Slack workspace remembers: messages by channel, ephemeral answers, modals, triggers. Safe across threads."""

import itertools
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.slack.people import APP_ID, BOT_ID, BOT_USER, CHANNELS, PEOPLE, USER_GROUPS, Person

TRIGGER_LIFE_S = 3.0
RESPONSE_URL_LIFE_S = 1800.0
RESPONSE_URL_USES = 5


class ApiError(Exception):
    """What the Web API answers as `{"ok": false, "error": code}`, with Slack's own words in `messages`."""

    def __init__(self, code: str, messages: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code, self.messages = code, messages


@dataclass
class Message:
    """One message of a channel; `revisions` counts its changes, `deleted` hides it."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: dict[str, Any] | None = None
    revisions: int = 0
    deleted: bool = False


@dataclass(frozen=True)
class Ephemeral:
    """Something that one person sees in a channel and that is nowhere kept by Slack."""

    channel: str
    user: str
    ts: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Modal:
    """A view open in front of one person, with what the app last complained of, by block_id."""

    id: str
    user: str
    view: dict[str, Any]
    errors: dict[str, str] = field(default_factory=dict)


@dataclass
class _Trigger:
    user: str
    born_s: float
    used: bool = False


@dataclass
class _ResponseUrl:
    message: Message | None
    channel: str
    user: str
    born_s: float
    uses: int = 0


class Workspace:
    """State only, no HTTP. `wall` tells the simulated time of messages, `elapsed` the real time that triggers live."""

    def __init__(self, wall: Callable[[], float], elapsed: Callable[[], float]) -> None:
        self._wall, self._elapsed = wall, elapsed
        self._lock = threading.RLock()
        self.people: dict[str, Person] = {p.id: p for p in PEOPLE}
        self.user_groups: dict[str, tuple[str, tuple[str, ...]]] = dict(USER_GROUPS)
        self.clear()

    def clear(self) -> None:
        """Forget every message, modal and trigger; people, channels and groups stay."""
        with self._lock:
            self.version = 0
            self._last_ts_us = 0
            self._messages: dict[str, list[Message]] = {c: [] for c in CHANNELS}
            self._ephemerals: list[Ephemeral] = []
            self._modals: dict[str, Modal] = {}
            self._triggers: dict[str, _Trigger] = {}
            self._response_urls: dict[str, _ResponseUrl] = {}
            self._view_numbers = itertools.count(1)

    def person(self, user: str) -> Person:
        """Who has this id, or `user_not_found`."""
        if user not in self.people:
            raise ApiError("user_not_found")
        return self.people[user]

    def channel(self, named: str) -> str:
        """Id of a channel given by id, by `#name`, or by the user whose direct messages it is."""
        if named in self.people:
            return self.people[named].direct_messages
        by_name = {f"#{name}": channel for channel, name in CHANNELS.items()}
        channel = by_name.get(named, named)
        if channel not in CHANNELS and channel not in {p.direct_messages for p in self.people.values()}:
            raise ApiError("channel_not_found")
        return channel

    def messages(self, channel: str) -> list[Message]:
        """Messages of a channel, the oldest first."""
        with self._lock:
            return [m for m in self._messages.get(self.channel(channel), []) if not m.deleted]

    def message(self, channel: str, ts: str) -> Message:
        """One message, or `message_not_found`."""
        found = next((m for m in self.messages(channel) if m.ts == ts), None)
        if found is None:
            raise ApiError("message_not_found")
        return found

    def ephemerals(self, user: str) -> list[Ephemeral]:
        """What was said to one person alone, the oldest first."""
        with self._lock:
            return [e for e in self._ephemerals if e.user == user]

    def is_ephemeral(self, ts: str) -> bool:
        """Whether a ts belongs to an ephemeral message, which cannot be updated."""
        with self._lock:
            return any(e.ts == ts for e in self._ephemerals)

    def modal(self, user: str) -> Modal | None:
        """The view open in front of a person."""
        with self._lock:
            return self._modals.get(user)

    def post(self, message: Mapping[str, Any], *, user: str = BOT_USER) -> Message:
        """Add a message to its channel under a new ts."""
        with self._lock:
            posted = Message(ts=self._next_ts(), user=user, **message)
            posted.blocks = _with_ids(posted.blocks)
            self._messages.setdefault(posted.channel, []).append(posted)
            return posted

    def whisper(self, channel: str, user: str, text: str, blocks: list[dict[str, Any]] | None = None) -> Ephemeral:
        """Say something to one person alone."""
        with self._lock:
            said = Ephemeral(channel, user, self._next_ts(), text, _with_ids(blocks or []))
            self._ephemerals.append(said)
            return said

    def change(self, message: Message, text: str | None, blocks: list[dict[str, Any]] | None) -> None:
        """Replace what a message says; None keeps what there is, as Slack does for what chat.update leaves out."""
        with self._lock:
            message.blocks = message.blocks if blocks is None else _with_ids(blocks)
            message.text = message.text if text is None else text
            message.revisions += 1
            self.version += 1

    def delete(self, message: Message) -> None:
        """Take a message away."""
        with self._lock:
            message.deleted = True
            self.version += 1

    def new_trigger(self, user: str) -> str:
        """A trigger_id: one view within three seconds."""
        with self._lock:
            trigger = f"{int(self._wall())}.{secrets.randbelow(10**9):09}.{secrets.token_hex(16)}"
            self._triggers[trigger] = _Trigger(user, self._elapsed())
            return trigger

    def open_view(self, trigger_id: str, view: dict[str, Any]) -> Modal:
        """Spend a trigger on a view in front of whoever caused it."""
        with self._lock:
            trigger = self._triggers.get(trigger_id)
            if trigger is None:
                raise ApiError("invalid_trigger_id")
            if trigger.used:
                raise ApiError("exchanged_trigger_id")
            if self._elapsed() - trigger.born_s > TRIGGER_LIFE_S:
                raise ApiError("expired_trigger_id")
            trigger.used = True
            number = f"V{next(self._view_numbers):010}"
            modal = Modal(number, trigger.user, {**view, "blocks": _with_ids(view["blocks"])})
            self._modals[trigger.user] = modal
            self.version += 1
            return modal

    def replace_view(self, user: str, view: dict[str, Any] | None, errors: dict[str, str] | None = None) -> None:
        """Change the view in front of a person, show errors in it, or close it (`view` None)."""
        with self._lock:
            self.version += 1
            if view is None:
                self._modals.pop(user, None)
            else:
                modal = self._modals[user]
                modal.view, modal.errors = {**view, "blocks": _with_ids(view["blocks"])}, errors or {}

    def new_response_path(self, message: Message | None, channel: str, user: str) -> str:
        """Path of a response_url: five uses within thirty minutes."""
        with self._lock:
            key = secrets.token_urlsafe(18)
            self._response_urls[key] = _ResponseUrl(message, channel, user, self._elapsed())
            return f"actions/{APP_ID}/{key}"

    def respond(self, path: str, answer: Mapping[str, Any]) -> None:
        """What an app posted to a response_url: a new message or one in place of the old, for one or for all."""
        with self._lock:
            url = self._response_urls.get(path.rsplit("/", 1)[-1])
            if url is None or url.uses >= RESPONSE_URL_USES or self._elapsed() - url.born_s > RESPONSE_URL_LIFE_S:
                raise ApiError("expired_url")
            url.uses += 1
            text, blocks = str(answer.get("text", "")), answer.get("blocks")
            if answer.get("delete_original") and url.message:
                self.delete(url.message)
            elif answer.get("replace_original") and url.message:
                self.change(url.message, text, blocks)
            elif answer.get("response_type") == "in_channel":
                self.post({"channel": url.channel, "text": text, "blocks": blocks or []})
            else:
                self.whisper(url.channel, url.user, text, blocks)

    def _next_ts(self) -> str:
        self.version += 1
        self._last_ts_us = max(self._last_ts_us + 1, int(self._wall() * 1_000_000))
        return f"{self._last_ts_us // 1_000_000}.{self._last_ts_us % 1_000_000:06}"


def _with_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Slack gives each block without a block_id one of its own."""
    return [b if "block_id" in b else {**b, "block_id": secrets.token_urlsafe(4)} for b in blocks]


def as_json(message: Message) -> dict[str, Any]:
    """A message as the Web API shows it."""
    shown: dict[str, Any] = {
        "type": "message",
        "user": message.user,
        "bot_id": BOT_ID,
        "app_id": APP_ID,
        "ts": message.ts,
        "text": message.text,
        "blocks": message.blocks,
    }
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    if message.metadata:
        shown["metadata"] = message.metadata
    if message.revisions:
        shown["edited"] = {"user": message.user, "ts": message.ts}
    return shown
