"""docs/incidents.md says what the code does: severities, causes, times, buttons, examples."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from sluice.core.incident.attending import QUIET_S
from sluice.core.incident.growth import Setting, opened
from sluice.core.incident.hook_signature import SIGNATURE, TIMESTAMP
from sluice.core.incident.page import page_of
from sluice.core.incident.presses import NEED_A_REASON
from sluice.core.incident.responding import responding
from sluice.core.incident.severity import severity_of
from sluice.core.incident.sources import FLAPS
from sluice.core.policy_text import read_document
from sluice.core.signals.alarms import ENDPOINT_TAG
from sluice.model.governing import Mode, Tier
from sluice.model.ids import GroupName, Micros
from sluice.model.incident_wish import IncidentWish
from sluice.model.monitor_event import VIOLATION_DETAIL_TYPE, VIOLATION_SOURCE, ViolationEvent, monitor_event
from sluice.model.page import PageAction, PageOrder
from sluice.model.policy import PolicyDocument
from sluice.model.response_rules import PagingRules
from sluice.model.rollback import Decision, RollbackOutcome
from sluice.model.signal import Cause, Signal, SignalKind
from tests.unit.policy_texts import CRITICAL, PILOT, ROLLOUT, STANDARD

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs" / "incidents.md").read_text()
SIGNAL = Signal(
    "1", "alarm/a", SignalKind.ALARM, Cause.ERRORS, True, GroupName("g"), "us-east-1", "e", Micros(1), "So."
)
INCIDENT = opened(SIGNAL, 1, Setting(Tier.STANDARD, Mode.ENFORCE, "fraud", "C0FRAUD", PagingRules()), Micros(1))
RESPONSES = re.findall(r"```yaml\n# response\n(.*?)```", TEXT, re.DOTALL)


def table(heading: str) -> list[list[str]]:
    """The rows of the table with that first cell."""
    lines = TEXT.split(f"| {heading} |")[1].splitlines()[2:]
    rows = lines[: next((i for i, line in enumerate(lines) if not line.startswith("|")), len(lines))]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


@pytest.mark.parametrize("tier", list(Tier))
def test_each_severity_of_the_page_is_that_of_the_code(tier: Tier) -> None:
    column = 1 + list(Tier).index(tier)
    told = {row[0].strip("`"): row[column] for row in table("cause")}

    assert told == {cause.value: severity_of(replace(SIGNAL, cause=cause), tier).value for cause in Cause}


def test_the_page_knows_every_decision_and_every_end_of_a_return() -> None:
    words = {"roll_back": "back", "hand_over": "hand over", "retrain": "train"}

    assert {row[0] for row in table("decision")} == {words.get(d.value, d.value) for d in Decision}
    returns = (RollbackOutcome.RECOVERED, RollbackOutcome.RETURNED, RollbackOutcome.NOT_RECOVERED, RollbackOutcome.HELD)
    assert [row[0] for row in table("how it ends")] == [outcome.value.replace("_", " ") for outcome in returns]


def test_the_page_has_every_button_and_says_which_ask_for_a_reason() -> None:
    (row,) = responding(INCIDENT, None, held=True)
    labels = {button["action_id"]: button["text"]["text"] for button in row["elements"]}
    told = {cells[0]: cells[2] for cells in table("button")}

    assert told == {labels[f"incident_{wish}"]: "yes" if wish in NEED_A_REASON else "no" for wish in IncidentWish}


def test_the_page_tells_what_a_call_says() -> None:
    page = page_of(INCIDENT, None, PageOrder(INCIDENT.id, "channel", PageAction.TRIGGER, 1), Micros(2))
    told = {label for cells in table("it says") for label in cells[0].split(", ")}

    assert {label for label, _ in page.facts} - {"Incident"} <= told


def test_the_page_tells_the_times_and_names_of_the_code() -> None:
    assert f"all was quiet for {QUIET_S // 60} minutes" in TEXT
    assert f"raised {FLAPS} times within `paging.group`" in TEXT
    assert all(f"`{word}`" in TEXT for word in (ENDPOINT_TAG, SIGNATURE, TIMESTAMP))


@pytest.mark.parametrize("text", RESPONSES)
def test_every_example_is_valid_in_a_policy_of_each_tier(text: str) -> None:
    for tier in (PILOT, STANDARD, CRITICAL):
        read_document(PolicyDocument, tier + ROLLOUT + text)


def test_the_page_tells_whom_each_tier_calls() -> None:
    for (_, urgent, _), text in zip(table("tier"), (PILOT, STANDARD, CRITICAL), strict=True):
        policy = read_document(PolicyDocument, text + ROLLOUT)
        paging = policy.in_force(GroupName("g")).response.paging
        first, *later = paging.routes[0].levels

        assert ("`owner.contacts`" in urgent) == (set(policy.owner.contacts) <= set(first.to))
        assert ("the managers" in urgent) == bool(later)
        assert all(f"after {level.after_s // 60}m" in urgent for level in later)
        assert f"every {paging.repeat_s // 60}m".replace("240m", "4h") in urgent


def test_the_event_of_the_page_is_the_sample_and_is_understood() -> None:
    sample = json.loads((ROOT / "events" / "sluice_monitor_violation_found.json").read_text())
    shown, *_ = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)

    assert json.loads(shown) == sample["detail"]
    assert isinstance(monitor_event(sample), ViolationEvent)
    assert (sample["source"], sample["detail-type"]) == (VIOLATION_SOURCE, VIOLATION_DETAIL_TYPE)
    assert f'"Source": "{VIOLATION_SOURCE}", "DetailType": "{VIOLATION_DETAIL_TYPE}"' in TEXT
