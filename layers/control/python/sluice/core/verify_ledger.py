"""Is a chain what it was? One walk over the records beside the locked export; memory does not grow with either."""

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from itertools import chain as chained

from sluice.core.ledger import genesis, hash_of, head_of
from sluice.model.ledger import Head, LedgerRecord, Noted, Unreadable
from sluice.model.verification import Fault, FaultKind, Verification

type Read = LedgerRecord | Unreadable

# How far from its place a moved record is looked for; farther ones are called edited. Costs 0.1 s, once.
_SEARCH = 5_000


def verify(
    chain: str, records: Iterable[Read], *, exported: Iterable[Read] = (), noted: Iterable[Noted] = ()
) -> Verification:
    """Walk a chain from its first record on and stop at the first fault.

    `records` come as the table gives them, `exported` by number from the locked export, where a record may come
    several times. `noted` are the few heads known from elsewhere: a tail that no export holds yet is proved by them.
    """
    walk = _Walk(chain, exported, noted)
    for record in records:
        fault = walk.step(record)
        if fault is not None:
            return walk.result(fault)
    return walk.result(walk.end())


class _Walk:
    """Where a verification stands."""

    def __init__(self, chain: str, exported: Iterable[Read], noted: Iterable[Noted]) -> None:
        self._chain = chain
        self._head = genesis(chain)
        self._export = _Export(exported)
        self._noted = sorted(noted, key=lambda note: note.head.seq)
        self._exported_up_to = 0
        self._hole: int | None = None

    def step(self, record: Read) -> Fault | None:
        """Check the next record; it becomes the head when nothing is wrong with it."""
        expected = self._head.seq + 1
        if isinstance(record, Unreadable):
            return _fault(expected, FaultKind.EDITED, f"the record cannot be read: {record.why}")
        fault = _misplaced(record, self._chain, expected) or self._export.fault_at(expected, record)
        fault = fault or _unsound(record, self._head) or self._contradicted(record)
        if fault is None:
            self._advance(record)
        return fault

    def end(self) -> Fault | None:
        """What is wrong after the last record: a tail cut off, or a part that was never exported."""
        last = self._head.seq
        for note in reversed(self._noted):
            if note.head.seq > last:
                return _truncated(last, f"{note.where} knows number {note.head.seq}")
        beyond = self._export.beyond(last)
        if beyond is not None:
            return _truncated(last, f"the locked export goes on with number {beyond}")
        if self._hole is not None:
            return _fault(self._hole, FaultKind.UNEXPORTED, "the locked export left it out and goes on behind it")
        return None

    def result(self, fault: Fault | None) -> Verification:
        """What was found so far."""
        return Verification(self._chain, self._head.seq, self._head, self._exported_up_to, fault)

    def _advance(self, record: LedgerRecord) -> None:
        self._head = head_of(record)
        if self._export.holds(record.seq):
            self._exported_up_to = record.seq if self._hole is None else self._exported_up_to
        elif self._hole is None and self._export.beyond(record.seq) is not None:
            self._hole = record.seq

    def _contradicted(self, record: LedgerRecord) -> Fault | None:
        for note in self._noted:
            if note.head.seq == record.seq and note.head.hash != record.hash:
                words = f"{note.where} knows it by another hash: this record or one before it was rewritten"
                return _fault(record.seq, FaultKind.FORGED, words)
        return None


class _Export:
    """Reads the export in step with the table."""

    def __init__(self, exported: Iterable[Read]) -> None:
        self._lines: Iterator[Read] = iter(exported)
        self._next = next(self._lines, None)
        self._last: LedgerRecord | None = None

    def fault_at(self, seq: int, record: LedgerRecord) -> Fault | None:
        """Compare everything that the export says of a number with the record."""
        while self._next is not None and self._next.seq <= seq:
            line, self._next = self._next, next(self._lines, None)
            if isinstance(line, Unreadable):
                return _fault(seq, FaultKind.FORGED, f"the locked export cannot be read: {line.why}")
            if line.seq < seq:
                return _fault(line.seq, FaultKind.FORGED, "the locked export holds its numbers out of order")
            if self._last is not None and self._last.seq == seq and self._last != line:
                return _fault(seq, FaultKind.FORGED, "the locked export holds two different records of this number")
            self._last = line
        if self._last is not None and self._last.seq == seq and self._last != record:
            return _differs(record, self._last)
        return None

    def holds(self, seq: int) -> bool:
        """Whether the number just compared is in the export."""
        return self._last is not None and self._last.seq == seq

    def beyond(self, seq: int) -> int | None:
        """The next number that the export holds behind one, or None."""
        return self._next.seq if self._next is not None and self._next.seq > seq else None


def _misplaced(record: LedgerRecord, chain: str, expected: int) -> Fault | None:
    if record.chain != chain:
        return _fault(expected, FaultKind.FORGED, f"the record belongs to the chain {record.chain}")
    if record.seq < expected:
        return _fault(record.seq, FaultKind.DUPLICATE, "the number comes a second time")
    if record.seq > expected:
        until = "" if record.seq == expected + 1 else f" to {record.seq - 1}"
        return _fault(expected, FaultKind.MISSING, f"number {expected}{until} is missing; {record.seq} comes next")
    return None


def _unsound(record: LedgerRecord, head: Head) -> Fault | None:
    sealed, linked = hash_of(record) == record.hash, record.prev == head.hash
    if sealed and linked:
        return None
    if linked:
        return _fault(record.seq, FaultKind.EDITED, "its contents do not match its hash")
    if sealed:
        words = f"it does not follow number {head.seq} as that stands now: one of the two was rewritten"
        return _fault(record.seq, FaultKind.FORGED, words)
    home = _home_of(record)
    if home is None:
        return _fault(record.seq, FaultKind.EDITED, "neither its contents nor the hash before it match its hash")
    return _fault(record.seq, FaultKind.SWAPPED, f"the record that was written as number {home} stands here")


def _home_of(record: LedgerRecord) -> int | None:
    """The number under which a record was sealed, looked for from its present place outwards."""
    steps = range(1, _SEARCH)
    for seq in chained.from_iterable((record.seq - step, record.seq + step) for step in steps):
        if seq > 0 and hash_of(replace(record, seq=seq)) == record.hash:
            return seq
    return None


def _differs(record: LedgerRecord, line: LedgerRecord) -> Fault:
    """Name what was done to a record that the export holds otherwise."""
    changed = [f.name for f in fields(LedgerRecord) if getattr(record, f.name) != getattr(line, f.name)]
    names = ", ".join(changed)
    if hash_of(record) == record.hash:
        words = f"rewritten with a hash of its own after its export (changed: {names})"
        return _fault(record.seq, FaultKind.FORGED, words)
    home = _home_of(record) if "prev" in changed else None
    if home is not None:
        return _fault(record.seq, FaultKind.SWAPPED, f"the record that was written as number {home} stands here")
    return _fault(record.seq, FaultKind.EDITED, f"changed after its export ({names})")


def _truncated(last: int, words: str) -> Fault:
    return _fault(last + 1, FaultKind.TRUNCATED, f"the chain ends with number {last}, but {words}")


def _fault(seq: int, kind: FaultKind, words: str) -> Fault:
    return Fault(seq, kind, words)
