"""What the ledger says of one incident, in the order in which it happened."""

import json
from collections.abc import Iterator
from itertools import islice

from sluice.model.commit import group_chain
from sluice.model.incident import Incident
from sluice.model.ledger import LedgerRecord
from sluice.ports import LedgerReading
from sluice.usecases.incident.entries import incident_subject

_SLACK = 3600 * 1_000_000
"""Microseconds before the opening that are read as well: clocks of writers differ."""


def happened(incident: Incident, ledger: LedgerReading, *, at_most: int) -> list[LedgerRecord]:
    """The newest records about an incident and its rollbacks, the oldest first; the chain is read from its end."""
    found = islice(_about(incident, ledger), at_most)
    return sorted(found, key=lambda record: record.seq)


def _about(incident: Incident, ledger: LedgerReading) -> Iterator[LedgerRecord]:
    since, subject = incident.opened_at - _SLACK, incident_subject(incident.id)
    for record in ledger.newest_first(group_chain(incident.group)):
        if not isinstance(record, LedgerRecord):
            continue
        if record.at < since:
            return
        if record.subject == subject or _names(record, incident):
            yield record


def _names(record: LedgerRecord, incident: Incident) -> bool:
    """Whether a record of something else, such as a rollback, says that it is of this incident."""
    if incident.id not in record.body:
        return False
    try:
        body = json.loads(record.body)
    except ValueError:
        return False
    return isinstance(body, dict) and body.get("incident_id") == incident.id
