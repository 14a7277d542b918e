"""The ledger's reading, export and archive in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from sluice.core.ledger import head_of
from sluice.errors import PermanentFailure, SluiceError
from sluice.model.ledger import LedgerRecord, Noted, Unreadable
from tests.fakes.records import FakeRecords


@dataclass(slots=True)
class FakeLedgerArchive:
    """Keeps runs; `fail[chain]` is raised for every run of a chain."""

    runs: dict[tuple[str, int, int], list[LedgerRecord]] = field(default_factory=dict)
    fail: dict[str, SluiceError] = field(default_factory=dict)
    writes: list[tuple[str, int, int]] = field(default_factory=list)

    def write(self, run: Sequence[LedgerRecord]) -> None:
        """Keep a gapless run of one chain."""
        if any((b.chain, b.seq) != (a.chain, a.seq + 1) for a, b in pairwise(run)):
            raise PermanentFailure("not a gapless run")
        if run[0].chain in self.fail:
            raise self.fail[run[0].chain]
        key = (run[0].chain, run[0].seq, run[-1].seq)
        if self.runs.setdefault(key, list(run)) != list(run):
            raise PermanentFailure("in the archive with other contents")
        self.writes.append(key)

    def chains(self) -> frozenset[str]:
        """Names of all chains that have an export."""
        return frozenset(chain for chain, _, _ in self.runs)

    def read(self, chain: str) -> Iterator[LedgerRecord | Unreadable]:
        """Exported records by number."""
        records = [r for (name, _, _), run in self.runs.items() if name == chain for r in run]
        yield from sorted(records, key=lambda record: record.seq)


@dataclass(slots=True)
class FakeLedger:
    """Reads what was committed to the given records; set `records.ledger` to tamper."""

    records: FakeRecords
    markers: dict[str, Noted] = field(default_factory=dict)

    def chains(self) -> frozenset[str]:
        """Names of all chains that have a record."""
        return frozenset(chain for chain, records in self.records.ledger.items() if records)

    def read(self, chain: str, *, after: int = 0) -> Iterator[LedgerRecord | Unreadable]:
        """Records of a chain by number, including those committed meanwhile."""
        place = 0
        while place < len(records := self.records.entries(chain)):
            if records[place].seq > after:
                yield records[place]
            place += 1

    def newest_first(self, chain: str) -> Iterator[LedgerRecord | Unreadable]:
        """Records of a chain from its newest one back."""
        yield from reversed(self.records.entries(chain))

    def newest_marker(self, chain: str) -> Noted | None:
        """The newest head that a test noted, else that of the last commit."""
        records = self.records.entries(chain)
        fresh = Noted(head_of(records[-1]), "the table of entry keys") if records else None
        return self.markers.get(chain, fresh)
