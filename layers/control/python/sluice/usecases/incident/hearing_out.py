"""What a word changes, whoever said it where: the incident, its place in the ledger, and who is told."""

from dataclasses import dataclass, replace

from sluice.core.incident.hearing import Word, told_of_it
from sluice.core.incident.notices import resolved_notice
from sluice.core.rollback.naming import rollback_id_of
from sluice.model.commit import Commit, Entry, Message
from sluice.model.endpoint import EndpointRecord, endpoint_id
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import IncidentId, Micros
from sluice.model.incident import Incident
from sluice.model.incident_wish import IncidentWish
from sluice.model.page import PageAction, PageOrder
from sluice.model.rollback import Rollback
from sluice.ports import Records
from sluice.usecases.incident.entries import incident_entry
from sluice.usecases.incident.freeze import without_freeze
from sluice.usecases.incident.remembered import save_incident
from sluice.usecases.messages import incident_card, notice, page
from sluice.usecases.remembering import Known, recall

_ROLLBACK = "rollback/"
"""With what the source begins under which a person's own rollback speaks of its end."""


@dataclass(frozen=True, slots=True)
class Case:
    """An incident with its newest rollback, and the endpoint where a rollback of it left a hold."""

    incident: Known[Incident]
    rollback: Known[Rollback] | None
    held: Known[EndpointRecord] | None

    @classmethod
    def load(cls, records: Records, incident_id: IncidentId) -> "Case | None":
        """Read all of it, or None when there is no such incident."""
        incident = recall(records, Incident, incident_id)
        if incident is None:
            return None
        newest = incident.value.rollback
        rollback = None if newest is None else recall(records, Rollback, newest)
        return cls(incident, rollback, held_endpoint(records, incident.value))

    @property
    def answer(self) -> Rollback | None:
        """The newest rollback."""
        return None if self.rollback is None else self.rollback.value


def rollbacks_of(records: Records, incident: Incident) -> list[Rollback]:
    """Every rollback of an incident, from the first."""
    ids = (rollback_id_of(incident.id, number) for number in range(1, incident.rounds + 1))
    found = (recall(records, Rollback, each) for each in ids)
    return [known.value for known in found if known is not None]


def held_endpoint(records: Records, incident: Incident) -> Known[EndpointRecord] | None:
    """The endpoint's record while a rollback that this incident knows of holds it: its own, or a person's."""
    ours = {rollback_id_of(incident.id, number) for number in range(1, incident.rounds + 1)}
    told = {seen.source.removeprefix(_ROLLBACK) for seen in incident.signals if seen.source.startswith(_ROLLBACK)}
    if not ours and not told:
        return None
    endpoint = recall(records, EndpointRecord, endpoint_id(incident.region, incident.endpoint))
    if endpoint is None or not endpoint.value.hold:
        return None
    return endpoint if endpoint.value.held_by[0] in ours | told else None


def word_entry(incident: Incident, kind: EntryKind, word: Word, key: str, **more: str) -> Entry:
    """The ledger's word on what somebody said."""
    body = {
        "asked": word.wish.value,
        "via": word.by.via,
        "person": word.by.person or "",
        "name": word.by.name,
        "reason": word.by.reason,
        "at": word.said_at,
    }
    return incident_entry(incident, kind, key, body | more)


def taken_commit(case: Case, after: Incident, word: Word, key: str, records: Records) -> Commit:
    """Everything that an acknowledgement or an end writes; the execution that attends has to be woken afterwards."""
    ends = word.wish is IncidentWish.RESOLVE
    kind = EntryKind.INCIDENT_RESOLVED if ends else EntryKind.INCIDENT_ACKNOWLEDGED
    after = replace(after, told=False)
    return Commit(
        saves=(
            save_incident(after, case.incident, word.by.at),
            *(without_freeze(after, records) if ends else ()),
        ),
        entries=(word_entry(after, kind, word, key),),
        messages=_messages(after, word, word.by.at),
    )


def _messages(after: Incident, word: Word, now: Micros) -> tuple[Message, ...]:
    ends = word.wish is IncidentWish.RESOLVE
    action = PageAction.RESOLVE if ends else PageAction.ACKNOWLEDGE
    told = [page(PageOrder(after.id, target, action, after.pages)) for target in told_of_it(after, word)]
    over = [notice(f"incident-over|{after.id}|{after.reopened}", after.channel, resolved_notice(after))] if ends else []
    return (incident_card(after, now), *over, *told)
