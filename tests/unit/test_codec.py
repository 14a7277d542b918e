"""Records and messages survive the way through JSON, and what does not fit is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.errors import InvalidInput
from sluice.model.approval import Approval, Choice, Vote
from sluice.model.approval_commands import (
    CardDelivered,
    CastVote,
    DecidedElsewhere,
    EvidenceTouched,
    ResumeRelease,
    Timer,
    TimerFired,
)
from sluice.model.codec import decode, encode
from sluice.model.command_json import to_json
from sluice.model.commands import Command, from_json
from sluice.model.ids import ApprovalId, Micros, SlackUserId
from sluice.model.package import Actor
from sluice.model.people import RegistrationFacts
from sluice.model.records import PackageRecord, PolicyRecord, StatusIntent
from sluice.model.release import Answer, Outcome, Release, Route
from tests.approvals import NOW, an_approval
from tests.packages import a_policy

_ids, _people = st.text(min_size=1).map(ApprovalId), st.text(min_size=1).map(SlackUserId)
_micros = st.integers(0, 2**53).map(Micros)
COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(CastVote, _ids, _people, st.text(), st.text(), st.sampled_from(Choice), st.text(), _micros),
    st.builds(CardDelivered, _ids, _micros),
    st.builds(TimerFired, _ids, st.sampled_from(Timer), st.integers()),
    st.builds(EvidenceTouched, st.text(), st.integers()),
    st.builds(DecidedElsewhere, st.text(), st.text(), st.text(), st.none() | _ids),
    st.builds(ResumeRelease, _ids),
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def there_and_back(value: Any) -> Any:
    """A value through the text that is kept."""
    return decode(type(value), json.loads(json.dumps(encode(value))))


def test_a_full_approval_survives() -> None:
    approval = an_approval(
        votes=(Vote(SlackUserId("U0BEN"), Choice.APPROVE, "", NOW, ("data_science",), "Ben"),),
        registration=RegistrationFacts(Actor(principal_arn="arn:aws:iam::111122223333:user/anna")),
        answer=Answer(Route.SET_STATUS, Outcome.APPROVED, "Approved", "Approved by Ben.", "token"),
        settled_at=NOW,
    )

    assert there_and_back(approval) == approval


@pytest.mark.parametrize(
    "value",
    [
        PolicyRecord(a_policy(), "{}", NOW),
        PackageRecord(
            "arn",
            "g",
            1,
            "Approved",
            NOW,
            a_policy().mode,
            intent=StatusIntent("a", "b", NOW),
            undo=StatusIntent("c", "d", NOW),
        ),
        Release("g/1/1", "arn", a_policy().group, 1, 1, "us-east-1"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_records_survive(value: Any) -> None:
    assert there_and_back(value) == value


@given(command=COMMANDS)
def test_commands_survive(command: Command) -> None:
    assert from_json(json.loads(json.dumps(to_json(command)))) == command


@given(message=JSON_VALUES)
def test_whatever_arrives_is_a_command_or_refused(message: Any) -> None:
    with pytest.raises(InvalidInput):
        from_json(message)


@given(
    command=COMMANDS,
    name=st.sampled_from(["approval_id", "choice", "timer", "person", "epoch", "pressed_at"]),
    value=JSON_VALUES,
)
def test_a_spoiled_command_is_read_as_one_or_refused(command: Command, name: str, value: Any) -> None:
    message = to_json(command) | {name: value}

    try:
        read = from_json(message)
    except InvalidInput:
        return

    assert type(read) is type(command)


def test_what_a_newer_version_wrote_is_read_by_an_older_one() -> None:
    newer = encode(an_approval()) | {"a_new_field": {"deep": [1]}}

    assert decode(Approval, newer) == an_approval()


def test_what_an_older_version_left_out_takes_its_default() -> None:
    older = {k: v for k, v in encode(an_approval()).items() if k not in ("votes", "on_hold", "posted_at")}

    assert decode(Approval, older).votes == ()


@pytest.mark.parametrize(
    "change",
    [
        {"version": "7"},
        {"version": True},
        {"tier": "huge"},
        {"gates": "none"},
        {"timing": []},
        {"registrant": None},
        {"id": 7},
    ],
)
def test_a_field_of_another_type_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="Approval cannot be read"):
        decode(Approval, encode(an_approval()) | change)


def test_a_missing_field_without_default_is_refused() -> None:
    document = {k: v for k, v in encode(an_approval()).items() if k != "digest"}

    with pytest.raises(InvalidInput, match="digest"):
        decode(Approval, document)
