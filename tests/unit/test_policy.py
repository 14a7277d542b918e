import itertools
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sluice.model.approval import OnExpiry, RoleNeed, Tier
from sluice.model.codec import decode, encode
from sluice.model.ids import GroupName, SlackUserId
from sluice.model.policy import PolicyDocument
from sluice.model.policy_in_force import LineageFact, PolicyInForce
from sluice.model.refusal import DocumentRefused
from sluice.model.staffing import unfilled_role
from tests.unit.policy_texts import CRITICAL, PILOT, STANDARD

HOUR = 3600
DAY = 24 * HOUR


def policy(text: str, **changes: Any) -> PolicyDocument:
    return PolicyDocument.parse({**yaml.safe_load(text), **changes})


def problems(text: str, **changes: Any) -> list[str]:
    with pytest.raises(DocumentRefused) as caught:
        policy(text, **changes)
    return [f"{p.field}: {p.reason}" for p in caught.value.problems]


def test_the_view_of_a_policy_survives_being_stored() -> None:
    view = policy(STANDARD).in_force(GroupName("fraud"), parameter_version=7)

    assert decode(PolicyInForce, encode(view)) == view


def test_the_view_says_what_the_document_says() -> None:
    view = policy(STANDARD).in_force(GroupName("fraud"), parameter_version=7)

    assert (view.tier, view.mode, view.channel, view.contacts) == (Tier.STANDARD, "enforce", "C0FRAUD", ("U0OLGA",))
    assert [(n.role, n.count, n.people, n.user_group) for n in view.approvers] == [
        ("data_science", 1, ("U0ANNA", "U0BEN"), None),
        ("ml_engineering", 1, (), "S0MLENG"),
    ]
    assert view.timing.expires_after_s == DAY
    assert view.timing.remind_after_s == (4 * HOUR, 12 * HOUR)
    assert (view.timing.escalate_after_s, view.timing.escalate_to) == (20 * HOUR, ("U0OLGA", "schedule:ml-oncall"))
    assert [m.minimum for m in view.gates.metrics] == [0.85, None, None]
    assert view.gates.metrics[2].against_production is not None


def test_the_digest_is_that_of_what_is_said_not_of_how() -> None:
    reordered = dict(reversed(yaml.safe_load(STANDARD).items()))

    assert PolicyDocument.parse(reordered).digest == policy(STANDARD).digest
    assert policy(STANDARD, mode="observe").digest != policy(STANDARD).digest


def test_a_default_that_is_spelled_out_has_the_digest_of_one_that_is_not() -> None:
    spelled = policy(PILOT, approval={"expires_after": "7d", "on_expiry": "keep_pending", "remind_after": ["1d", "3d"]})

    assert spelled.digest == policy(PILOT).digest


@pytest.mark.parametrize(
    "text, expires, on_expiry, reminders, escalate",
    [
        (PILOT, 7 * DAY, OnExpiry.KEEP_PENDING, (DAY, 3 * DAY), None),
        (STANDARD, 2 * DAY, OnExpiry.REJECT, (4 * HOUR, DAY), 36 * HOUR),
        (CRITICAL, DAY, OnExpiry.REJECT, (2 * HOUR, 8 * HOUR), 12 * HOUR),
    ],
)
def test_each_tier_has_times_of_its_own(
    text: str, expires: int, on_expiry: OnExpiry, reminders: tuple[int, ...], escalate: int | None
) -> None:
    timing = policy(text, approval={}).in_force(GroupName("g")).timing

    assert (timing.expires_after_s, timing.on_expiry, timing.remind_after_s) == (expires, on_expiry, reminders)
    assert timing.escalate_after_s == escalate
    assert timing.escalate_to == (("U0OLGA",) if escalate else ())


def test_default_reminders_and_escalation_that_come_too_late_are_left_out() -> None:
    timing = policy(CRITICAL, approval={"expires_after": "2h"}).in_force(GroupName("g")).timing

    assert (timing.remind_after_s, timing.escalate_after_s) == ((), None)


def test_the_default_escalation_can_be_switched_off() -> None:
    assert policy(CRITICAL, approval={"escalate": None}).approval.escalate is None


def test_a_standard_policy_asks_for_the_training_job_without_saying_so() -> None:
    gates = policy(STANDARD, gates={}).gates

    assert gates.lineage is not None
    assert gates.lineage.require == (LineageFact.TRAINING_JOB,)


def test_a_critical_policy_asks_for_card_origin_and_explanation_without_saying_so() -> None:
    gates = policy(CRITICAL).gates

    assert gates.explainability is not None
    assert gates.model_card is not None
    assert gates.lineage is not None
    assert len(gates.lineage.require) == 3


@pytest.mark.parametrize("gate", ["metrics", "explainability", "model_card", "lineage", "images"])
def test_a_critical_policy_cannot_do_without_a_gate(gate: str) -> None:
    gates = yaml.safe_load(CRITICAL)["gates"] | {gate: [] if gate == "metrics" else None}

    assert f"gates.{gate}: tier critical needs this gate, and required" in problems(CRITICAL, gates=gates)


@pytest.mark.parametrize("gate", [{"explainability": {"required": False}}, {"model_card": {"required": False}}])
def test_a_critical_policy_cannot_make_a_gate_advisory(gate: dict[str, Any]) -> None:
    (name,) = gate

    assert problems(CRITICAL, gates=yaml.safe_load(CRITICAL)["gates"] | gate) == [
        f"gates.{name}: tier critical needs this gate, and required"
    ]


ONE = {"role": "a", "people": ["U1", "U2", "U3"]}
OTHER = {"role": "b", "people": ["U4"]}


@pytest.mark.parametrize(
    "text, approvers, enough",
    [
        (PILOT, [], False),
        (PILOT, [ONE], True),
        (STANDARD, [], False),
        (STANDARD, [ONE], True),
        (CRITICAL, [ONE], False),
        (CRITICAL, [{**ONE, "count": 3}], False),
        (CRITICAL, [ONE, OTHER], True),
    ],
)
def test_each_tier_asks_for_enough_people_and_roles(text: str, approvers: list[Any], *, enough: bool) -> None:
    if enough:
        assert policy(text, approvers=approvers).approvers
    else:
        assert problems(text, approvers=approvers)[0].startswith("approvers: tier")


@pytest.mark.parametrize("text, allowed", [(PILOT, True), (STANDARD, True), (CRITICAL, False)])
def test_an_observing_policy_may_name_nobody_except_where_it_is_critical(text: str, *, allowed: bool) -> None:
    changes: dict[str, Any] = {"mode": "observe", "approvers": [], "owner": {"team": "t"}}
    if allowed:
        assert policy(text, **changes).approvers == ()
    else:
        assert [p.split(":")[0] for p in problems(text, **changes)] == ["owner.contacts", "approvers"]


@pytest.mark.parametrize("mode", ["recommend", "enforce"])
def test_a_policy_that_acts_names_a_contact(mode: str) -> None:
    assert problems(PILOT, mode=mode, owner={"team": "t"}) == ["owner.contacts: tier pilot needs at least one contact"]


@pytest.mark.parametrize(
    "text, expires, allowed",
    [(PILOT, "59s", False), (PILOT, "60s", True), (PILOT, "30d", True), (PILOT, "2592001s", False), (CRITICAL, "7d", True), (CRITICAL, "604801s", False)],
)  # fmt: skip
def test_an_approval_lasts_from_a_minute_to_what_the_tier_allows(text: str, expires: str, *, allowed: bool) -> None:
    approval = {"expires_after": expires, "remind_after": []}
    if allowed:
        assert policy(text, approval=approval).version == 1
    else:
        assert problems(text, approval=approval)[0].startswith("approval.expires_after:")


def test_a_critical_approval_that_runs_out_rejects() -> None:
    assert problems(CRITICAL, approval={"on_expiry": "keep_pending"}) == [
        "approval.on_expiry: tier critical allows only reject"
    ]


@pytest.mark.parametrize("after, allowed", [("24h", False), ("86399s", True), ("86401s", False)])
def test_escalation_lies_before_expiry(after: str, *, allowed: bool) -> None:
    approval = {"expires_after": "24h", "escalate": {"after": after, "to": ["U1"]}}
    if allowed:
        assert policy(STANDARD, approval=approval).version == 1
    else:
        assert problems(STANDARD, approval=approval) == ["approval.escalate.after: must lie before expires_after"]


@pytest.mark.parametrize(
    "text", ["0s", "1", "1w", "-1h", "1.5h", "h", " 1h", "1h ", "01h", "12345678s", 5, None, True, ["1h"]]
)
def test_a_duration_is_a_whole_number_with_a_unit(text: object) -> None:
    assert problems(STANDARD, approval={"expires_after": text})[0].startswith(
        "approval.expires_after: should be a whole number"
    )


@pytest.mark.parametrize(
    "gate, reason",
    [
        ({"name": "auc"}, "metric auc has no limit"),
        ({"name": "auc", "minimum": 2, "maximum": 1}, "auc: minimum 2 is above maximum 1"),
        ({"name": "auc", "minimum": 0.5, "against_production": {"max_rise": 0}}, "metric auc: minimum says higher is better"),
        ({"name": "rmse", "maximum": 4, "against_production": {"max_drop": 0}}, "metric rmse: maximum says lower is better"),
        ({"name": "auc", "against_production": {}}, "set exactly one of max_drop"),
        ({"name": "auc", "against_production": {"max_drop": 0, "max_rise": 0}}, "set exactly one of max_drop"),
        ({"name": "auc", "against_production": {"max_drop": -0.1}}, "should be greater than or equal to 0"),
        ({"name": "auc", "minimum": float("nan")}, "should be a finite number"),
        ({"name": "auc", "minimum": True}, "should be a valid number"),
        ({"name": "auc", "minimum": 1, "required": "no"}, "should be a valid boolean"),
        ({"name": "auc", "minimum": 1, "document": "bias"}, "should be 'model_quality' or 'data_quality'"),
    ],
)  # fmt: skip
def test_a_metric_limit_makes_sense(gate: dict[str, Any], reason: str) -> None:
    (problem,) = problems(PILOT, gates={"metrics": [gate]})

    assert problem.split(": ", 1)[1].startswith(reason)


@pytest.mark.parametrize(
    "gate",
    [
        {"name": "auc", "minimum": 1, "maximum": 1},
        {"name": "auc", "minimum": 0.5, "against_production": {"max_drop": 0}},
        {"name": "drift", "minimum": -1, "maximum": 1, "against_production": {"max_rise": 0.5}},
    ],
)
def test_limits_that_can_be_met_are_accepted(gate: dict[str, Any]) -> None:
    assert policy(PILOT, gates={"metrics": [gate]}).gates.metrics


def test_the_same_limit_twice_is_refused_but_different_limits_of_one_metric_are_not() -> None:
    low, high = {"name": "auc", "minimum": 0.8}, {"name": "auc", "minimum": 0.9, "required": False}

    assert problems(PILOT, gates={"metrics": [low, high]}) == [
        "gates: metrics: model_quality auc minimum is said twice"
    ]
    assert policy(PILOT, gates={"metrics": [low, {"name": "auc", "maximum": 1.0}]}).version == 1


@pytest.mark.parametrize(
    "approvers, problem",
    [
        ([{"role": "a"}], "approvers[0]: role a: name either people or a user_group"),
        ([{"role": "a", "people": ["U1"], "user_group": "S1"}], "approvers[0]: role a: name either people or a user_group"),
        ([{"role": "a", "people": ["U1", "U1"]}], "approvers[0]: role a: somebody is listed twice"),
        ([{"role": "a", "people": ["U1"], "count": 2}], "approvers[0]: role a: 2 must approve, but 1 are listed"),
        ([ONE, ONE], "approvers[1]: role a is listed twice: give it one entry, a higher count"),
        ([{"role": "a", "people": ["U1"]}, {"role": "b", "people": ["U1"]}], "approvers[1]: role b cannot be filled, because one person counts for one role only"),
        ([{"role": "a", "people": ["u1"]}], "approvers[0].people[0]: should match pattern '^[UW][A-Z0-9]{1,20}$'"),
        ([{"role": "a", "user_group": "U1"}], "approvers[0].user_group: should match pattern '^S[A-Z0-9]{1,20}$'"),
        ([{"role": "a", "people": ["U1"], "count": 0}], "approvers[0].count: should be greater than or equal to 1"),
        ([{"role": "a", "people": ["U1"], "count": True}], "approvers[0].count: should be a valid integer"),
    ],
)  # fmt: skip
def test_approvers_can_reach_their_quorum(approvers: list[Any], problem: str) -> None:
    assert problems(PILOT, approvers=approvers) == [problem]


def test_a_person_of_two_roles_is_fine_where_others_can_fill_them() -> None:
    assert (
        policy(PILOT, approvers=[{"role": "a", "people": ["U1", "U2"]}, {"role": "b", "people": ["U1"]}]).version == 1
    )


@pytest.mark.parametrize(
    "version, known", [(1, True), (0, False), (2, False), (True, False), (1.0, False), ("1", False)]
)
def test_only_format_1_is_known(version: object, *, known: bool) -> None:
    if known:
        assert policy(PILOT, version=version).version == 1
    else:
        assert problems(PILOT, version=version)[0].startswith("version:")


roles = st.lists(
    st.tuples(st.lists(st.sampled_from(["U1", "U2", "U3", "U4"]), unique=True, max_size=4), st.integers(1, 2)),
    max_size=4,
)


@given(roles)
def test_roles_can_be_filled_exactly_when_some_sharing_out_of_people_fills_them(
    drawn: list[tuple[list[str], int]],
) -> None:
    needs = [RoleNeed(str(i), count, tuple(SlackUserId(p) for p in people)) for i, (people, count) in enumerate(drawn)]
    choices = [list(itertools.combinations(n.people, n.count)) for n in needs]
    possible = any(len(set(sum(sharing, ()))) == sum(map(len, sharing)) for sharing in itertools.product(*choices))

    assert (unfilled_role(needs) is None) == possible
