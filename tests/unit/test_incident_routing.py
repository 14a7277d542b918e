"""Who hears of an incident: routes by severity and hours, levels down to people, over changes of the clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.incident.routing import is_within, levels_of, route_at, schedules_of, targets_of
from sluice.core.oncall import on_call
from sluice.model.ids import Micros, SlackUserId
from sluice.model.response_rules import Hours, Level, PageRoute, PagingRules, Severity, Webhook
from sluice.model.schedule import Override, Schedule
from tests.packages import ANNA, BEN, CHEN

BERLIN = "Europe/Berlin"
WORK = Hours(BERLIN, (0, 1, 2, 3, 4), "09:00", "18:00")
NIGHT = Hours(BERLIN, (0, 1, 2, 3, 4, 5, 6), "22:00", "06:00")
REACHED = PagingRules(
    pagerduty_secret="arn:aws:secretsmanager:eu-central-1:111122223333:secret:pd",
    topics={"phones": "arn:aws:sns:eu-central-1:111122223333:phones"},
    webhooks={"ops": Webhook("https://ops.example.com/hook", "arn:aws:secretsmanager:eu-central-1:1:secret:ops")},
)


def at(wall: str, zone: str = BERLIN, fold: int = 0) -> Micros:
    """The moment at which a clock on the wall shows this; `fold` is 1 for the second time round."""
    moment = datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return Micros(int(moment.timestamp() * 1_000_000))


# 2026-03-29: clocks in Berlin go from 02:00 to 03:00. 2026-10-25: from 03:00 back to 02:00. Both are Sundays.
@pytest.mark.parametrize(
    "hours, wall, within",
    [
        (WORK, "2026-03-27T08:59:59", False),
        (WORK, "2026-03-27T09:00:00", True),
        (WORK, "2026-03-27T17:59:59", True),
        (WORK, "2026-03-27T18:00:00", False),
        (WORK, "2026-03-28T12:00:00", False),  # a Saturday
        (WORK, "2026-03-30T08:59:59", False),  # the Monday after the clock went forward
        (WORK, "2026-03-30T09:00:00", True),
        (WORK, "2026-10-26T09:00:00", True),
        (NIGHT, "2026-03-28T21:59:59", False),
        (NIGHT, "2026-03-28T22:00:00", True),
        (NIGHT, "2026-03-29T01:59:59", True),
        (NIGHT, "2026-03-29T03:00:00", True),
        (NIGHT, "2026-03-29T05:59:59", True),
        (NIGHT, "2026-03-29T06:00:00", False),
        (Hours(BERLIN, (6,), "02:00", "03:00"), "2026-03-29T03:00:00", False),  # an hour that is skipped
        (Hours(BERLIN, (6,), "02:00", "03:00"), "2026-10-25T02:30:00", True),
        (Hours(BERLIN, (5,), "22:00", "06:00"), "2026-10-25T05:59:59", True),  # Saturday's night ends on Sunday
        (Hours(BERLIN, (6,), "22:00", "06:00"), "2026-10-25T05:59:59", False),
        (Hours(BERLIN, (6,), "22:00", "06:00"), "2026-10-26T05:59:59", True),
        (Hours(BERLIN, (0,), "00:00", "00:00"), "2026-03-30T23:59:59", True),  # the whole day
        (Hours(BERLIN, (0,), "00:00", "00:00"), "2026-03-31T00:00:00", False),
    ],
)
def test_hours_are_those_of_the_clock_on_the_wall(hours: Hours, wall: str, *, within: bool) -> None:
    assert is_within(hours, at(wall)) is within


def test_an_hour_that_the_clock_repeats_counts_both_times() -> None:
    hours = Hours(BERLIN, (6,), "02:00", "03:00")

    assert is_within(hours, at("2026-10-25T02:30:00", fold=0))
    assert is_within(hours, at("2026-10-25T02:30:00", fold=1))


def test_a_working_day_is_nine_hours_long_whatever_the_clock_does() -> None:
    for monday in ("2026-03-23", "2026-03-30", "2026-10-19", "2026-10-26"):
        start = at(f"{monday}T00:00:00")
        minutes = sum(is_within(WORK, Micros(start + minute * 60_000_000)) for minute in range(24 * 60))

        assert minutes == 9 * 60


@given(
    days=st.sets(st.integers(0, 6)),
    start=st.integers(0, 23),
    end=st.integers(0, 23),
    minute=st.integers(0, 366 * 24 * 60),
)
def test_hours_and_the_rest_of_the_day_share_out_every_moment(
    days: set[int], start: int, end: int, minute: int
) -> None:
    moment = Micros(at("2026-01-01T00:00:00") + minute * 60_000_000)
    wall = datetime.fromtimestamp(moment / 1_000_000, ZoneInfo(BERLIN))

    within = is_within(Hours(BERLIN, tuple(days), f"{start:02}:00", f"{end:02}:00"), moment)

    begun = wall.date() if wall.hour >= start else wall.date() - timedelta(days=1)
    length = (end - start) % 24 or 24
    reached = (wall.hour - start) % 24 < length
    assert within is (reached and begun.weekday() in days)


def test_the_first_route_that_takes_the_severity_at_the_moment_counts() -> None:
    by_day = PageRoute((Severity.CRITICAL, Severity.ERROR), (Level(0, ("channel",)),), WORK)
    always = PageRoute((Severity.CRITICAL,), (Level(0, (ANNA,)),))
    rules = PagingRules(routes=(by_day, always))

    assert route_at(rules, Severity.CRITICAL, at("2026-03-30T10:00:00")) == 0
    assert route_at(rules, Severity.CRITICAL, at("2026-03-30T20:00:00")) == 1
    assert route_at(rules, Severity.ERROR, at("2026-03-30T20:00:00")) is None
    assert route_at(rules, Severity.WARNING, at("2026-03-30T10:00:00")) is None


def test_a_schedule_is_the_person_who_is_on_call_then() -> None:
    week = Schedule("fraud", BERLIN, "2026-03-23T09:00:00", 7 * 86_400, (ANNA, BEN), (
        Override(CHEN, "2026-04-01T00:00:00", "2026-04-02T00:00:00"),
    ))  # fmt: skip
    level = Level(0, ("schedule:fraud", "channel"))

    def reached(wall: str) -> tuple[str, ...]:
        person = on_call(week, at(wall))
        return targets_of(level, REACHED, {} if person is None else {"fraud": person}, ())

    assert reached("2026-03-29T12:00:00") == (ANNA, "channel")
    assert reached("2026-03-30T08:59:59") == (ANNA, "channel")  # the clock went forward: an hour less, same time
    assert reached("2026-03-30T09:00:00") == (BEN, "channel")
    assert reached("2026-04-01T12:00:00") == (CHEN, "channel")
    assert reached("2026-03-01T12:00:00") == ("channel",)  # before the first shift


@pytest.mark.parametrize("target", ["schedule:gone", "sns:gone", "webhook:gone"])
def test_a_target_that_leads_nowhere_leaves_the_channel_and_the_owners(target: str) -> None:
    reached = targets_of(Level(0, (target,)), REACHED, {}, (ANNA, BEN, ANNA))

    assert reached == ("channel", ANNA, BEN)


def test_pagerduty_is_no_target_where_the_policy_has_no_key() -> None:
    assert targets_of(Level(0, ("pagerduty", BEN)), PagingRules(), {}, (ANNA,)) == (BEN,)
    assert targets_of(Level(0, ("pagerduty",)), REACHED, {}, (ANNA,)) == ("pagerduty",)


def test_whoever_is_named_twice_is_called_once() -> None:
    level = Level(0, (ANNA, "schedule:fraud", "sns:phones", ANNA))

    assert targets_of(level, REACHED, {"fraud": ANNA}, ()) == (ANNA, "sns:phones")


TARGETS = st.sampled_from(
    ["channel", "pagerduty", "sns:phones", "sns:gone", "webhook:ops", "schedule:a", "schedule:b", ANNA]
)


@given(
    targets=st.lists(TARGETS, max_size=4),
    known=st.booleans(),
    on_call_now=st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from([ANNA, BEN]), max_size=2),
    contacts=st.lists(st.sampled_from([ANNA, BEN, CHEN]), max_size=2),
)
def test_a_level_always_reaches_somebody(
    *, targets: list[str], known: bool, on_call_now: dict[str, SlackUserId], contacts: list[SlackUserId]
) -> None:
    reached = targets_of(Level(0, tuple(targets)), REACHED if known else PagingRules(), on_call_now, contacts)

    assert reached
    assert not [target for target in reached if target.startswith("schedule:")]


def test_without_a_route_there_is_one_level() -> None:
    rules = PagingRules(routes=(PageRoute((Severity.INFO,), ()),))

    assert len(levels_of(rules, None)) == 1
    assert len(levels_of(rules, 0)) == 1


def test_the_schedules_that_may_be_asked_are_those_of_all_routes() -> None:
    routes = (
        PageRoute((Severity.CRITICAL,), (Level(0, ("schedule:a", ANNA)), Level(60, ("schedule:b",)))),
        PageRoute((Severity.ERROR,), (Level(0, ("schedule:a",)),)),
    )

    assert schedules_of(PagingRules(routes=routes)) == ("a", "b")
