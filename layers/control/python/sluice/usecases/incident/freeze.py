"""The open incidents that hold back releases of a group, written with the incident itself."""

from dataclasses import replace

from sluice.model.commit import Save
from sluice.model.governing import Mode
from sluice.model.incident import Freeze, Incident
from sluice.ports import Records
from sluice.usecases.remembering import keep, recall


def frozen_by(records: Records, group: str) -> Freeze:
    """What holds back releases of a group; empty where nothing does."""
    known = recall(records, Freeze, group.lower())
    return Freeze(group) if known is None else known.value


def with_freeze(incident: Incident, records: Records) -> tuple[Save, ...]:
    """The write that lets an incident hold back releases, where it is severe enough and does not do so yet."""
    limit = incident.paging.freeze
    if limit is None or incident.mode is Mode.OBSERVE or incident.severity.rank < limit.rank:
        return ()
    known = recall(records, Freeze, incident.group.lower())
    before = Freeze(incident.group) if known is None else known.value
    if incident.id in before.incidents:
        return ()
    after = replace(before, incidents=(*before.incidents, incident.id))
    return (keep(known, after, incident.group.lower()),)


def without_freeze(incident: Incident, records: Records) -> tuple[Save, ...]:
    """The write that lets an incident hold back releases no more; whoever resolves it commits this with it."""
    known = recall(records, Freeze, incident.group.lower())
    if known is None or incident.id not in known.value.incidents:
        return ()
    left = tuple(each for each in known.value.incidents if each != incident.id)
    return (keep(known, replace(known.value, incidents=left), incident.group.lower()),)
