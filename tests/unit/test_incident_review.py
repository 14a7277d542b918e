"""The draft of a review: what is known, what it cost, what is asked; harmless whatever strangers wrote."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.incident.impact import asked_of, impact, side_of, sources_of, window_of
from sluice.core.incident.review import Known, review, review_key, summary
from sluice.errors import PermanentFailure, SluiceError, TransientFailure
from sluice.model.ids import Micros
from sluice.model.incident import Answered, Incident
from sluice.model.incident_wish import IncidentWish
from sluice.model.response_rules import ResponseRules, WatchRules
from sluice.model.rollback import RollbackOutcome
from sluice.model.rollout_rules import MetricSource, Series
from sluice.model.signal import Finding
from tests.approvals import NOW
from tests.hostile import UNHURRIED
from tests.incidents import ANNA, BEN, IncidentWorld
from tests.packages import a_policy
from tests.pages import a_paged_incident, a_rollback
from tests.trouble import ENDPOINT
from tests.unit.test_incident_card import incidents, records

MINUTE = 60_000_000
OURS = {"EndpointName": ENDPOINT, "VariantName": "AllTraffic"}
KPI = MetricSource(
    "approved",
    requests=Series("Shop", "Checks", "Sum", {"Endpoint": "{endpoint}"}),
    events=(Series("Shop", "Approved", "Sum", {"Endpoint": "{endpoint}"}),),
)


def played(*, failing: SluiceError | None = None) -> IncidentWorld:
    """Errors rise for twelve minutes; two levels are called, Anna takes it, and production goes back."""
    world = IncidentWorld()
    world.say(findings=(Finding("error rate", "is too high", 0.052, 0.01),), summary="5 % of requests fail")
    world.pass_minutes(12)
    world.press(IncidentWish.ACKNOWLEDGE, ANNA, "")
    hour_ago = Micros(world.clock.at - 60 * MINUTE)
    world.metrics.traffic(OURS, hour_ago, requests=[100] * 120, errors=[1] * 48 + [5] * 72)
    now = world.clock.now()
    world.end_rollback(RollbackOutcome.RECOVERED, "errors", verified=True, returned_at=now)
    world.clear()
    if failing is not None:
        world.metrics.fail(*[failing] * 50)
    world.pass_minutes(10)
    return world


def test_a_review_tells_what_happened_and_what_it_cost() -> None:
    world = played()

    text = world.reviews.kept[world.incident.review]

    for needed in (
        "# Incident of fraud-scoring in us-east-1, 2026-05-28",
        "| Acknowledged | 2026-05-28 20:38:40 by Anna |",
        "| Called | Anna, Ben, pagerduty |",
        "- It lasted 17 min.",
        "- Acknowledged: 12 min after it was opened.",
        "- Restored: 12 min after it was opened",
        "- Requests: 1,700 (before: 1,700).",
        "- 5xx errors: 85, 5 % of the requests (before: 1 %).",
        "  - error rate: is too high: 0.052, the limit is 0.01",
        "| 2026-05-28 20:36:40 | called, level 2: U0BEN, pagerduty |",
        "- What caused it, and how do you know?",
    ):
        assert needed in text, needed


@pytest.mark.parametrize("failure", [TransientFailure("throttled"), PermanentFailure("may not be read")])
def test_a_cloudwatch_that_does_not_answer_keeps_no_review_from_being_drafted(failure: SluiceError) -> None:
    world = played(failing=failure)

    text = world.reviews.kept[world.incident.review]

    assert f"could not be read when this was drafted: {failure}" in text
    assert world.run.status == "SUCCEEDED"


def test_the_team_is_told_where_the_draft_is() -> None:
    world = played()

    (told,) = [s for s in world.chat.messages.values() if "review draft" in s.text]

    key = world.incident.review
    assert key == f"reviews/fraud-detector/2026-05-28-{ENDPOINT}-1-{world.incident.id[:8]}.md"
    assert f"/s3/object/sluice-archive?region=us-east-1&amp;prefix={key}|open it>" in str(told.blocks)
    assert "Open 17 min" in told.text


def test_each_time_that_an_incident_comes_back_has_a_document_of_its_own() -> None:
    incident = a_paged_incident()

    keys = {review_key(replace(incident, reopened=times)) for times in range(4)}

    assert len(keys) == 4


def test_figures_of_the_team_are_told_beside_those_of_the_time_before() -> None:
    policy = a_policy(response=ResponseRules(watch=WatchRules(compare=(KPI,))))
    incident = replace(a_paged_incident(), resolved=Answered("signal", Micros(NOW + 20 * MINUTE)))
    window, sources = window_of(incident), sources_of(policy)
    asked = asked_of(sources, side_of(incident, policy))
    assert window is not None

    during = {query.id: (10.0,) * 20 if query.metric in ("Invocations", "Checks") else (4.0,) * 20 for query in asked}
    before = {query.id: (10.0,) * 20 if query.metric in ("Invocations", "Checks") else (5.0,) * 20 for query in asked}

    lines = impact(sources, during, before, window)
    assert window.start - window.before == window.end - window.start == 20 * MINUTE
    assert lines[-1] == "approved: 0.4 a request (before: 0.5)."
    assert lines[2] == "5xx errors: 80, 40 % of the requests (before: 50 %)."


def test_an_endpoint_that_nobody_asked_has_no_shares() -> None:
    incident = replace(a_paged_incident(), resolved=Answered("signal", Micros(NOW + MINUTE)))
    window, sources = window_of(incident), sources_of(None)
    assert window is not None
    silent = {query.id: (None,) * 10 for query in asked_of(sources, side_of(incident, None))}

    lines = impact(sources, silent, silent, window)

    assert lines[1:] == (
        "Requests: 0 (before: 0).",
        "5xx errors: 0, no share of the requests (before: no share).",
        "4xx errors: 0, no share of the requests (before: no share).",
    )


def test_of_an_incident_of_weeks_the_last_one_is_measured() -> None:
    incident = replace(a_paged_incident(), resolved=Answered("signal", Micros(NOW + 40 * 24 * 60 * MINUTE)))

    window = window_of(incident)

    assert window is not None
    assert window.end - window.start == 7 * 24 * 60 * MINUTE


@pytest.mark.parametrize(
    "incident, outcome, question",
    [
        (a_paged_incident(paged=(BEN,)), RollbackOutcome.RECOVERED, "did the pages reach the right people"),
        (a_paged_incident(), RollbackOutcome.HELD, "Going back was not possible, or did not help"),
        (a_paged_incident(reopened=1), RollbackOutcome.RECOVERED, "It came back"),
        (a_paged_incident(), RollbackOutcome.RECOVERED, "let version 7 pass"),
    ],
)
def test_what_went_otherwise_than_it_should_is_asked(
    incident: Incident, outcome: RollbackOutcome, question: str
) -> None:
    rollback = a_rollback(incident, outcome=outcome)

    assert question in review(Known(incident, [rollback]))


@UNHURRIED
@given(incidents, st.lists(records, max_size=5))
def test_whatever_strangers_wrote_stays_text(incident: Incident, happened: list[object]) -> None:
    known = Known(incident, [a_rollback(a_paged_incident())], happened, names={})  # type: ignore[arg-type]  # records

    text = review(known)

    bare = re.sub(r"\\.", "", text)
    assert "<" not in bare
    assert "`" not in bare
    rows = [line for line in bare.splitlines() if line.startswith("|")]
    assert all(row.count("|") == 3 for row in rows)
    assert "\x1b" not in text
    assert "\n" not in summary(known)
    text.encode()
