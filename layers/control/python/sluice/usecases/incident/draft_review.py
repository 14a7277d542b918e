"""The review of an incident that is over is drafted: kept in the archive, and told with a link to it."""

from dataclasses import dataclass, replace

from sluice.core.incident.console_links import object_page
from sluice.core.incident.impact import asked_of, impact, side_of, sources_of, window_of
from sluice.core.incident.notices import reviewed_notice
from sluice.core.incident.review import Known as KnownOf
from sluice.core.incident.review import review, review_key, summary
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.commit import Commit
from sluice.model.entry_kinds import EntryKind
from sluice.model.incident import Incident
from sluice.model.records import PolicyRecord
from sluice.ports import Clock, LedgerReading, Metrics, Records, Reviews
from sluice.usecases.documents_in_force import people_in_force
from sluice.usecases.incident.attend_incident import Attendance
from sluice.usecases.incident.entries import incident_entry
from sluice.usecases.incident.happened import happened
from sluice.usecases.incident.hearing_out import rollbacks_of
from sluice.usecases.incident.remembered import incident_of, save_incident
from sluice.usecases.messages import incident_card, notice
from sluice.usecases.remembering import recall, settling_races

_LONGEST = 2000
"""Records of a timeline; a storm has more, and whoever wants them reads the ledger."""


@dataclass(frozen=True, slots=True)
class Drafting:
    """The ports of draft_review."""

    records: Records
    ledger: LedgerReading
    reviews: Reviews
    metrics: Metrics
    clock: Clock


def draft_review(attendance: Attendance, world: Drafting) -> str:
    """Draft the review once; answers its key, empty for an incident that is not over, or was opened again since."""
    incident = incident_of(world.records, attendance.incident_id).value
    if not incident.is_over or incident.attempt != attendance.attempt:
        return ""
    if incident.review:
        return incident.review
    known = _known(incident, world)
    key = review_key(incident)
    bucket = world.reviews.keep(key, review(known))
    settling_races(lambda: _noted(attendance, key, bucket, summary(known), world))
    return key


def _known(incident: Incident, world: Drafting) -> KnownOf:
    return KnownOf(
        incident=incident,
        rollbacks=rollbacks_of(world.records, incident),
        records=happened(incident, world.ledger, at_most=_LONGEST),
        impact=_impact(incident, world),
        names={person.slack: person.name for person in people_in_force(world.records).people},
    )


def _impact(incident: Incident, world: Drafting) -> tuple[str, ...]:
    """What it cost, from CloudWatch; a draft that has to do without says so."""
    window = window_of(incident)
    if window is None:
        return ()
    record = recall(world.records, PolicyRecord, incident.group.lower())
    policy = None if record is None else record.value.in_force
    sources = sources_of(policy)
    asked = asked_of(sources, side_of(incident, policy))
    try:
        during = world.metrics.by_minute(asked, start=window.start, end=window.end)
        before = world.metrics.by_minute(asked, start=window.before, end=window.start)
    except (TransientFailure, PermanentFailure) as failure:
        return (f"The figures of the endpoint could not be read when this was drafted: {failure}",)
    return impact(sources, during, before, window)


def _noted(attendance: Attendance, key: str, bucket: str, told: str, world: Drafting) -> None:
    known, now = incident_of(world.records, attendance.incident_id), world.clock.now()
    if known.value.attempt != attendance.attempt or known.value.review:
        return
    after = replace(known.value, review=key)
    address = object_page(after.region, bucket, key)
    commit = Commit(
        saves=(save_incident(after, known, now),),
        entries=(incident_entry(after, EntryKind.REVIEW_DRAFTED, key, {"key": key, "bucket": bucket}),),
        messages=(
            notice(f"review|{after.id}|{after.reopened}", after.channel, reviewed_notice(after, address, told)),
            incident_card(after, now),
        ),
    )
    world.records.commit(commit, at=now)
