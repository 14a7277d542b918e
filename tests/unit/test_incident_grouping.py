"""Where a signal belongs: table of cases at the edges of windows, told twice, told late, out of order."""

from dataclasses import replace

import pytest

from sluice.core.incident.bounds import bounded, cut
from sluice.core.incident.grouping import Action, grouped
from sluice.core.incident.growth import reopened, settled
from sluice.core.incident.sources import FLAPS, flaps
from sluice.model.canonical import canonical_text
from sluice.model.governing import Tier
from sluice.model.ids import Micros, SlackUserId
from sluice.model.incident import Answered, Incident, IncidentStatus
from sluice.model.response_rules import PagingRules, Severity
from sluice.model.signal import Cause, Finding, SignalKind
from tests.approvals import NOW
from tests.trouble import MINUTE, SECOND, a_setting, a_signal, an_incident, seen_of, taken

RULES = PagingRules()
SOME_ITEM = 400 * 1024


def resolved(incident: Incident, at: int = NOW + 10 * MINUTE) -> Incident:
    """The incident after a person has ended it."""
    return replace(incident, status=IncidentStatus.RESOLVED, resolved=Answered("slack", Micros(at)))


def action(signal_at: int, newest: Incident | None, *, source: str = "alarm/errors", raised: bool = True) -> Action:
    """What becomes of a signal of a moment."""
    return grouped(a_signal(source, signal_at, raised=raised), newest, RULES).action


def test_the_first_raise_opens_an_incident_and_a_clear_does_not() -> None:
    assert action(NOW, None) is Action.OPEN
    assert action(NOW, None, raised=False) is Action.IGNORE


def test_an_open_incident_takes_every_raise_of_its_endpoint_however_old_or_new() -> None:
    incident = an_incident()

    assert action(NOW - 50 * 3600 * SECOND, incident, source="alarm/latency") is Action.JOIN
    assert action(NOW + 50 * 3600 * SECOND, incident, source="alarm/latency") is Action.JOIN


def test_a_signal_told_twice_is_known_by_its_key_and_a_raise_also_by_its_moment() -> None:
    incident = an_incident(a_signal(at=NOW))

    again = a_signal(at=NOW + MINUTE, key=a_signal(at=NOW).key)

    assert grouped(again, incident, RULES).action is Action.DUPLICATE
    assert grouped(a_signal(at=NOW, key="another event of the same moment"), incident, RULES).action is Action.DUPLICATE


def test_a_clear_older_than_the_newest_raise_of_its_source_clears_nothing() -> None:
    incident = an_incident(a_signal(at=NOW + 5 * MINUTE))

    assert action(NOW + 5 * MINUTE - 1, incident, raised=False) is Action.IGNORE
    assert action(NOW + 5 * MINUTE, incident, raised=False) is Action.IGNORE
    assert action(NOW + 5 * MINUTE + 1, incident, raised=False) is Action.CLEAR


def test_a_raise_older_than_the_newest_clear_of_its_source_is_counted_and_raises_nothing() -> None:
    incident = an_incident(a_signal(at=NOW), a_signal(at=NOW + 5 * MINUTE, raised=False, key="ok"))

    after = taken(incident, a_signal(at=NOW + 4 * MINUTE))

    seen = seen_of(after, "alarm/errors")
    assert (seen.raised, seen.times) == (False, 2)
    assert after.quiet_since == NOW + 5 * MINUTE


def test_a_clear_that_comes_ahead_of_its_raise_is_remembered_for_it() -> None:
    incident = an_incident(a_signal(at=NOW), a_signal("alarm/latency", NOW + 2 * MINUTE, raised=False))

    after = taken(incident, a_signal("alarm/latency", NOW + MINUTE))

    assert not seen_of(after, "alarm/latency").raised
    assert after.early == {}


@pytest.mark.parametrize(
    "after_end, expected",
    [(0, Action.REOPEN), (RULES.reopen_s, Action.REOPEN), (RULES.reopen_s + 1, Action.OPEN)],
)
def test_what_is_raised_within_a_while_after_the_end_opens_the_incident_again(after_end: int, expected: Action) -> None:
    incident = resolved(an_incident(), at=NOW)

    assert action(NOW + after_end * SECOND + (after_end == 0), incident) is expected


def test_a_raise_from_long_before_an_incident_that_has_ended_is_of_another() -> None:
    incident = resolved(an_incident())

    assert action(NOW - RULES.group_s * SECOND, incident, source="alarm/latency") is Action.REOPEN
    assert action(NOW - RULES.group_s * SECOND - 1, incident, source="alarm/latency") is Action.OPEN


def test_what_was_raised_when_a_person_ended_the_incident_is_no_news_after_the_end() -> None:
    incident = resolved(an_incident(a_signal(at=NOW)))

    assert action(NOW + MINUTE, incident) is Action.IGNORE
    assert action(NOW + 11 * MINUTE, incident) is Action.REOPEN


def test_a_clear_after_the_end_is_noted_once() -> None:
    incident = resolved(an_incident(a_signal(at=NOW)))

    assert action(NOW + 11 * MINUTE, incident, raised=False) is Action.CLEAR
    after = taken_after_end(incident)
    assert action(NOW + 12 * MINUTE, after, raised=False) is Action.IGNORE


def taken_after_end(incident: Incident) -> Incident:
    """The ended incident after its source was cleared."""
    return taken(incident, a_signal(at=NOW + 11 * MINUTE, raised=False, key="ok"))


def test_an_incident_that_comes_back_calls_people_anew_with_the_severity_of_what_is_raised_now() -> None:
    bad = an_incident(
        a_signal("alarm/down", cause=Cause.AVAILABILITY), a_signal("alarm/down", NOW + 1, raised=False, key="ok")
    )
    ended = replace(resolved(bad), level=2, pages=3, paged=("pagerduty",), review="reviews/1.md")

    back = reopened(ended, a_signal("alarm/latency", NOW + 20 * MINUTE, cause=Cause.LATENCY), a_setting(), Micros(NOW))

    assert (back.severity, back.cause) == (Severity.WARNING, Cause.LATENCY)
    assert (back.status, back.level, back.reopened, back.attempt) == (IncidentStatus.OPEN, 0, 1, 2)
    assert (back.resolved, back.review, back.pages, back.paged) == (None, "", 3, ("pagerduty",))


def test_an_endpoint_that_is_down_explains_its_errors_latency_and_kpi_and_nothing_else() -> None:
    causes = {f"alarm/{cause.value}": cause for cause in Cause if cause is not Cause.AVAILABILITY}
    down = a_signal("alarm/down", cause=Cause.AVAILABILITY)
    incident = an_incident(down, *(a_signal(source, cause=cause) for source, cause in causes.items()))

    explained = {seen.cause for seen in incident.signals if seen.inhibited}
    after = taken(incident, a_signal("alarm/down", NOW + MINUTE, raised=False))

    assert explained == {Cause.ERRORS, Cause.LATENCY, Cause.KPI}
    assert not any(seen.inhibited for seen in after.signals)
    assert seen_of(after, "alarm/errors").raised


def test_an_explained_signal_is_cleared_like_any_other() -> None:
    incident = an_incident(a_signal("alarm/down", cause=Cause.AVAILABILITY), a_signal("alarm/errors"))

    after = taken(incident, a_signal("alarm/errors", NOW + MINUTE, raised=False))

    assert not seen_of(after, "alarm/errors").raised


def restless(times: int, *, every_s: int = 60) -> Incident:
    """An incident whose source was raised and cleared so often."""
    signals = [
        a_signal(at=NOW + n * every_s * SECOND + half * SECOND, raised=not half, key=f"{n}|{half}")
        for n in range(times)
        for half in (0, 1)
    ]
    return an_incident(*signals, now=NOW + times * every_s * SECOND)


def test_a_source_that_flaps_stays_raised_until_it_was_quiet_for_the_window() -> None:
    calm, flapping = restless(FLAPS - 1), restless(FLAPS)
    quiet_at = seen_of(flapping, "alarm/errors").cleared_at + RULES.group_s * SECOND

    assert calm.quiet_since
    assert "Flapping" not in calm.summary
    assert flapping.quiet_since == 0
    assert "Flapping: alarm/errors." in flapping.summary
    assert settled(flapping, Micros(quiet_at - 1)).quiet_since == 0
    assert settled(flapping, Micros(quiet_at)).quiet_since == seen_of(flapping, "alarm/errors").cleared_at


def test_raises_that_are_far_apart_are_no_flapping() -> None:
    apart = RULES.group_s // (FLAPS - 1)

    assert flaps(seen_of(restless(FLAPS, every_s=apart), "alarm/errors"), RULES.group_s)
    assert not flaps(seen_of(restless(FLAPS, every_s=apart + 1), "alarm/errors"), RULES.group_s)


def acknowledged(incident: Incident) -> Incident:
    """Somebody has come."""
    came = Answered("slack", Micros(NOW), SlackUserId("U0BEN"))
    return replace(incident, status=IncidentStatus.ACKNOWLEDGED, acknowledged=came, level=1)


def test_more_of_the_same_severity_calls_nobody_anew_and_a_worse_one_does() -> None:
    incident = acknowledged(an_incident(a_signal(cause=Cause.ERRORS)))

    same = taken(incident, a_signal("alarm/kpi", cause=Cause.KPI))
    worse = taken(incident, a_signal("alarm/down", cause=Cause.AVAILABILITY))

    assert (same.status, same.level) == (IncidentStatus.ACKNOWLEDGED, 1)
    assert (worse.status, worse.level, worse.acknowledged) == (IncidentStatus.OPEN, 0, None)


def test_while_nobody_has_come_a_worse_signal_begins_no_new_round_of_calls() -> None:
    called = replace(an_incident(a_signal(cause=Cause.ERRORS)), level=2, pages=2)

    worse = taken(called, a_signal("alarm/down", cause=Cause.AVAILABILITY))

    assert (worse.severity, worse.level, worse.called_since) == (Severity.CRITICAL, 2, 0)


@pytest.mark.parametrize("silence_s, status", [(0, IncidentStatus.ACKNOWLEDGED), (1, IncidentStatus.OPEN)])
def test_what_is_raised_after_a_silence_longer_than_the_window_calls_people_anew(
    silence_s: int, status: IncidentStatus
) -> None:
    quiet = acknowledged(an_incident(a_signal(at=NOW), a_signal(at=NOW + MINUTE, raised=False, key="ok")))

    at = NOW + MINUTE + (RULES.group_s + silence_s) * SECOND

    assert taken(quiet, a_signal("alarm/kpi", at, cause=Cause.KPI), at).status is status


def test_many_sources_are_folded_to_the_worst_and_the_record_fits_into_an_item() -> None:
    long = "é" * 5000
    findings = tuple(Finding(long, long, 1.0, 2.0) for _ in range(50))
    signals = [
        bounded(
            a_signal(f"alarm/{n}-{long}", NOW + n, cause=Cause.LATENCY, summary=long, findings=findings),
            Micros(NOW * 2),
        )
        for n in range(300)
    ]
    down = a_signal("alarm/down", NOW + 999, cause=Cause.AVAILABILITY)

    incident = an_incident(*signals, down)

    assert len(canonical_text(incident)) < SOME_ITEM * 0.9
    assert seen_of(incident, "alarm/down").summary
    assert len(incident.signals) == 200
    assert sum(bool(seen.summary) for seen in incident.signals) == 40


def test_a_folded_source_is_still_cleared() -> None:
    incident = an_incident(*(a_signal(f"alarm/{n}", NOW + n) for n in range(100)))

    for n in range(100):
        incident = taken(incident, a_signal(f"alarm/{n}", NOW + 100 + n, raised=False, key=f"ok {n}"))

    assert incident.quiet_since == NOW + 199


def test_a_clock_ahead_of_ours_does_not_make_signals_of_the_future() -> None:
    assert bounded(a_signal(at=NOW + MINUTE), Micros(NOW)).at == NOW


@pytest.mark.parametrize("text", ["", "short", "x" * 50, "é" * 8, "😀" * 4])
def test_what_fits_is_not_cut(text: str) -> None:
    assert cut(text, 50) == text


@pytest.mark.parametrize("text", ["x" * 51, "é" * 9, "😀" * 5])
def test_what_is_cut_ends_with_an_ellipsis_and_fits(text: str) -> None:
    short = cut(text, 50)

    assert short.endswith("…")
    assert len(canonical_text(short)) - 2 <= 50


def test_a_person_who_calls_and_what_is_urgent_is_not_explained_away_by_less() -> None:
    down = a_signal("alarm/down", cause=Cause.AVAILABILITY)
    urgent = a_signal("person/ben", kind=SignalKind.PERSON, urgent=True)

    incident = an_incident(down, urgent, tier=Tier.PILOT)

    assert incident.severity is Severity.CRITICAL
    assert not seen_of(incident, "person/ben").inhibited
