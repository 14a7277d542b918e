"""`sluice ledger show`: a chain, a release or an incident in words."""

import argparse
from collections import deque
from collections.abc import Callable, Iterable

from sluice.adapters.ledger_lines import line_of
from sluice.cli.place import Place, chain_named
from sluice.core.incident.happenings import is_about
from sluice.core.ledger_words import moment, told
from sluice.errors import InvalidInput
from sluice.model.commit import RecordKey, group_chain
from sluice.model.incident import Incident
from sluice.model.ledger import LedgerRecord, Unreadable

type _Read = LedgerRecord | Unreadable

_INCIDENT = "incident/"


def show(asked: argparse.Namespace) -> int:
    """Print the records, newest last; what cannot be read is shown in its place, and makes the answer a fault."""
    if asked.last < 0:
        raise InvalidInput("--last takes a number of records")
    place = Place(asked)
    chain, wanted = _meant(asked.what, place)
    found: Iterable[_Read] = (r for r in place.ledger().read(chain) if isinstance(r, Unreadable) or wanted(r))
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


def _meant(what: str, place: Place) -> tuple[str, Callable[[LedgerRecord], bool]]:
    """The chain, and which of its records are meant: all, those of a release, or those of an incident."""
    if what.startswith(_INCIDENT):
        incident_id = what.removeprefix(_INCIDENT)
        return _chain_of(incident_id, place), lambda record: is_about(record, incident_id)
    parts = what.split("/")
    if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
        return chain_named(parts[0]), lambda record: record.subject.lower() == what.lower()
    return chain_named(what), lambda _: True


def _chain_of(incident_id: str, place: Place) -> str:
    """The chain of the group that an incident is of: its record says so."""
    known = place.records().load(RecordKey(Incident.KIND, incident_id))
    if known is None:
        raise InvalidInput(f"there is no incident {incident_id}")
    return group_chain(str(known.body["group"]))


def _json(record: _Read) -> str:
    if isinstance(record, Unreadable):
        return f'{{"seq":{record.seq},"unreadable":true}}'
    return line_of(record).decode().rstrip("\n")


def _row(record: _Read) -> str:
    if isinstance(record, Unreadable):
        return f"{record.seq:>6}  unreadable: {record.why}"
    return f"{record.seq:>6}  {moment(record.at)}  {record.subject:<24}  {told(record)}"
