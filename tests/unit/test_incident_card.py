"""The card of an incident: what a person sees at three in the morning, and what they can press."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.slack.block_kit import view_problems
from sluice.core.card import Card
from sluice.core.detour import detoured
from sluice.core.incident.card import Beside, incident_card
from sluice.core.incident.happenings import lines
from sluice.core.incident.notices import hold_cleared, resolved_notice, reviewed_notice
from sluice.core.incident.pointers import pointers
from sluice.core.incident.presses import FORMS, PRESSES, incident_form
from sluice.core.incident.responding import possible
from sluice.core.slack_text import link
from sluice.model.governing import Mode, Tier
from sluice.model.ids import GroupName, IncidentId, Micros, SlackUserId
from sluice.model.incident import Answered, Changed, Incident, IncidentStatus, SignalSeen
from sluice.model.incident_wish import IncidentWish
from sluice.model.ledger import LedgerRecord
from sluice.model.response_rules import PagingRules, Severity
from sluice.model.rollback import Decision, Rollback, RollbackOutcome, RollbackPhase
from sluice.model.signal import Cause, Finding, SignalKind
from tests.approvals import NOW
from tests.hostile import UNHURRIED, is_harmless, moments, numbers, people, words
from tests.incidents import ANNA, BEN, OLGA
from tests.pages import a_paged_incident, a_rollback, over, taken_by_ben

INCIDENT = a_paged_incident(paged=(ANNA, "pagerduty"), paged_at=NOW, pages=1, level=1)


def drawn(incident: Incident = INCIDENT, **beside: Any) -> str:
    """The card's blocks as text."""
    return json.dumps(incident_card(incident, Beside(**beside), NOW).blocks, ensure_ascii=False)


def buttons(incident: Incident = INCIDENT, **beside: Any) -> list[str]:
    """What can be pressed."""
    blocks = incident_card(incident, Beside(**beside), NOW).blocks
    rows = [block["elements"] for block in blocks if block["type"] == "actions"]
    return [button["text"]["text"] for row in rows for button in row]


def test_the_card_says_what_a_person_needs() -> None:
    card = drawn(rollback=a_rollback(INCIDENT), contacts=(OLGA,), happened=["20:26:40  incident opened"])

    for needed in (
        "🚨 Critical: fraud-scoring (us-east-1)",
        "*Open*: nobody has it yet",
        "5.2 % of requests fail",
        "error rate: is too high: 0.052, the limit is 0.01",
        "Taken back to version 6 from version 7, seen to serve (verified). What was raised is cleared.",
        "`fraud-detector` version *7*",
        "Approved by Ben, Chen. Its canary: 12,000 requests",
        "*Owner*  `fraud` (<@U0OLGA>)",
        "*Called*  <@U0ANNA>, `pagerduty`",
        "<https://wiki.example.com/fraud|Runbook>",
        "us-east-1.console.aws.amazon.com/sagemaker/home?region=us-east-1#/endpoints/fraud-scoring|Endpoint>",
        "20:26:40  incident opened",
        f"Incident `{INCIDENT.id}`",
    ):
        assert needed in card, needed


def test_an_address_that_is_not_https_leads_nowhere() -> None:
    card = drawn(rollback=a_rollback(INCIDENT))

    assert "<http:" not in card
    assert "`Odd: http://plain.example.com`" in card


def test_who_has_it_and_how_it_ended_show() -> None:
    taken = taken_by_ben(INCIDENT, NOW)
    ended = over(taken, Micros(NOW + 90 * 60_000_000))
    by_anna = replace(ended, resolved=Answered("slack", NOW, ANNA, "Anna", "the feature store was late"))

    assert "🙋 *Acknowledged* by <@U0BEN>" in drawn(taken)
    assert "✅ *Over* after 1 h 30 min" in drawn(ended)
    assert "what was raised is cleared" in drawn(ended)
    assert "resolved by <@U0ANNA>" in drawn(by_anna)
    assert "“the feature store was late”" in drawn(by_anna)


@pytest.mark.parametrize(
    "incident, beside, expected",
    [
        (INCIDENT, {}, ["Acknowledge", "Resolve…", "Roll back…"]),
        (INCIDENT, {"rollback": a_rollback(INCIDENT, phase=RollbackPhase.RETURNING)}, ["Acknowledge", "Resolve…"]),
        (INCIDENT, {"held": True}, ["Acknowledge", "Resolve…", "Roll back…", "Clear hold…"]),
        (taken_by_ben(INCIDENT, Micros(NOW + 1)), {}, ["Resolve…", "Roll back…"]),
        (replace(INCIDENT, mode=Mode.OBSERVE), {}, ["Acknowledge", "Resolve…"]),
        (over(INCIDENT, NOW), {}, []),
        (over(INCIDENT, NOW), {"held": True}, ["Clear hold…"]),
    ],
)
def test_the_buttons_are_those_that_make_sense(incident: Incident, beside: dict[str, Any], expected: list[str]) -> None:
    assert buttons(incident, **beside) == expected


def test_who_took_it_and_is_called_again_can_take_it_once_more() -> None:
    taken = replace(taken_by_ben(INCIDENT, Micros(NOW - 10)), paged_at=NOW)

    assert "Acknowledge" in buttons(taken)
    assert IncidentWish.ACKNOWLEDGE in possible(taken, None, held=False)


def test_every_button_carries_the_id_and_nothing_else() -> None:
    blocks = incident_card(INCIDENT, Beside(held=True), NOW).blocks
    (row,) = [block["elements"] for block in blocks if block["type"] == "actions"]

    assert {button["value"] for button in row} == {INCIDENT.id}
    assert {button["action_id"] for button in row} == set(PRESSES)


@pytest.mark.parametrize("action_id", sorted(FORMS))
def test_every_form_is_one_that_slack_takes_and_carries_only_the_id(action_id: str) -> None:
    view = incident_form(action_id, INCIDENT.id)

    assert view_problems(view) == []
    assert (view["callback_id"], view["private_metadata"]) == (action_id, INCIDENT.id)


findings = st.lists(st.builds(Finding, words, words, numbers, numbers), max_size=12).map(tuple)
seen = st.builds(
    SignalSeen,
    source=words,
    kind=st.sampled_from(SignalKind),
    cause=st.sampled_from(Cause),
    raised=st.booleans(),
    first_at=moments,
    last_at=moments,
    times=st.integers(1, 10**6),
    summary=words,
    findings=findings,
    inhibited=st.booleans(),
    severity=st.sampled_from(Severity),
)
answers = st.none() | st.builds(
    Answered, st.sampled_from(["slack", "pagerduty", "signal"]), moments, st.none() | people, words, words
)
names = st.lists(words, max_size=9).map(tuple)
incidents = st.builds(
    Incident,
    id=st.text(min_size=1, max_size=60).map(IncidentId),
    number=st.integers(1, 10**6),
    group=words.map(GroupName),
    region=words,
    endpoint=words,
    tier=st.sampled_from(Tier),
    mode=st.sampled_from(Mode),
    team=words,
    channel=st.just("C0MODELS"),
    paging=st.builds(PagingRules, runbook=words),
    cause=st.sampled_from(Cause),
    severity=st.sampled_from(Severity),
    summary=words,
    opened_at=moments,
    last_at=moments,
    status=st.sampled_from(IncidentStatus),
    signals=st.lists(seen, max_size=12).map(tuple),
    changed=st.builds(
        Changed,
        version=st.integers(0, 99),
        config=words,
        at=moments,
        approved_by=names,
        canary=words,
    ),
    reopened=st.integers(0, 9),
    paged=names,
    paged_at=moments,
    acknowledged=answers,
    resolved=answers,
)
rollbacks = st.none() | st.builds(
    lambda because, decision, phase, outcome, links: a_rollback(
        INCIDENT,
        because=because,
        decision=decision,
        phase=phase,
        outcome=outcome,
        signal=replace(a_rollback(INCIDENT).signal, links=links),
    ),
    words, st.none() | st.sampled_from(Decision), st.sampled_from(RollbackPhase),
    st.none() | st.sampled_from(RollbackOutcome), st.dictionaries(words, words, max_size=4),
)  # fmt: skip
records = st.builds(
    LedgerRecord,
    chain=st.just("group/fraud"), seq=st.integers(1, 9), at=moments,
    kind=st.sampled_from(["IncidentOpened", "IncidentNoted", "RollbackDecided", "Else"]),
    subject=st.just("incident/1"), key=st.just(""), prev=st.just(""), hash=st.just(""),
    body=st.builds(lambda one, two: json.dumps({"source": one, "text": two, "because": one}), words, words),
)  # fmt: skip


def without_our_links(card: Card, shown: list[str]) -> Card:
    """The card without the links that are ours, as they were drawn: whatever else looks like one is a stranger's."""
    text = json.dumps(card.blocks)
    for one in shown:
        text = text.replace(json.dumps(one)[1:-1], "link")
    return Card(card.text, tuple(json.loads(text)))


@UNHURRIED
@given(incidents, rollbacks, st.lists(records, max_size=9), st.lists(people, max_size=9), st.booleans(), moments)
def test_every_card_is_within_limits_and_free_of_strangers_markup(  # one argument a strategy
    incident: Incident,
    rollback: Rollback | None,
    happened: list[LedgerRecord],
    contacts: list[SlackUserId],
    held: bool,  # noqa: FBT001  # see above
    now: Micros,
) -> None:
    beside = Beside(rollback, tuple(contacts), lines(happened), held)
    card = incident_card(incident, beside, now)
    ours = [link(url, label) for label, url in pointers(incident, rollback) if url.startswith("https://")]

    is_harmless(without_our_links(card, ours))
    is_harmless(without_our_links(detoured(card, "C0FRAUD"), ours))


@UNHURRIED
@given(incidents, answers.filter(lambda answer: answer is not None), people, words)
def test_every_notice_is_harmless(incident: Incident, ended: Answered, person: SlackUserId, reason: str) -> None:
    address = "https://us-east-1.console.aws.amazon.com/s3/object/archive?region=us-east-1&prefix=reviews/a.md"

    is_harmless(resolved_notice(replace(incident, resolved=ended)))
    is_harmless(hold_cleared(incident, person, reason))
    is_harmless(without_our_links(reviewed_notice(incident, address, reason), [link(address, "open it")]))


def test_nothing_on_a_card_calls_anybody_but_who_is_named() -> None:
    loud = replace(INCIDENT, summary="<!channel> <!here> @here", team="<!everyone>")

    assert "<!" not in drawn(loud).replace("<!date", "")
    assert BEN not in drawn(loud)
