"""`Outbox` over the messages of a `FakeRecords`."""

from collections.abc import Iterator
from dataclasses import dataclass

from sluice.model.ids import Micros
from sluice.model.outbox import PendingMessage
from tests.fakes.records import FakeRecords, OutboxRow


@dataclass(slots=True)
class FakeOutbox:
    """Sees what was committed to the given records; look at `records.outbox` for the states."""

    records: FakeRecords

    def pending(self, *, before: Micros) -> Iterator[PendingMessage]:
        """Messages due before a moment, the earliest first."""
        waiting = [_pending(row, row.due_at) for row in self.records.outbox.values() if row.due_at is not None]
        yield from sorted((m for m in waiting if m.due_at < before), key=lambda m: (m.due_at, m.message.id))

    def claim(self, pending: PendingMessage, *, until: Micros) -> PendingMessage | None:
        """Begin a delivery, unless another deliverer did."""
        row = self._ours(pending)
        if row is None:
            return None
        row.attempts += 1
        row.due_at = until
        return _pending(row, until)

    def mark_sent(self, claimed: PendingMessage, *, at: Micros) -> None:
        """Record the delivery."""
        row = self.records.outbox.get(claimed.message.id)
        if row is not None:
            row.state, row.due_at, row.sent_at = "sent", None, at

    def mark_failed(self, claimed: PendingMessage, *, due_at: Micros, reason: str) -> None:
        """Put the message back on the list."""
        row = self._ours(claimed)
        if row is not None:
            row.due_at, row.reason = due_at, reason

    def mark_dead(self, claimed: PendingMessage, *, reason: str) -> None:
        """Take the message off the list for good."""
        row = self._ours(claimed)
        if row is not None:
            row.state, row.due_at, row.reason = "dead", None, reason

    def _ours(self, of: PendingMessage) -> OutboxRow | None:
        row = self.records.outbox.get(of.message.id)
        return row if row is not None and row.state == "pending" and row.attempts == of.attempts else None


def _pending(row: OutboxRow, due_at: Micros) -> PendingMessage:
    return PendingMessage(row.message, row.created_at, due_at=due_at, attempts=row.attempts)
