import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.ledger_words import moment, told
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros
from tests.chains import chain_of

DIGEST = "sha256:" + "0123456789abcdef" * 4
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["votes", "to", "last_modified_by", "digest", "choice", "person", "reason", "status"])


def say(kind: str, **body: Any) -> str:
    return told(replace(chain_of(1)[0], kind=kind, body=json.dumps(body)))


@pytest.mark.parametrize(
    "kind, body, words",
    [
        (
            EntryKind.VOTE_CAST,
            {"person": "U0ANNA", "name": "Anna", "choice": "approve", "digest": DIGEST},
            "Anna (U0ANNA) voted approve on evidence 0123456789ab",
        ),
        (EntryKind.VOTE_CAST, {"person": "U0BEN", "choice": "reject", "reason": "drift"}, "U0BEN voted reject: drift"),
        (
            EntryKind.VOTE_REFUSED,
            {"person": "U0ANNA", "choice": "approve", "why": "registered it"},
            "vote of U0ANNA (approve) refused: registered it",
        ),
        (
            EntryKind.APPROVAL_SETTLED,
            {"status": "approved", "votes": [{"person": "U0BEN", "choice": "approve"}], "digest": DIGEST},
            "settled as approved by U0BEN approve on evidence 0123456789ab",
        ),
        (EntryKind.REGISTRY_STATUS_SET, {"status": "Approved"}, "registry status set to Approved"),
        (
            EntryKind.ROLLOUT_ASKED,
            {"person": "U0BEN", "name": "Ben", "asked": "roll_back", "phase": "step", "reason": "refused payments"},
            "Ben (U0BEN) asked: roll_back in step: refused payments",
        ),
        (
            EntryKind.ROLLOUT_ASK_REFUSED,
            {"person": "U0ZOE", "asked": "pause", "phase": "step", "why": "only sre may do this"},
            "U0ZOE asked: pause, refused: only sre may do this",
        ),
        (
            EntryKind.HOLD_CLEARED,
            {"person": "U0BEN", "endpoint": "fraud-prod", "reason": "capacity is back"},
            "U0BEN cleared the hold on fraud-prod: capacity is back",
        ),
        (
            EntryKind.HOLD_NOT_CLEARED,
            {"person": "U0ZOE", "endpoint": "fraud-prod", "why": "only sre may do this"},
            "U0ZOE may not clear the hold on fraud-prod: only sre may do this",
        ),
        (
            EntryKind.DECISION_ELSEWHERE,
            {"status": "Approved", "last_modified_by": {"studio_profile": "d-1/eve"}},
            "decided elsewhere: Approved by d-1/eve",
        ),
        (
            EntryKind.RELEASE_CONCLUDED,
            {"outcome": "approved", "status": "Approved"},
            "ended: approved, registry says Approved",
        ),
        (
            EntryKind.POLICY_ACCEPTED,
            {"live_version": 3, "written_by": "arn:aws:iam::111122223333:user/olga"},
            "version 3 taken into force, written by arn:aws:iam::111122223333:user/olga",
        ),
        (EntryKind.PEOPLE_REFUSED, {"problems": [{}, {}]}, "refused, 2 problems"),
        (EntryKind.SCHEDULE_PARAMETER_DELETED, {}, "parameter deleted; what was in force stays"),
        (EntryKind.LIVE_LABEL_MOVED, {"labelled": 2}, "label live found on version 2, moved by somebody else"),
        (
            EntryKind.APPROVAL_DELIVERED,
            {"deadline": 1_795_507_200_000_000},
            "card delivered, to be decided until 2026-11-24 08:00:00 UTC",
        ),
        (EntryKind.APPROVERS_REMINDED, {"number": 1}, "approvers reminded (1)"),
        (EntryKind.RECONCILE_MENDED, {"reason": "an event was lost"}, "mended by reconcile: an event was lost"),
        (
            EntryKind.ROLLOUT_REQUESTED,
            {"region": "eu-west-1", "digest": DIGEST},
            "rollout asked for in eu-west-1 on evidence 0123456789ab",
        ),
        (
            EntryKind.ROLLOUT_FINISHED,
            {"outcome": "returned", "because": "errors rose"},
            "rollout ended: returned: errors rose",
        ),
        ("KindOfTomorrow", {"b": 2, "a": "x", "deep": {}}, "KindOfTomorrow a=x, b=2"),
    ],
)
def test_a_record_tells_who_did_what_on_which_evidence(kind: str, body: dict[str, Any], words: str) -> None:
    assert say(kind, **body) == words


def test_control_characters_never_reach_the_terminal() -> None:
    assert "\x1b" not in say(EntryKind.VOTE_CAST, person="U0EVE", choice="\x1b[2Japprove", reason="\r\nforged line")


@given(st.sampled_from(EntryKind), st.dictionaries(NAMES | st.text(max_size=5), ANY_JSON, max_size=6) | ANY_JSON)
def test_no_body_makes_the_telling_fail(kind: EntryKind, body: Any) -> None:
    line = told(replace(chain_of(1)[0], kind=kind, body=json.dumps(body)))

    assert line.isprintable()
    assert len(line) <= 500


def test_a_body_that_is_no_json_is_shown_as_it_is() -> None:
    assert told(replace(chain_of(1)[0], body="{")) == "VoteCast: {"


def test_a_moment_is_read_in_utc_and_a_wrong_one_as_its_number() -> None:
    assert moment(Micros(1_790_000_000_000_000)) == "2026-09-21 14:13:20"
    assert moment(Micros(10**20)) == str(10**20)
