"""Slack in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from sluice.errors import ChannelUnavailable, PermanentFailure
from sluice.model.posted import Posted
from tests.fakes.faults import Faulty


@dataclass(slots=True)
class Shown:
    """A message as it stands now."""

    channel: str
    text: str
    blocks: tuple[Mapping[str, Any], ...]
    revisions: int = 0


class FakeChat(Faulty):
    """`Chat`; `messages` by ts, `whispers`, `views` and `groups` are there to be looked at.

    `closed` are channels that cannot be posted to, each with Slack's reason.
    """

    def __init__(self, groups: dict[str, set[str]] | None = None) -> None:
        super().__init__()
        self.messages: dict[str, Shown] = {}
        self.whispers: list[tuple[str, str, str]] = []
        self.views: list[tuple[str, Mapping[str, Any]]] = []
        self.groups = {name: frozenset(people) for name, people in (groups or {}).items()}
        self.closed: dict[str, str] = {}
        self._numbers = count(1)

    def post(self, channel: str, *, text: str, blocks: Sequence[Mapping[str, Any]] = ()) -> Posted:
        """Post a message; a person's id opens the direct message with them."""
        self._check_channel("chat.postMessage", channel)
        ts = f"1780000000.{next(self._numbers):06}"
        where = f"D{channel[1:]}" if channel.startswith("U") else channel
        self.messages[ts] = Shown(where, text, tuple(blocks))
        return Posted(where, ts)

    def update(self, channel: str, ts: str, *, text: str, blocks: Sequence[Mapping[str, Any]] = ()) -> bool:
        """Replace a message."""
        self._check_channel("chat.update", channel)
        shown = self.messages.get(ts)
        if shown is None or shown.channel != channel:
            return False
        self.messages[ts] = Shown(channel, text, tuple(blocks), shown.revisions + 1)
        return True

    def whisper(self, channel: str, user: str, *, text: str) -> None:
        """Show a text to one person."""
        self._check_channel("chat.postEphemeral", channel)
        self.whispers.append((channel, user, text))

    def permalink(self, channel: str, ts: str) -> str:
        """The address of a message; one that was deleted has none."""
        self._check_channel("chat.getPermalink", channel)
        if ts not in self.messages:
            raise PermanentFailure("chat.getPermalink: message_not_found")
        return f"https://sluice.slack.com/archives/{channel}/p{ts.replace('.', '')}"

    def open_view(self, trigger_id: str, view: Mapping[str, Any]) -> None:
        """Open a modal; a trigger opens one."""
        self.check()
        if trigger_id in {used for used, _ in self.views}:
            raise PermanentFailure("views.open: exchanged_trigger_id")
        self.views.append((trigger_id, view))

    def group_members(self, user_group: str) -> frozenset[str]:
        """Members of a user group."""
        self.check()
        if user_group not in self.groups:
            raise PermanentFailure("usergroups.users.list: no_such_subteam")
        return self.groups[user_group]

    def texts(self, channel: str) -> list[str]:
        """What is to be read in a channel."""
        return [shown.text for shown in self.messages.values() if shown.channel == channel]

    def told(self, person: str) -> list[str]:
        """What a person was told alone."""
        return [text for _, user, text in self.whispers if user == person]

    def _check_channel(self, method: str, channel: str) -> None:
        self.check()
        if channel in self.closed:
            raise ChannelUnavailable(f"{method}: {self.closed[channel]}")
