"""The ledger as it grows: entries of all chains, the newest first, and whether each chain holds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sluice.core.ledger_words import told
from sluice.core.verify_ledger import verify
from sluice.model.ledger import LedgerRecord


@dataclass(frozen=True)
class Line:
    """One entry as the page shows it."""

    chain: str
    seq: int
    at: datetime
    kind: str
    subject: str
    summary: str
    body: str
    hash: str


@dataclass(frozen=True)
class ChainCheck:
    """Whether a chain holds, in words."""

    chain: str
    records: int
    fault: str


def line_of(record: LedgerRecord) -> Line:
    """An entry for the page."""
    body = _object(record.body)
    return Line(
        chain=record.chain,
        seq=record.seq,
        at=datetime.fromtimestamp(record.at / 1_000_000, UTC),
        kind=record.kind,
        subject=record.subject,
        summary=told(record),
        body=json.dumps(body, indent=2, ensure_ascii=False),
        hash=record.hash,
    )


def check(chain: str, records: Sequence[LedgerRecord]) -> ChainCheck:
    """Verify a chain from its first record."""
    found = verify(chain, records)
    fault = f"record {found.fault.seq}: {found.fault.words}" if found.fault else ""
    return ChainCheck(chain, found.records, fault)


def gates_in(records: Sequence[LedgerRecord], release_id: str) -> list[dict[str, Any]]:
    """Verdicts of the gates that were checked last for a release."""
    for record in reversed(records):
        if record.kind == "GatesChecked" and record.subject == release_id:
            body = _object(record.body)
            gates = body.get("gates") or body.get("results") or []
            return [g for g in gates if isinstance(g, dict) and "verdict" in g]
    return []


def _object(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {"text": text}
    return value if isinstance(value, dict) else {"value": value}
