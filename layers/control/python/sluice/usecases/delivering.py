"""What every delivery of a message works with, and how one finds its channel."""

from collections.abc import Callable
from dataclasses import dataclass

from sluice.core.card import Card
from sluice.core.detour import detoured, may_detour
from sluice.errors import ChannelUnavailable
from sluice.model.posted import Posted
from sluice.ports import Chat, Clock, CommandQueue, EventBus, Hooks, LedgerReading, Outbox, Pager, Records, Topics

TRIES = 5
"""Deliveries begun before another channel is taken: about five minutes, in which somebody may put the own one right."""


@dataclass(frozen=True, slots=True)
class Paging:
    """Those who are called from outside Slack."""

    pager: Pager
    topics: Topics
    hooks: Hooks


@dataclass(frozen=True, slots=True)
class Delivering:
    """The ports of `deliver_outbox`, the stack's channel, and how long it may still run.

    `paging` makes its ports when the first page leaves: most runs page nobody.
    """

    outbox: Outbox
    records: Records
    ledger: LedgerReading
    chat: Chat
    queue: CommandQueue
    bus: EventBus
    clock: Clock
    channel: str
    time_left_ms: Callable[[], int]
    paging: Callable[[], Paging]

    def post(self, channel: str, drawn: Card, *, attempt: int) -> Posted:
        """Post to a channel, or to the stack's, saying so, once the own one was not to be posted to several times."""
        try:
            return self.chat.post(channel, text=drawn.text, blocks=drawn.blocks)
        except ChannelUnavailable:
            if not self.gives_up(channel, attempt):
                raise
        instead = detoured(drawn, channel)
        return self.chat.post(self.channel, text=instead.text, blocks=instead.blocks)

    def whisper(self, channel: str, person: str, *, text: str) -> None:
        """Tell one person, in a direct message where the bot is not in the channel: a command can be typed anywhere."""
        try:
            self.chat.whisper(channel, person, text=text)
        except ChannelUnavailable:
            self.chat.post(person, text=text)

    def gives_up(self, channel: str, attempt: int) -> bool:
        """Whether a channel that cannot be posted to is waited for no longer."""
        return attempt >= TRIES and channel != self.channel and may_detour(channel)
