"""Whom to call when, on a virtual clock: levels in order, repeats, silence, and never nobody."""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.core.incident.attending import AttendRoute, Plan, attend
from sluice.core.incident.calling import Sight
from sluice.core.incident.growth import silenced
from sluice.model.governing import Mode
from sluice.model.ids import Micros
from sluice.model.incident import Answered, Incident, IncidentStatus
from sluice.model.response_rules import Hours, Level, PageRoute, PagingRules, Severity
from sluice.model.rollback import Rollback, RollbackOutcome, RollbackPhase
from tests.approvals import NOW
from tests.incidents import ANNA, BEN, OLGA, paging, routes
from tests.pages import a_paged_incident, a_rollback
from tests.trouble import a_signal, an_incident

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


def an_open(rules: PagingRules | None = None, **changes: Any) -> Incident:
    """An incident that was opened now."""
    return replace(an_incident(paging=rules or paging()), **changes)


@dataclass
class Attendant:
    """Attends to an incident as the machine does: at each moment that it was told to look again."""

    incident: Incident
    at: int = NOW
    calls: list[tuple[int, tuple[str, ...], int]] = field(default_factory=list)
    rollback: Rollback | None = None
    looks: int = 0

    def until(self, end: int) -> Plan:
        """Attend until a moment."""
        plan = self.look()
        while plan.route is AttendRoute.AWAIT and self.at + plan.wait_s * SECOND <= end:
            self.at += plan.wait_s * SECOND
            plan = self.look()
        self.at = max(self.at, end)
        return plan

    def look(self) -> Plan:
        """Attend once."""
        sight = Sight(Micros(self.at), {"fraud": BEN}, (OLGA,), self.rollback, self.rollback)
        plan = attend(self.incident, sight)
        self.incident, self.looks = plan.incident, self.looks + 1
        if plan.page:
            self.calls.append((self.at, plan.page, plan.incident.level))
        return plan

    def acknowledge(self) -> None:
        """Somebody takes it."""
        by = Answered("slack", Micros(self.at), ANNA)
        self.incident = replace(
            self.incident, status=IncidentStatus.ACKNOWLEDGED, acknowledged=by, taken_in=self.incident.pages
        )


def test_the_first_level_is_called_after_its_own_time() -> None:
    attendant = Attendant(an_open(paging(routes=routes((5, (ANNA,)), (10, (BEN,))))))

    attendant.until(NOW + 20 * MINUTE)

    assert [(at - NOW) // MINUTE for at, _, _ in attendant.calls] == [5, 15]


def test_attending_twice_at_once_calls_nobody_twice() -> None:
    attendant = Attendant(an_open())
    attendant.look()

    again = attendant.look()

    assert len(attendant.calls) == 1
    assert again.page == ()
    assert again.wait_s == 600


def test_the_route_of_the_evening_is_begun_at_its_first_level() -> None:
    """2026-05-28T20:26:40Z is a Thursday: work ends at half past."""
    day = Hours("UTC", (0, 1, 2, 3, 4), "09:00", "20:30")
    rules = paging(
        routes=(
            PageRoute(tuple(Severity), (Level(0, ("channel",)),), day),
            PageRoute(tuple(Severity), (Level(0, (ANNA,)), Level(600, (BEN,)))),
        )
    )
    attendant = Attendant(an_open(rules))

    attendant.until(NOW + 70 * MINUTE)

    named = [(page, level) for _, page, level in attendant.calls]
    assert named[0] == (("channel",), 1)
    assert named[1:3] == [((ANNA,), 1), ((BEN,), 2)]
    assert attendant.calls[1][0] - NOW <= 60 * MINUTE


def test_a_route_with_a_worse_severity_is_begun_at_its_first_level() -> None:
    rules = paging(
        routes=(
            PageRoute((Severity.CRITICAL,), (Level(0, (BEN,)),)),
            PageRoute(tuple(Severity), (Level(0, (ANNA,)), Level(3600, ("channel",)))),
        )
    )
    attendant = Attendant(an_open(rules, severity=Severity.WARNING))
    attendant.until(NOW + 10 * MINUTE)

    attendant.incident = replace(attendant.incident, severity=Severity.CRITICAL)
    attendant.look()

    assert [page for _, page, _ in attendant.calls] == [(ANNA,), (BEN,)]


def test_a_hold_that_stands_keeps_a_quiet_incident_open() -> None:
    quiet = silenced(an_open(), a_signal(raised=False, key="ok", at=NOW + 1), Micros(NOW + 1))
    later = Micros(NOW + HOUR)

    held = attend(quiet, Sight(later, {}, held=True))
    free = attend(quiet, Sight(later, {}))

    assert not held.resolved
    assert free.resolved
    assert free.incident.resolved is not None
    assert free.incident.resolved.via == "signal"


@pytest.mark.parametrize("seconds, resolved", [(299, False), (300, True)])
def test_it_is_over_when_all_was_quiet_for_five_minutes(seconds: int, *, resolved: bool) -> None:
    cleared_at = Micros(NOW + SECOND)
    quiet = silenced(an_open(), a_signal(raised=False, key="ok", at=cleared_at), cleared_at)

    plan = attend(quiet, Sight(Micros(cleared_at + seconds * SECOND), {}))

    assert plan.resolved is resolved


@pytest.mark.parametrize(
    "outcome, before, after",
    [
        (RollbackOutcome.HELD, Severity.INFO, Severity.CRITICAL),
        (RollbackOutcome.NOT_RECOVERED, Severity.INFO, Severity.WARNING),
        (RollbackOutcome.NOT_RECOVERED, Severity.WARNING, Severity.ERROR),
        (RollbackOutcome.NOT_RECOVERED, Severity.CRITICAL, Severity.CRITICAL),
        (RollbackOutcome.RECOVERED, Severity.INFO, Severity.INFO),
        (RollbackOutcome.ASKED, Severity.INFO, Severity.INFO),
    ],
)
def test_a_bad_end_of_a_rollback_raises_the_severity_once(
    outcome: RollbackOutcome, before: Severity, after: Severity
) -> None:
    incident = replace(a_paged_incident(severity=before), paging=paging())
    bad = a_rollback(incident, outcome=outcome, phase=RollbackPhase.DONE)
    failed = bad if outcome in (RollbackOutcome.HELD, RollbackOutcome.NOT_RECOVERED) else None
    sight = Sight(Micros(NOW + 1), {}, rollback=bad, failed=failed)

    once = attend(incident, sight)
    twice = attend(once.incident, replace(sight, now=Micros(NOW + 2)))

    assert once.incident.severity is after
    assert (once.worsened != "") == (failed is not None)
    assert twice.incident.severity is after
    assert twice.worsened == ""


def test_in_observe_nobody_is_ever_called() -> None:
    attendant = Attendant(an_open(mode=Mode.OBSERVE))

    attendant.until(NOW + 100 * HOUR)

    assert attendant.calls == []
    assert attendant.looks <= 20


REACHED = st.sampled_from([(ANNA,), (BEN, "channel"), ("schedule:fraud",), ("sns:gone",)])
LEVELS = st.lists(st.tuples(st.integers(0, 60), REACHED), max_size=3)
RULES = st.builds(
    lambda levels, repeat_s, silence_s: paging(
        routes=routes(*levels) if levels else (), repeat_s=repeat_s, silence_s=silence_s
    ),
    LEVELS, st.integers(300, 7200), st.integers(900, 6 * 3600),
)  # fmt: skip
STEPS = st.lists(st.tuples(st.integers(1, 600), st.booleans()), max_size=8)


@settings(max_examples=150)
@given(rules=RULES, steps=STEPS)
def test_levels_come_in_order_repeats_are_apart_and_an_acknowledgement_is_kept(
    rules: PagingRules, steps: list[tuple[int, bool]]
) -> None:
    attendant, taken_at = Attendant(an_open(rules)), None
    levels = max(1, len(rules.routes[0].levels) if rules.routes else 0)

    for minutes, takes in steps:
        before = len(attendant.calls)
        attendant.until(attendant.at + minutes * MINUTE)
        fresh = attendant.calls[before:]
        if taken_at is not None:
            assert all(at - taken_at >= rules.silence_s * SECOND for at, _, _ in fresh)
        if takes:
            attendant.acknowledge()
            taken_at = attendant.at

    told = [level for _, _, level in attendant.calls]
    assert told == sorted(told)
    assert told[:1] in ([], [1])
    assert all(later - sooner <= 1 for sooner, later in pairwise(told))
    moments = [at for at, _, level in attendant.calls if level == levels]
    shortest = min(rules.repeat_s, rules.silence_s)
    assert all(later - sooner >= shortest * SECOND for sooner, later in pairwise(moments))


@settings(max_examples=150)
@given(rules=RULES, severity=st.sampled_from(Severity), start=st.integers(0, 14 * 24 * 60))
def test_an_incident_that_nobody_takes_is_never_silent(rules: PagingRules, severity: Severity, start: int) -> None:
    opened = Micros(NOW + start * MINUTE)
    attendant = Attendant(an_open(rules, severity=severity, opened_at=opened), at=opened)
    first_due = rules.routes[0].levels[0].after_s if rules.routes and rules.routes[0].levels else 0

    attendant.until(opened + 48 * HOUR)

    assert attendant.calls
    assert all(page for _, page, _ in attendant.calls)
    assert attendant.calls[0][0] - opened == first_due * SECOND
    gaps = [later - sooner for (sooner, *_), (later, *_) in pairwise(attendant.calls)]
    assert all(gap <= max(4 * HOUR, rules.repeat_s * SECOND, 3600 * SECOND) for gap in gaps)
    assert attendant.looks < 24 * 60
