"""An exported ledger record: one line of JSON."""

import json
from typing import Any

from sluice.model.ids import Micros
from sluice.model.ledger import LedgerRecord, Unreadable

# The order of the fields is part of the format: the same record is the same bytes, whoever exports it.
_FIELDS = ("chain", "seq", "at", "kind", "subject", "key", "body", "prev", "hash")
_NUMBERS = frozenset({"seq", "at"})
_ENCODER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))


def line_of(record: LedgerRecord) -> bytes:
    """The line, with its line feed; the body stays the text that its hash covers."""
    return _ENCODER.encode({name: getattr(record, name) for name in _FIELDS}).encode() + b"\n"


def record_of_line(line: bytes, *, seq: int) -> LedgerRecord | Unreadable:
    """The record of a line that stands in the place of number `seq`; what is none is a value, too."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Unreadable(seq, f"not JSON: {error}")
    wrong = _wrong(fields)
    if wrong:
        return Unreadable(seq, wrong)
    if fields["seq"] != seq:
        return Unreadable(seq, f"number {fields['seq']} stands in its place")
    return LedgerRecord(**{**fields, "at": Micros(fields["at"])})


def _wrong(fields: Any) -> str:
    if not isinstance(fields, dict) or tuple(sorted(fields)) != _SORTED:
        return "not the fields of a record"
    for name in _FIELDS:
        if type(fields[name]) is not (int if name in _NUMBERS else str):
            return f"{name} is of another type"
    return ""


_SORTED = tuple(sorted(_FIELDS))
