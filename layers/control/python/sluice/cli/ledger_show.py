"""`sluice ledger show`: a chain or a release in words."""

import argparse
from collections import deque
from collections.abc import Iterable, Iterator

from sluice.adapters.ledger_lines import line_of
from sluice.cli.place import Place, chain_named
from sluice.core.ledger_words import moment, told
from sluice.errors import InvalidInput
from sluice.model.ledger import LedgerRecord, Unreadable

type _Read = LedgerRecord | Unreadable


def show(asked: argparse.Namespace) -> int:
    """Print the records, newest last; what cannot be read is shown in its place, and makes the answer a fault."""
    if asked.last < 0:
        raise InvalidInput("--last takes a number of records")
    chain, release = _meant(asked.what)
    found: Iterable[_Read] = _about(Place(asked).ledger().read(chain), release)
    if asked.last:
        found = deque(found, maxlen=asked.last)
    shown, unreadable = 0, 0
    for record in found:
        shown += 1
        unreadable += isinstance(record, Unreadable)
        print(_json(record) if asked.json else _row(record))
    if not shown and not asked.json:
        print(f"nothing recorded of {asked.what}")
    return 1 if unreadable else 0


def _meant(what: str) -> tuple[str, str]:
    """The chain, and the release if one is meant."""
    parts = what.split("/")
    if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
        return chain_named(parts[0]), what.lower()
    return chain_named(what), ""


def _about(records: Iterator[_Read], release: str) -> Iterator[_Read]:
    return (r for r in records if not release or isinstance(r, Unreadable) or r.subject.lower() == release)


def _json(record: _Read) -> str:
    if isinstance(record, Unreadable):
        return f'{{"seq":{record.seq},"unreadable":true}}'
    return line_of(record).decode().rstrip("\n")


def _row(record: _Read) -> str:
    if isinstance(record, Unreadable):
        return f"{record.seq:>6}  unreadable: {record.why}"
    return f"{record.seq:>6}  {moment(record.at)}  {record.subject:<24}  {told(record)}"
