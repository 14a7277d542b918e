"""What Sluice remembers: records with their messages and task tokens, and the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sluice.model.commit import Commit, RecordKey, Stored
    from sluice.model.ids import ApprovalId, Micros
    from sluice.model.ledger import LedgerRecord, Noted, Unreadable
    from sluice.model.outbox import PendingMessage


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> Micros:
        """The present moment."""
        ...


class Ids(Protocol):
    """Makes identifiers that nobody can guess."""

    def new(self) -> str:
        """A fresh random id of at least 128 bits, as lower-case hex."""
        ...


class Records(Protocol):
    """Everything Sluice remembers, with optimistic concurrency."""

    def load(self, key: RecordKey) -> Stored | None:
        """Read one record, strongly consistent."""
        ...

    def commit(self, commit: Commit, *, at: Micros) -> None:
        """Write all of a commit or nothing; raises StaleRecord when a saved record has changed since it was read.

        Ledger entries take the next numbers of their chains; a lost race for a number is repeated inside. An entry
        whose key is already in its chain and a message whose id is already in the outbox are left as they are.
        """
        ...

    def due(self, kind: str, *, before: Micros) -> Iterator[Stored]:
        """Records of a kind whose `due_at` lies before a moment, the earliest first."""
        ...


class Outbox(Protocol):
    """Messages that wait for delivery; `Records.commit` puts them there."""

    def pending(self, *, before: Micros) -> Iterator[PendingMessage]:
        """Messages due before a moment, the earliest first."""
        ...

    def claim(self, pending: PendingMessage, *, until: Micros) -> PendingMessage | None:
        """Begin a delivery: nobody else begins one until the given moment.

        None when another deliverer was faster or the message waits no longer, so that of two at once one sends.
        """
        ...

    def mark_sent(self, claimed: PendingMessage, *, at: Micros) -> None:
        """The message was accepted; it is never due again."""
        ...

    def mark_failed(self, claimed: PendingMessage, *, due_at: Micros, reason: str) -> None:
        """The delivery failed and is to be begun again at a moment; nothing if someone else took the message since."""
        ...

    def mark_dead(self, claimed: PendingMessage, *, reason: str) -> None:
        """The message cannot be delivered; kept with its reason, never due again. Nothing if someone else took it."""
        ...


class Tokens(Protocol):
    """Task tokens of waiting approvals. Whoever holds one can end the wait: a token is never logged or shown."""

    def put(self, approval_id: ApprovalId, token: str, *, expires: Micros) -> None:
        """Keep the newest token of an approval; it may be forgotten some time after `expires`."""
        ...

    def get(self, approval_id: ApprovalId) -> str | None:
        """The token, strongly consistent, or None when there is none (any more)."""
        ...

    def forget(self, approval_id: ApprovalId) -> None:
        """Delete the token if it is there."""
        ...


class LedgerReading(Protocol):
    """The ledger as it stands in its table."""

    def chains(self) -> frozenset[str]:
        """Names of all chains that have a record."""
        ...

    def read(self, chain: str, *, after: int = 0) -> Iterator[LedgerRecord | Unreadable]:
        """Records of a chain by number, strongly consistent, including those written while it is read."""
        ...

    def newest_first(self, chain: str) -> Iterator[LedgerRecord | Unreadable]:
        """Records of a chain from its newest one back, strongly consistent."""
        ...

    def newest_marker(self, chain: str) -> Noted | None:
        """The newest head that the markers of the chain's entry keys know: a witness kept in another table."""
        ...


class LedgerExport(Protocol):
    """Takes ledger records into an archive that nobody can change."""

    def write(self, run: Sequence[LedgerRecord]) -> None:
        """Keep a gapless run of one chain; the same run again is one write, another one in its place is refused."""
        ...


class LedgerArchive(Protocol):
    """The exported ledger, as it was first written."""

    def chains(self) -> frozenset[str]:
        """Names of all chains that have an export."""
        ...

    def read(self, chain: str) -> Iterator[LedgerRecord | Unreadable]:
        """Exported records of a chain by number; a number that was exported several times comes several times."""
        ...
