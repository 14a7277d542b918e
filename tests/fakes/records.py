"""`Records` in memory, with DynamoDB's semantics and faults on demand."""

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import RLock

from sluice.core.ledger import append, genesis, head_of
from sluice.errors import PermanentFailure, SluiceError, StaleRecord, TransientFailure
from sluice.model.canonical import canonical_text
from sluice.model.commit import Commit, Entry, Message, RecordKey, Save, Stored
from sluice.model.ids import Micros
from sluice.model.ledger import Head, LedgerRecord


@dataclass(slots=True)
class OutboxRow:
    """A message with its delivery state."""

    message: Message
    created_at: Micros
    due_at: Micros | None
    attempts: int = 0
    state: str = "pending"
    reason: str = ""
    sent_at: Micros | None = None


@dataclass(slots=True)
class _Row:
    version: int
    body: str
    due_at: Micros | None


@dataclass(slots=True)
class FakeRecords:
    """Remembers in memory; `ledger` and `outbox` are there to be looked at.

    Faults: `fail(error, ...)` makes the next commits raise before their effect, `fail_after(error, ...)` after it
    (the answer was lost). `before_commit` runs ahead of each commit, so that a test can write in between.
    """

    ledger: dict[str, list[LedgerRecord]] = field(default_factory=lambda: defaultdict(list))
    outbox: dict[str, OutboxRow] = field(default_factory=dict)
    before_commit: Callable[[Commit], None] = lambda _commit: None
    commits: list[Commit] = field(default_factory=list)
    _rows: dict[RecordKey, _Row] = field(default_factory=dict)
    _failures: deque[tuple[SluiceError, bool]] = field(default_factory=deque)
    _lock: RLock = field(default_factory=RLock)

    def load(self, key: RecordKey) -> Stored | None:
        """Read one record."""
        row = self._rows.get(key)
        return None if row is None else Stored(key, row.version, json.loads(row.body))

    def due(self, kind: str, *, before: Micros) -> Iterator[Stored]:
        """Records of a kind due before a moment, the earliest first."""
        rows = [(r.due_at, k) for k, r in self._rows.items() if k.kind == kind and r.due_at is not None]
        for due_at, key in sorted(rows, key=lambda row: (row[0], row[1].id)):
            stored = self.load(key)
            if due_at < before and stored is not None:
                yield stored

    def commit(self, commit: Commit, *, at: Micros) -> None:
        """Write all or nothing."""
        hook, self.before_commit = self.before_commit, lambda _commit: None
        hook(commit)
        with self._lock:
            error, after = self._failures.popleft() if self._failures else (None, False)
            if error is not None and not after:
                raise error
            self._write(commit, at)
            if error is not None:
                raise error

    def fail(self, *errors: SluiceError) -> None:
        """Let the next commits fail before they write anything."""
        self._failures.extend((error, False) for error in errors)

    def fail_after(self, *errors: SluiceError) -> None:
        """Let the next commits fail after they have written everything."""
        self._failures.extend((error, True) for error in errors)

    def stale_next(self, times: int = 1) -> None:
        """Let the next commits lose a race."""
        self.fail(*(StaleRecord("injected") for _ in range(times)))

    def transient_next(self, times: int = 1) -> None:
        """Let the next commits find the tables throttled."""
        self.fail(*(TransientFailure("injected") for _ in range(times)))

    def entries(self, chain: str, kind: str | None = None) -> list[LedgerRecord]:
        """Records of a chain, of one kind if wanted."""
        return [r for r in self.ledger.get(chain, []) if kind in (None, r.kind)]

    def _write(self, commit: Commit, at: Micros) -> None:
        if len({save.key for save in commit.saves}) < len(commit.saves):
            raise PermanentFailure("a commit saves one record twice")
        for save in commit.saves:
            row = self._rows.get(save.key)
            if (row.version if row else 0) != save.expected_version:
                raise StaleRecord(f"{save.key.kind}/{save.key.id} was written since version {save.expected_version}")
        rows = {save.key: _row(save) for save in commit.saves}
        appended = list(self._appended(commit.entries, at))
        messages = [Message(m.id, m.kind, json.loads(canonical_text(m.body))) for m in commit.messages]
        self._rows.update(rows)
        for record in appended:
            self.ledger[record.chain].append(record)
        for message in messages:
            self.outbox.setdefault(message.id, OutboxRow(message, created_at=at, due_at=at))
        self.commits.append(commit)

    def _appended(self, entries: tuple[Entry, ...], at: Micros) -> Iterator[LedgerRecord]:
        heads: dict[str, Head] = {}
        chains = {entry.chain for entry in entries}
        keys = {(chain, record.key) for chain in chains for record in self.ledger.get(chain, [])}
        for entry in entries:
            if (entry.chain, entry.key) in keys:
                continue
            chain = self.ledger.get(entry.chain)
            head = heads.get(entry.chain) or (head_of(chain[-1]) if chain else genesis(entry.chain))
            record = append(head, entry, at=at)
            heads[entry.chain] = head_of(record)
            keys.add((entry.chain, entry.key))
            yield record


def _row(save: Save) -> _Row:
    return _Row(save.expected_version + 1, canonical_text(save.body), save.due_at)
