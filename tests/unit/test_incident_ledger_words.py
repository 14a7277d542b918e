"""What the ledger says of an incident reads in words, whatever was written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.ledger_words import told
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros
from sluice.model.incident_wish import IncidentWish
from sluice.model.ledger import LedgerRecord
from sluice.model.rollback import RollbackOutcome
from sluice.model.signal import Finding
from tests.incidents import ANNA, BEN, IncidentWorld
from tests.signals import ANY_JSON

KINDS = [
    kind for kind in EntryKind if kind.startswith(("Incident", "Signal", "Rollback", "Page", "Severity", "Review"))
]


def a_record(kind: str, body: object) -> LedgerRecord:
    """A record of a kind."""
    return LedgerRecord("group/fraud", 1, Micros(0), kind, "incident/1", "key", json.dumps(body), "", "")


@pytest.mark.parametrize(
    "kind, body, words",
    [
        ("IncidentOpened", {"severity": "error", "source": "alarm/a", "said": "5 % fail"}, "incident opened (error): alarm/a: 5 % fail"),
        ("IncidentReopened", {"severity": "error", "source": "alarm/a"}, "incident opened again (error): alarm/a"),
        (
            "SignalJoined",
            {"source": "monitor/daily", "said": "drift", "findings": [{"name": "age", "what": "drifted", "value": 0.31, "limit": 0.1}]},
            "raised: monitor/daily: drift (age drifted: 0.31, the limit is 0.1)",
        ),
        ("SeverityRaised", {"from": "error", "severity": "critical", "cause": "availability", "source": "alarm/down"},
         "severity raised from error to critical: availability, by alarm/down"),
        ("SeverityRaised", {"severity": "critical", "because": "going back did not help"},
         "severity raised to critical: going back did not help"),
        ("PeoplePaged", {"to": ["U0BEN", "pagerduty"], "level": 2, "round": 2}, "called, level 2: U0BEN, pagerduty"),
        ("IncidentAcknowledged", {"via": "pagerduty", "name": "Dora"}, "acknowledged by Dora at PagerDuty"),
        ("IncidentResolved", {"via": "signal", "reason": "All was quiet."}, "resolved: All was quiet."),
        ("IncidentResolved", {"via": "slack", "person": "U0BEN", "name": "Ben", "reason": "fixed"}, "resolved by Ben (U0BEN): fixed"),
        ("IncidentAskRefused", {"person": "U0ZOE", "asked": "roll_back", "why": "only sre may"},
         "U0ZOE wanted to take production back, refused: only sre may"),
        ("RollbackDecided", {"decision": "roll_back", "from_version": 7, "to_version": 6, "because": "errors"},
         "decided to go back from version 7 to version 6: errors"),
        ("RollbackDone", {"from": "conf-7", "to": "conf-6", "verified": True}, "taken back from configuration conf-7 to configuration conf-6, verified"),
        ("RollbackFinished", {"outcome": "held", "because": "no version is left"},
         "rollback ended: nothing could be done safely: on hold: no version is left"),
    ],
)  # fmt: skip
def test_a_record_reads_in_words(kind: str, body: dict[str, object], words: str) -> None:
    assert told(a_record(kind, body)) == words


def test_everything_that_happens_to_an_incident_reads_in_words() -> None:
    world = IncidentWorld()
    world.say(findings=(Finding("error rate", "is too high", 0.052, 0.01),))
    world.pass_minutes(12)
    world.press(IncidentWish.ACKNOWLEDGE, BEN)
    world.press(IncidentWish.ROLL_BACK, ANNA)
    world.end_rollback(RollbackOutcome.NOT_RECOVERED, "it is upstream")
    world.clear()
    world.pass_minutes(10)

    lines = {record.kind: told(record) for record in world.ledger()}

    assert len(lines) >= 8
    assert not [kind for kind, line in lines.items() if line.startswith(kind)]


@given(kind=st.sampled_from(KINDS), body=st.dictionaries(st.sampled_from(
    ["source", "said", "findings", "to", "level", "because", "person", "name", "asked", "outcome", "from", "to_version"]
), ANY_JSON))  # fmt: skip
def test_whatever_is_on_record_is_one_line(kind: str, body: dict[str, object]) -> None:
    line = told(a_record(kind, body))

    assert line.isprintable()
    assert len(line) <= 500
