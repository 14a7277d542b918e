"""Ledger chains for tests: a good one of any length."""

from typing import Any

from sluice.core.ledger import append, genesis, head_of
from sluice.model.commit import Entry
from sluice.model.ids import Micros
from sluice.model.ledger import LedgerRecord

FRAUD = "group/fraud"


def entry_of(number: int, *, chain: str = FRAUD, **body: Any) -> Entry:
    """An entry that tells of its number."""
    facts = {"voter": f"U{number:04d}", "verdict": "approve", "reason": "fine — ok", **body}
    return Entry(chain=chain, key=f"vote|{number}", kind="VoteCast", subject=f"release-{number // 10}", body=facts)


def chain_of(length: int, *, chain: str = FRAUD) -> list[LedgerRecord]:
    """A chain as commits would have written it."""
    return rebuilt([entry_of(number, chain=chain) for number in range(1, length + 1)], chain=chain)


def rebuilt(entries: list[Entry], *, chain: str = FRAUD) -> list[LedgerRecord]:
    """A chain over the given entries with sound hashes."""
    head, records = genesis(chain), []
    for number, entry in enumerate(entries, start=1):
        record = append(head, entry, at=Micros(1_790_000_000_000_000 + number))
        records.append(record)
        head = head_of(record)
    return records
