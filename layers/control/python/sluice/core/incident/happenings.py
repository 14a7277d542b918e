"""The ledger of an incident as people read it: which records matter, when each was, and what it says. Pure."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from sluice.core.ledger_words import told
from sluice.core.slack_text import cut, one_line, short_digests
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros
from sluice.model.ledger import LedgerRecord

_ASIDE: Final = frozenset({EntryKind.PAGE_DELIVERED, EntryKind.SIGNAL_MUTED})
"""True, and of no use to whoever wants to know what happened."""
_LINE: Final = 160


def is_about(record: LedgerRecord, incident_id: str) -> bool:
    """Whether a record is of an incident: of itself, or of a rollback that says it is of this incident."""
    if record.subject == f"incident/{incident_id}":
        return True
    if incident_id not in record.body:
        return False
    try:
        body = json.loads(record.body)
    except ValueError:
        return False
    return isinstance(body, dict) and body.get("incident_id") == incident_id


def lines(records: Iterable[LedgerRecord]) -> list[str]:
    """A line a record, for a card: the time of the day, UTC, and what happened."""
    return [f"{_clock(r.at)}  {cut(short_digests(one_line(told(r))), _LINE)}" for r in records if r.kind not in _ASIDE]


def utc(at: Micros) -> str:
    """A moment as a review shows it."""
    return datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _clock(at: Micros) -> str:
    return datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%H:%M:%S")
