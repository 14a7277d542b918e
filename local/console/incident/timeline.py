"""What the ledger says of one incident, in the order in which it happened. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sluice.core.ledger_words import told
from sluice.model.entry_kinds import EntryKind
from sluice.model.ledger import LedgerRecord

_BAD = (EntryKind.INCIDENT_OPENED, EntryKind.INCIDENT_REOPENED, EntryKind.SEVERITY_RAISED, EntryKind.ROLLBACK_FAILED)
_GOOD = (EntryKind.INCIDENT_RESOLVED, EntryKind.ROLLBACK_DONE, EntryKind.SIGNAL_CLEARED)
_CALLS = (EntryKind.PEOPLE_PAGED, EntryKind.INCIDENT_ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline; `tone` is good, bad, wait or calm."""

    at: datetime
    kind: str
    words: str
    tone: str


def incident_ids(records: Iterable[LedgerRecord]) -> list[str]:
    """Every incident of some chains, the newest first."""
    opened = [r for r in records if r.kind == EntryKind.INCIDENT_OPENED]
    newest = sorted(opened, key=lambda r: (r.at, r.seq), reverse=True)
    return list(dict.fromkeys(found for r in newest if (found := _incident_of(r))))


def timeline(incident_id: str, records: Iterable[LedgerRecord]) -> list[Happening]:
    """All that happened to an incident and for it, the newest first."""
    mine = [record for record in records if _incident_of(record) == incident_id]
    ordered = sorted(mine, key=lambda r: (r.at, r.seq), reverse=True)
    return [Happening(_moment(r.at), _spaced(r.kind), told(r), _tone(r.kind)) for r in ordered]


def _incident_of(record: LedgerRecord) -> str:
    if record.subject.startswith("incident/"):
        return record.subject.removeprefix("incident/")
    return str(_object(record.body).get("incident_id") or "")


def _tone(kind: str) -> str:
    tones: Sequence[tuple[Sequence[str], str]] = ((_BAD, "bad"), (_GOOD, "good"), (_CALLS, "wait"))
    return next((tone for kinds, tone in tones if kind in kinds), "calm")


def _spaced(kind: str) -> str:
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in kind).strip()
    return words[:1].upper() + words[1:]


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1_000_000, UTC)


def _object(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
