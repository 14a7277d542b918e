import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.oncall import on_call
from sluice.core.policy_text import read_document
from sluice.model.codec import decode, encode
from sluice.model.ids import Micros
from sluice.model.refusal import DocumentRefused
from sluice.model.schedule import Schedule
from sluice.model.schedule_document import ScheduleDocument

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def schedule(
    start: str = "2026-01-05T09:00", shift: str = "7d", zone: str = "Europe/Berlin", overrides: str = "[]"
) -> Schedule:
    text = f"{{time_zone: {zone}, start: {start}, shift: {shift}, people: [U1, U2, U3], overrides: {overrides}}}"
    return read_document(ScheduleDocument, text).in_force("ml")


def utc(text: str) -> Micros:
    return Micros((datetime.fromisoformat(text).replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1))


@pytest.mark.parametrize(
    "at, expected",
    [
        ("2026-01-05T07:59:59.999999", None),
        ("2026-01-05T08:00:00", "U1"),
        ("2026-01-12T07:59:59.999999", "U1"),
        ("2026-01-12T08:00:00", "U2"),
        ("2026-01-26T08:00:00", "U1"),
        ("2026-03-30T06:59:59", "U3"),  # summer time began the day before: 9:00 in Berlin is 7:00 UTC now
        ("2026-03-30T07:00:00", "U1"),
        ("2026-10-26T07:59:59", "U3"),  # and winter time again
        ("2026-10-26T08:00:00", "U1"),
    ],
)
def test_weeks_change_at_nine_on_the_wall_in_summer_and_winter(at: str, expected: str | None) -> None:
    assert on_call(schedule(), utc(at)) == expected


@pytest.mark.parametrize(
    "at, expected",
    [
        ("2026-03-29T00:59:59", "U1"),  # 1:59:59; then the clock skips to 3:00
        ("2026-03-29T01:00:00", "U2"),
    ],
)
def test_a_hand_over_in_the_hour_that_is_skipped_happens_when_it_has_skipped(at: str, expected: str) -> None:
    assert on_call(schedule(start="2026-03-28T02:00", shift="1d"), utc(at)) == expected


@pytest.mark.parametrize(
    "at, expected",
    [
        ("2026-10-25T00:29:59", "U1"),  # 2:29:59 the first time
        ("2026-10-25T00:30:00", "U2"),  # 2:30 the first time
        ("2026-10-25T01:15:00", "U2"),  # 2:15 the second time: nothing is handed back
        ("2026-10-25T01:30:00", "U2"),  # 2:30 the second time
        ("2026-10-26T01:30:00", "U3"),
    ],
)
def test_a_hand_over_in_the_hour_that_is_repeated_happens_once(at: str, expected: str) -> None:
    assert on_call(schedule(start="2026-10-24T02:30", shift="1d"), utc(at)) == expected


@pytest.mark.parametrize(
    "at, expected",
    [
        ("2026-01-06T07:59:59", "U1"),
        ("2026-01-06T08:00:00", "U9"),
        ("2026-01-07T07:59:59", "U9"),
        ("2026-01-07T08:00:00", "U1"),
    ],
)
def test_an_override_holds_from_its_start_until_before_its_end(at: str, expected: str) -> None:
    overridden = schedule(overrides="[{person: U9, start: 2026-01-06T09:00, end: 2026-01-07T09:00}]")

    assert on_call(overridden, utc(at)) == expected


def test_an_override_counts_before_the_first_shift() -> None:
    overridden = schedule(overrides="[{person: U9, start: 2026-01-01T00:00, end: 2026-01-02T00:00}]")

    assert on_call(overridden, utc("2026-01-01T12:00:00")) == "U9"


@given(
    st.integers(0, 366 * 24 * 60),
    st.integers(1, 180),
    st.sampled_from(["1h", "8h", "12h", "1d", "7d"]),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
    st.sampled_from(["2026-01-05T00:00", "2026-01-05T02:00", "2026-01-05T02:30"]),
)
def test_turns_never_go_back(minute: int, later: int, shift: str, zone: str, start: str) -> None:
    rota = schedule(start, shift, zone)
    first = Micros(utc("2026-01-06T00:00:00") + minute * 60_000_000)
    moments = [Micros(first + step * 60_000_000) for step in range(0, later, 10)]

    turns = [int((on_call(rota, at) or "U0")[1]) for at in moments]

    steps = {(b - a) % 3 for a, b in itertools.pairwise(turns)}
    assert 0 not in turns
    assert steps <= {0, 1, 2}
    assert 2 not in steps or shift == "1h"  # only a shift in the skipped hour has no length


def test_a_schedule_survives_being_stored() -> None:
    stored = schedule(overrides="[{person: U9, start: 2026-01-06T09:00, end: 2026-01-07T09:00}]")

    assert decode(Schedule, encode(stored)) == stored


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"zone": "Europe/Bielefeld"}, "time_zone"),
        ({"zone": "../../etc/passwd"}, "time_zone"),
        ({"start": "yesterday"}, "start"),
        ({"start": "2026-01-05T09:00+01:00"}, "start"),
        ({"start": "2026-01-05T09:00:30"}, "start"),
        ({"start": "0001-01-05T09:00"}, "start"),
        ({"shift": "59m"}, "shift"),
        ({"shift": "90m"}, "shift"),
        ({"shift": "29d"}, "shift"),
        ({"overrides": "[{person: U9, start: 2026-01-06T09:00, end: 2026-01-06T09:00}]"}, "overrides[0].end"),
        ({"overrides": "[{person: U8, start: 2026-01-06T09:00, end: 2026-01-08T09:00}, {person: U9, start: 2026-01-07T09:00, end: 2026-01-09T09:00}]"}, "overrides[1].start"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(changes: dict[str, str], field: str) -> None:
    with pytest.raises(DocumentRefused) as caught:
        schedule(**changes)

    assert caught.value.problems[0].field == field
