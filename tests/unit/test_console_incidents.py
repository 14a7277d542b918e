"""The console's incident view: what the ledger and the records say, in the order in which it happened."""

from dataclasses import replace

import pytest

from local.console.incident.incident_words import answer_words, signal_words, status_words
from local.console.incident.timeline import incident_ids, timeline
from sluice.core.ledger import append, genesis, head_of
from sluice.model.commit import Entry
from sluice.model.entry_kinds import EntryKind
from sluice.model.governing import Mode, Tier
from sluice.model.ids import GroupName, IncidentId, Micros, RollbackId, SlackUserId
from sluice.model.incident import Answered, Incident, IncidentStatus, SignalSeen
from sluice.model.ledger import LedgerRecord
from sluice.model.response_rules import PagingRules, Severity
from sluice.model.rollback import Rollback, RollbackOutcome, RollbackPhase
from sluice.model.signal import Cause, Signal, SignalKind

_SECOND = 1_000_000
OURS, OTHER = IncidentId("a" * 32), IncidentId("b" * 32)


def chain(*told: tuple[EntryKind, str, dict[str, str]]) -> list[LedgerRecord]:
    """A chain with these entries, a second apart."""
    head, records = genesis("group/fraud"), []
    for number, (kind, subject, body) in enumerate(told):
        record = append(head, Entry("group/fraud", str(number), kind, subject, body), at=Micros(number * _SECOND))
        records.append(record)
        head = head_of(record)
    return records


def an_incident(**changes: object) -> Incident:
    incident = Incident(
        id=OURS,
        number=1,
        group=GroupName("fraud"),
        region="eu-central-1",
        endpoint="fraud-scoring",
        tier=Tier.STANDARD,
        mode=Mode.ENFORCE,
        team="fraud",
        channel="C0MODELS",
        paging=PagingRules(),
        cause=Cause.ERRORS,
        severity=Severity.ERROR,
        summary="errors",
        opened_at=Micros(0),
        last_at=Micros(0),
    )
    return replace(incident, **changes)  # type: ignore[arg-type]  # each test names fields of its own


def test_incidents_are_listed_once_the_newest_first() -> None:
    records = chain(
        (EntryKind.INCIDENT_OPENED, f"incident/{OURS}", {}),
        (EntryKind.SIGNAL_JOINED, f"incident/{OURS}", {}),
        (EntryKind.INCIDENT_OPENED, f"incident/{OTHER}", {}),
    )

    assert incident_ids(records) == [OTHER, OURS]


def test_a_timeline_has_what_names_the_incident_in_subject_or_body_and_nothing_else() -> None:
    records = chain(
        (EntryKind.INCIDENT_OPENED, f"incident/{OURS}", {}),
        (EntryKind.INCIDENT_OPENED, f"incident/{OTHER}", {}),
        (EntryKind.ROLLBACK_DONE, "rollback/1", {"incident_id": OURS}),
        (EntryKind.PEOPLE_PAGED, f"incident/{OURS}", {}),
        (EntryKind.RELEASE_CONCLUDED, "fraud/1/1", {}),
    )

    found = timeline(OURS, records)

    assert [(each.kind, each.tone) for each in found] == [
        ("People paged", "wait"),
        ("Rollback done", "good"),
        ("Incident opened", "bad"),
    ]


def test_the_status_says_who_has_it_and_who_ended_it() -> None:
    taken = Answered("pagerduty", Micros(0), name="Olga")
    ended = Answered("signal", Micros(0))

    acknowledged = status_words(an_incident(status=IncidentStatus.ACKNOWLEDGED, acknowledged=taken))
    resolved = status_words(an_incident(status=IncidentStatus.RESOLVED, acknowledged=taken, resolved=ended))

    assert acknowledged == ("running", "Acknowledged by Olga at PagerDuty")
    assert resolved == ("succeeded", "Resolved by its signals")
    assert status_words(an_incident()) == ("failed", "Open: nobody has it yet")


@pytest.mark.parametrize("outcome", RollbackOutcome)
def test_every_outcome_of_a_rollback_has_words(outcome: RollbackOutcome) -> None:
    signal = Signal(
        key="k",
        source="alarm/errors",
        kind=SignalKind.ALARM,
        cause=Cause.ERRORS,
        raised=True,
        group=GroupName("fraud"),
        region="eu-central-1",
        endpoint="fraud-scoring",
        at=Micros(0),
        summary="errors",
    )
    asked = Rollback(RollbackId("c" * 32), OURS, GroupName("fraud"), "eu-central-1", "fraud-scoring", signal, Micros(0))

    assert answer_words(asked) == ("running", "being decided")
    tone, words = answer_words(replace(asked, outcome=outcome, phase=RollbackPhase.DONE, verified=True))
    assert tone in ("succeeded", "failed")
    assert words.endswith("verified")


def test_a_signal_that_a_worse_one_explains_says_so() -> None:
    seen = SignalSeen("alarm/slow", SignalKind.ALARM, Cause.LATENCY, True, Micros(0), Micros(0), 1, "slow")

    assert signal_words(seen) == ("failed", "raised")
    assert signal_words(replace(seen, raised=False)) == ("succeeded", "cleared")
    assert signal_words(replace(seen, inhibited=True)) == ("calm", "explained by a worse one")


def test_a_person_is_named_by_their_id_where_no_name_is_known() -> None:
    by = Answered("slack", Micros(0), person=SlackUserId("U0OLGA"))

    assert status_words(an_incident(status=IncidentStatus.RESOLVED, resolved=by)) == ("succeeded", "Resolved by U0OLGA")
