"""The hash chain: what a record's hash covers, and how the next record is built."""

import json
from dataclasses import replace
from hashlib import sha256

from sluice.model.canonical import canonical_text
from sluice.model.commit import Entry
from sluice.model.ids import Micros
from sluice.model.ledger import Head, LedgerRecord

# Named in each hashed text, so that no hash of another format or purpose can be passed off as a record's.
_RECORD_DOMAIN = "sluice.ledger.v1.record"
_GENESIS_DOMAIN = "sluice.ledger.v1.genesis"

_HEADER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))


def genesis(chain: str) -> Head:
    """The head of a chain without records: number 0 and a hash of the chain's own name."""
    return Head(0, sha256(_HEADER.encode([_GENESIS_DOMAIN, chain]).encode()).hexdigest())


def hash_of(record: LedgerRecord) -> str:
    """SHA-256 over the header as a JSON list, a line feed and the body's text, whatever `hash` the record claims.

    A JSON list quotes its strings and holds no raw line feed, so no two records share one hashed text.
    """
    header = _HEADER.encode(
        [
            _RECORD_DOMAIN,
            record.chain,
            record.seq,
            record.at,
            record.kind,
            record.subject,
            record.key,
            record.prev,
        ]
    )
    return sha256(f"{header}\n{record.body}".encode("utf-8", "surrogatepass")).hexdigest()


def append(head: Head, entry: Entry, *, at: Micros) -> LedgerRecord:
    """The record that puts an entry behind a head of its chain."""
    unsealed = LedgerRecord(
        chain=entry.chain,
        seq=head.seq + 1,
        at=at,
        kind=str(entry.kind),
        subject=entry.subject,
        key=entry.key,
        body=canonical_text(entry.body),
        prev=head.hash,
        hash="",
    )
    return replace(unsealed, hash=hash_of(unsealed))


def head_of(record: LedgerRecord) -> Head:
    """The head after a record."""
    return Head(record.seq, record.hash)
