"""What a page says: everything that a person needs at three in the morning, within what each medium takes."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.pager.events import problems
from local.slack.block_kit import characters, message_problems
from sluice.core.incident.page import MAX_SUMMARY, is_due
from sluice.core.incident.page_card import page_card
from sluice.core.incident.page_forms import hook_document, pagerduty_events, topic_message
from sluice.core.incident.page_targets import target_of
from sluice.core.incident.responding import responding
from sluice.core.slack_text import MESSAGE_BUDGET
from sluice.errors import InvalidInput
from sluice.model.ids import GroupName, Micros
from sluice.model.page import PageAction, PageOrder
from sluice.model.response_rules import PagingRules, Severity
from sluice.model.rollback import RollbackOutcome, RollbackPhase
from sluice.model.signal import Finding
from tests.approvals import NOW
from tests.pages import a_page, a_paged_incident, a_rollback, over, taken_by_ben


def test_a_page_says_what_a_person_needs() -> None:
    incident = a_paged_incident()

    page = a_page(incident=incident, rollback=a_rollback(incident))

    facts = dict(page.facts)
    assert facts["What Sluice did"] == (
        "Taken back to version 6 from version 7, seen to serve (verified). What was raised is cleared."
    )
    assert facts["Found"] == "error rate: is too high: 0.052, the limit is 0.01\nage: drifted: 0.31, the limit is 0.1"
    assert (facts["Model"], facts["Version"], facts["Owner"]) == ("fraud-detector", "7", "fraud")
    assert (facts["Endpoint"], facts["Region"]) == ("fraud-scoring", "us-east-1")
    assert facts["Changed last"] == "version 7, 2026-05-28 19:26:40 UTC, approved by Ben, Chen"
    assert facts["Canary"] == "12,000 requests"
    assert facts["Since"] == "2026-05-28 20:26:40 UTC, 1 h 35 min ago"
    assert page.summary == (
        "fraud-scoring in us-east-1 (fraud-detector version 7): 5.2 % of requests fail. "
        "Taken back to version 6 from version 7, seen to serve (verified). What was raised is cleared."
    )


def test_a_page_links_runbook_console_logs_and_what_the_signal_points_to_and_nothing_without_tls() -> None:
    incident = a_paged_incident()

    page = a_page(incident=incident, rollback=a_rollback(incident))

    assert dict(page.links) == {
        "Runbook": "https://wiki.example.com/fraud",
        "Endpoint": "https://us-east-1.console.aws.amazon.com/sagemaker/home?region=us-east-1#/endpoints/fraud-scoring",
        "Logs": "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/"
        "$252Faws$252Fsagemaker$252FEndpoints$252Ffraud-scoring",
        "Report": "https://reports.example.com/1",
    }


@pytest.mark.parametrize("region,host", [
    ("eu-central-1", "https://eu-central-1.console.aws.amazon.com/"),
    ("cn-north-1", "https://console.amazonaws.cn/"),
    ("us-gov-west-1", "https://console.amazonaws-us-gov.com/"),
])  # fmt: skip
def test_a_console_is_that_of_the_partition(region: str, host: str) -> None:
    page = a_page(incident=a_paged_incident(region=region))

    assert dict(page.links)["Endpoint"].startswith(host)


@pytest.mark.parametrize("changes,said", [
    ({"phase": RollbackPhase.REQUESTED, "outcome": None}, "being decided"),
    ({"phase": RollbackPhase.WAITING, "because": "a rollout is under way."}, "waits for its turn on the endpoint: a rollout is under way."),
    ({"phase": RollbackPhase.RETURNING, "outcome": None}, "Going back to version 6 from version 7; not verified yet."),
    ({"phase": RollbackPhase.RECOVERING, "outcome": None}, "seen to serve (verified). What was raised is not cleared yet."),
    ({"outcome": RollbackOutcome.NOT_RECOVERED}, "It did not help"),
    ({"outcome": RollbackOutcome.RETURNED, "verified": False}, "not verified yet. Whether that helped shows later."),
    ({"outcome": RollbackOutcome.HELD, "because": "no capacity"}, "Going back to version 6 FAILED: no capacity. No rollout begins"),
    ({"outcome": RollbackOutcome.HELD, "decision": None, "because": "both are bad"}, "HOLD: nothing safe can be done: both are bad."),
    ({"outcome": RollbackOutcome.ASKED, "because": "it recommends"}, "a person decides: it recommends."),
    ({"outcome": RollbackOutcome.RETRAINING, "retraining": "arn:pipeline"}, "Retraining was started. arn:pipeline"),
    ({"outcome": None}, "came to no end"),
])  # fmt: skip
def test_what_was_done_is_said_for_every_stage_of_an_answer(changes: dict[str, Any], said: str) -> None:
    incident = a_paged_incident()

    page = a_page(incident=incident, rollback=a_rollback(incident, **changes))

    assert said in dict(page.facts)["What Sluice did"]
    assert said in page.summary


@pytest.mark.parametrize("outcome", RollbackOutcome)
def test_every_end_of_an_answer_has_words(outcome: RollbackOutcome) -> None:
    incident = a_paged_incident()

    page = a_page(incident=incident, rollback=a_rollback(incident, outcome=outcome))

    assert "no end" not in page.summary


def test_nothing_done_is_said_too() -> None:
    assert dict(a_page().facts)["What Sluice did"].startswith("Nothing yet")


@pytest.mark.parametrize("action,at,due", [
    (PageAction.TRIGGER, 5, False),
    (PageAction.TRIGGER, 4, True),
    (PageAction.UPDATE, 5, True),
    (PageAction.ACKNOWLEDGE, 5, True),
    (PageAction.RESOLVE, 5, False),
])  # fmt: skip
def test_a_call_that_was_ordered_before_somebody_took_it_is_not_due(action: PageAction, at: int, due: bool) -> None:  # noqa: FBT001  # a parameter of the table
    taken = taken_by_ben(a_paged_incident(), Micros(at))

    assert is_due(taken, PageOrder(taken.id, "pagerduty", action, 1), Micros(5)) is due


@pytest.mark.parametrize("action", PageAction)
def test_of_what_is_over_only_the_end_is_told(action: PageAction) -> None:
    ended = over(a_paged_incident(), NOW)

    assert is_due(ended, PageOrder(ended.id, "channel", action, 1), NOW) is (action is PageAction.RESOLVE)


def test_an_event_of_pagerduty_has_what_its_columns_show() -> None:
    incident = a_paged_incident()

    [event] = pagerduty_events(a_page(incident=incident), incident, anew=False)

    payload = event["payload"]
    assert event["client"] == "Sluice"
    assert {k: payload[k] for k in ("source", "severity", "component", "group", "class", "timestamp")} == {
        "source": "fraud-scoring",
        "severity": "critical",
        "component": "fraud-detector",
        "group": "fraud",
        "class": "errors",
        "timestamp": "2026-05-28T20:26:40.000Z",
    }
    assert payload["custom_details"]["Version"] == "7"
    assert {"href": "https://wiki.example.com/fraud", "text": "Runbook"} in event["links"]


def test_the_end_closes_the_alerts_of_every_time_that_it_came_back() -> None:
    incident = over(a_paged_incident(reopened=2), NOW)

    events = pagerduty_events(a_page(PageAction.RESOLVE, incident=incident), incident, anew=False)

    key = incident.dedup_key
    assert [event["dedup_key"] for event in events] == [key, f"{key}/1", f"{key}/2"]


def test_a_message_of_sns_begins_with_what_fits_into_one_sms() -> None:
    message = topic_message(a_page())

    assert message.subject == "[Sluice] CRITICAL: fraud-scoring"
    assert message.texts["sms"].startswith(
        "[Sluice] CRITICAL: fraud-scoring in us-east-1 (fraud-detector version 7): 5.2 % of"
    )
    assert message.texts["default"].splitlines()[0] == a_page().summary
    assert message.attributes == {"action": "trigger", "severity": "critical", "endpoint": "fraud-scoring"}


@pytest.mark.parametrize("action,subject", [
    (PageAction.UPDATE, "[Sluice] News: fraud-scoring"),
    (PageAction.ACKNOWLEDGE, "[Sluice] Acknowledged: fraud-scoring"),
    (PageAction.RESOLVE, "[Sluice] Resolved: fraud-scoring"),
])  # fmt: skip
def test_the_subject_says_what_has_changed(action: PageAction, subject: str) -> None:
    assert topic_message(a_page(action)).subject == subject


def test_the_document_of_a_webhook_is_the_same_however_often_it_arrives() -> None:
    incident = a_paged_incident()
    order = PageOrder(incident.id, "webhook:ops", PageAction.TRIGGER, 3)

    document = hook_document(a_page(incident=incident), incident, order)

    assert document["id"] == f"{incident.id}/3/trigger"
    assert (document["dedup_key"], document["status"]) == (incident.dedup_key, "open")
    assert {"label": "Version", "text": "7"} in document["facts"]


def test_a_channel_is_woken_by_what_is_bad_and_a_person_by_the_message_itself() -> None:
    bad, mild = a_paged_incident(), a_paged_incident(severity=Severity.WARNING)

    woken = [
        "<!channel>" in page_card(a_page(incident=i), i, in_channel=channel).text
        for i, channel in ((bad, True), (mild, True), (bad, False))
    ]

    assert woken == [True, False, False]


@pytest.mark.parametrize("text", ["", "schedule:night", "sns:", "webhook:", "U0", "channel:x", "pagerduty:x", "#ops"])
def test_what_is_no_target_is_said_to_be_none(text: str) -> None:
    with pytest.raises(InvalidInput, match="nobody can be paged"):
        target_of(text)


_texts = st.text(max_size=3000) | st.sampled_from(["<!channel> & *bold* `x`", "é" * 2000, "🚨" * 1500, "\u202egnp\n\r"])
_findings = st.builds(Finding, _texts, _texts, st.none() | st.floats(allow_nan=True), st.none() | st.floats())


@given(summary=_texts, name=_texts, findings=st.lists(_findings, max_size=30), action=st.sampled_from(PageAction))
def test_whatever_a_signal_says_each_medium_takes_the_page(
    summary: str, name: str, findings: list[Finding], action: PageAction
) -> None:
    plain = a_paged_incident()
    seen = tuple(replace(s, findings=tuple(findings), source=f"alarm/{name}") for s in plain.signals)
    changed = replace(plain.changed, canary=summary, approved_by=(name, name))
    incident = replace(
        plain,
        summary=summary,
        signals=seen,
        changed=changed,
        group=GroupName("g" * 63),
        paging=PagingRules(runbook=name),
    )
    page = a_page(action, incident=incident, rollback=a_rollback(incident, because=summary))

    for event in pagerduty_events(page, incident, anew=True):
        assert problems({"routing_key": "k" * 32, **event}) == []
        assert len(json.dumps(event)) < 512 * 1024
    for in_channel in (True, False):
        card = page_card(page, incident, in_channel=in_channel, buttons=responding(incident, None, held=False))
        assert message_problems(list(card.blocks)) == []
        assert characters(list(card.blocks)) <= MESSAGE_BUDGET
        assert len(card.text) <= 4000
        assert "<!channel>" not in card.text.removeprefix("<!channel> ")
    message = topic_message(page)
    assert len(message.subject) <= 100
    assert message.subject.isascii()
    assert message.subject.isprintable()
    assert len(message.texts["sms"]) <= 160
    assert len(message.texts["default"].encode()) < 256 * 1024
    assert len(page.summary) <= MAX_SUMMARY
