import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.ledger_words import moment, told
from sluice.model.codec import encode
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros
from sluice.model.judging import MetricVerdict, Verdict
from sluice.model.rollout import LookRecord
from tests.chains import chain_of

DIGEST = "sha256:" + "0123456789abcdef" * 4
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        "votes",
        "to",
        "last_modified_by",
        "digest",
        "choice",
        "person",
        "reason",
        "status",
        "judgement",
        "metrics",
        "weights",
        "counts",
    ]
)


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
            "Ben (U0BEN) asked to take it back in step 1: refused payments",
        ),
        (
            EntryKind.ROLLOUT_ASK_REFUSED,
            {"person": "U0ZOE", "asked": "pause", "phase": "step", "why": "only sre may do this"},
            "U0ZOE asked to pause it in step 1, refused: only sre may do this",
        ),
        (
            EntryKind.ROLLOUT_ASKED,
            {"person": "U0BEN", "asked": "promote_now", "phase": "guarded", "reason": "no traffic at night"},
            "U0BEN asked to promote it now in SageMaker's update: no traffic at night",
        ),
        (
            EntryKind.ROLLOUT_ASKED,
            {"person": "U0BEN", "asked": "try_again", "phase": "requested"},
            "U0BEN asked to try it again",
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
        (
            EntryKind.ENDPOINT_LOCKED,
            {"endpoint": "fraud-prod", "region": "eu-west-1", "fence": 3},
            "endpoint fraud-prod in eu-west-1 locked, fence 3",
        ),
        (
            EntryKind.PREFLIGHT_CHECKED,
            {"fence": 3, "zones": ["unknown", "not told"], "quota": ["failed", "4 are left"], "role": ["passed", "x"]},
            "pre-flight: 1 of 3 checks passed; quota failed: 4 are left; zones unknown: not told",
        ),
        (
            EntryKind.CHANGE_INTENDED,
            {
                "change": "shift_traffic",
                "effect": 4,
                "from": "v7-a",
                "to": "v7-a",
                "weights": {"AllTraffic": 3, "candidate": 1},
                "counts": {"candidate": 1},
            },
            "about to move traffic (change 4), AllTraffic 75 %, candidate 25 %, candidate 1 instance",
        ),
        (
            EntryKind.CHANGE_INTENDED,
            {"change": "restore", "effect": 5, "from": "v7-a", "to": "v6", "weights": {}, "counts": {}},
            "about to restore what served before (change 5), from configuration v7-a to v6",
        ),
        (
            EntryKind.CHANGE_DONE,
            {"change": "promote", "effect": 6, "config": "v7-b", "status": "InService"},
            "done: promote (change 6): configuration v7-b is InService",
        ),
        (
            EntryKind.CHANGE_FAILED,
            {"change": "promote", "effect": 6, "reason": "no capacity"},
            "not done: promote (change 6): no capacity",
        ),
        (
            EntryKind.APPROVAL_WITHDRAWN,
            {"change": "shift_traffic", "effect": 6, "reason": "it is Rejected now"},
            "approval withdrawn, not done: move traffic (change 6): it is Rejected now",
        ),
        (
            EntryKind.DEPLOYMENT_OBSERVED,
            {"config": "v9", "endpoint": "fraud-prod"},
            "others deployed configuration v9 on fraud-prod",
        ),
        ("KindOfTomorrow", {"b": 2, "a": "x", "deep": {}}, "KindOfTomorrow a=x, b=2"),
    ],
)
def test_a_record_tells_who_did_what_on_which_evidence(kind: str, body: dict[str, Any], words: str) -> None:
    assert say(kind, **body) == words


def _judged(*metrics: MetricVerdict, **body: Any) -> str:
    look = LookRecord(8, Micros(1), Verdict.CONTINUE, "errors: not decided", metrics, 17)
    kinds = {"errors": "errors", "spend": "kpi_mean"}
    return say(EntryKind.CANARY_JUDGED, look=8, phase="step", step=1, judgement=encode(look), kinds=kinds, **body)


def test_a_look_tells_its_minute_and_each_metric_the_worst_first() -> None:
    good = MetricVerdict("latency", Verdict.ADVANCE, 0.1, 200, "latency: fine", 1.0)
    errors = MetricVerdict("errors", Verdict.CONTINUE, 117.2, 200, "errors: not decided", 3.17)
    spend = MetricVerdict("spend", Verdict.ROLL_BACK, 4_300.0, 200, "spend: lower", -0.2)

    assert _judged(good, errors, spend) == (
        "look 8 in step 2, minute 17: undecided; spend worse, -0.2 on average, evidence 4,300 of 200; "
        "errors undecided, 3.17 times the baseline, evidence 117 of 200; latency good enough"
    )


@pytest.mark.parametrize(
    "after,end",
    [
        ({"route": "shift", "reason": "Ben agreed."}, "; on to the next step: Ben agreed."),
        ({"route": "return", "reason": "errors: not decided"}, "; take back"),
        ({"route": "", "asked": "roll_back"}, "; people are asked to roll back"),
        ({"route": "", "asked": ""}, ": undecided"),
    ],
)
def test_a_look_tells_what_follows(after: dict[str, str], end: str) -> None:
    assert _judged(**after).endswith(end)


def test_an_effect_whose_metric_is_of_no_known_kind_is_not_shown_in_a_unit_it_may_not_have() -> None:
    assert _judged(MetricVerdict("visits", Verdict.CONTINUE, 2, 200, "", 1.4)).endswith(
        "visits undecided, evidence 2 of 200"
    )


@pytest.mark.parametrize("kind", EntryKind)
def test_no_kind_is_left_to_be_shown_as_raw_facts(kind: EntryKind) -> None:
    assert not say(kind, fence=3).startswith(kind)


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
