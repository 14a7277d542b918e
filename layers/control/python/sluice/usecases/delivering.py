"""What every delivery of a message works with."""

from collections.abc import Callable
from dataclasses import dataclass

from sluice.ports import Chat, Clock, CommandQueue, EventBus, Outbox, Records


@dataclass(frozen=True, slots=True)
class Delivering:
    """The ports of `deliver_outbox`, and how long it may still run."""

    outbox: Outbox
    records: Records
    chat: Chat
    queue: CommandQueue
    bus: EventBus
    clock: Clock
    time_left_ms: Callable[[], int]
