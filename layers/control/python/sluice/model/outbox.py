"""A message that waits in the outbox."""

from dataclasses import dataclass

from sluice.model.commit import Message
from sluice.model.ids import Micros


@dataclass(frozen=True, slots=True)
class PendingMessage:
    """A message not yet delivered: `attempts` counts the deliveries begun, `due_at` is when the next may begin."""

    message: Message
    created_at: Micros
    due_at: Micros
    attempts: int
