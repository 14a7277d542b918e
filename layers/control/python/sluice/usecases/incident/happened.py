"""What the ledger says of one incident, in the order in which it happened."""

from collections.abc import Iterator
from itertools import islice

from sluice.core.incident.happenings import is_about
from sluice.model.commit import group_chain
from sluice.model.incident import Incident
from sluice.model.ledger import LedgerRecord
from sluice.ports import LedgerReading

_SLACK = 3600 * 1_000_000
"""Microseconds before the opening that are read as well: clocks of writers differ."""


def happened(
    incident: Incident, ledger: LedgerReading, *, at_most: int, within: int | None = None
) -> list[LedgerRecord]:
    """The newest records about an incident and its rollbacks, the oldest first; the chain is read from its end.

    `within` so many records of the chain, where the whole would take too long.
    """
    found = islice(_about(incident, ledger, within), at_most)
    return sorted(found, key=lambda record: record.seq)


def _about(incident: Incident, ledger: LedgerReading, within: int | None) -> Iterator[LedgerRecord]:
    since = incident.opened_at - _SLACK
    for record in islice(ledger.newest_first(group_chain(incident.group)), within):
        if not isinstance(record, LedgerRecord):
            continue
        if record.at < since:
            return
        if is_about(record, incident.id):
            yield record
