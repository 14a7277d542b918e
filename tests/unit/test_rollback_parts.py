"""The pure parts of a rollback beside the decision: recovery, ends, history, what is made again, and names."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.core.rollback.ending import ended, given_back, signal_of
from sluice.core.rollback.history import returned
from sluice.core.rollback.naming import demanded_rollback_id, rollback_execution, rollback_id_of
from sluice.core.rollback.notices import ended_notice
from sluice.core.rollback.recovery import Sound, recovery
from sluice.core.rollback.rejecting import is_at_fault, is_rejected_here, rejection, rejection_token
from sluice.core.rollback.returning import (
    changed_images,
    changes_hosting,
    goal_of,
    instances_now,
    scaling_after,
    strange_images,
)
from sluice.core.rollback.ways import served_at, ways_back
from sluice.errors import PermanentFailure
from sluice.model.endpoint import EndpointRecord, LastKnownGood, ScalingSeen, VariantSeen
from sluice.model.governing import Mode
from sluice.model.ids import EPOCH, IncidentId, Micros, RollbackId, RolloutId
from sluice.model.package import Container
from sluice.model.production import KEPT, Condemned
from sluice.model.rollback import Decision, Rollback, RollbackOutcome, RollbackPhase
from sluice.model.signal import Cause, SignalKind
from tests.approvals import NOW
from tests.packages import BEN, CHEN, GROUP, REGION, a_package
from tests.rollback_situations import DEMAND, HOUR, a_rollback, config_of, history, seen, served
from tests.trouble import ENDPOINT, a_signal

MINUTE = 60_000_000
HELD, BACK = RollbackOutcome.HELD, RollbackOutcome.RECOVERED
A, B = "sha256:" + "aa" * 32, "sha256:" + "bb" * 32


def taken_back(signal: Any = None, **changes: Any) -> Rollback:
    """Version 8 went ten minutes ago, version 7 serves again."""
    ordinary: dict[str, Any] = {
        "decision": Decision.ROLL_BACK,
        "left": served(8, 5),
        "target": served(7, 50, 5),
        "intended_at": Micros(NOW - 15 * MINUTE),
        "returned_at": Micros(NOW - 10 * MINUTE),
        "recover_within_s": 1800,
        "rejects": True,
        "fence": 3,
        "phase": RollbackPhase.RECOVERING,
    }
    return a_rollback(signal, **(ordinary | changes))


# Recovery


@pytest.mark.parametrize(
    "minutes, raised, outcome",
    [
        (0, False, BACK),
        (29.99, False, BACK),
        (0, True, None),
        (29.99, True, None),
        (30, True, RollbackOutcome.NOT_RECOVERED),
        (30, False, BACK),
    ],
)
def test_an_alarm_has_its_time_to_clear(minutes: float, outcome: RollbackOutcome | None, *, raised: bool) -> None:
    now = Micros(int(NOW - 10 * MINUTE + minutes * MINUTE))

    found = recovery(taken_back(), Sound(raised), now)

    assert (found and found.outcome) is outcome


@pytest.mark.parametrize("kind", [SignalKind.MONITOR, SignalKind.WATCH])
@pytest.mark.parametrize(
    "spoke_after, outcome", [(-1, RollbackOutcome.RETURNED), (0, RollbackOutcome.RETURNED), (1, "not_recovered")]
)
def test_who_looks_rarely_says_only_later_whether_it_helped(
    kind: SignalKind, spoke_after: int, outcome: RollbackOutcome
) -> None:
    rollback = taken_back(a_signal(kind=kind))
    sound = Sound(raised=True, raised_at=(Micros(rollback.returned_at + spoke_after),))

    found = recovery(rollback, sound, Micros(rollback.returned_at + 1800 * 1_000_000))

    assert found is not None
    assert found.outcome == outcome


@pytest.mark.parametrize("kind", [SignalKind.PERSON, SignalKind.ROLLOUT])
def test_what_cannot_clear_by_itself_is_not_waited_for(kind: SignalKind) -> None:
    found = recovery(taken_back(a_signal(kind=kind)), Sound(raised=True), Micros(NOW))

    assert found is not None
    assert found.outcome is RollbackOutcome.RETURNED


def test_an_incident_that_a_person_resolves_is_not_waited_for() -> None:
    found = recovery(taken_back(), Sound(raised=True, settled=True), Micros(NOW))

    assert found is not None
    assert found.outcome is RollbackOutcome.RETURNED


@pytest.mark.parametrize("kind", [SignalKind.OUTSIDE, SignalKind.ENDPOINT])
def test_what_others_changed_is_over_when_production_is_as_it_was(kind: SignalKind) -> None:
    """While the rollback has the endpoint nobody looks whether it serves what Sluice put there."""
    found = recovery(taken_back(a_signal(kind=kind, cause=Cause.CHANGED)), Sound(raised=True), Micros(NOW))

    assert found is not None
    assert found.outcome is BACK


# Ends


@pytest.mark.parametrize(
    "changes, how, outcome, words",
    [
        ({"outcome": BACK}, {}, BACK, ""),
        ({"outcome": BACK}, {"error": "the package was not rejected"}, BACK, "the package was not rejected"),
        ({}, {"error": "TransientFailure: no answer"}, RollbackOutcome.RETURNED, "could not be seen: TransientFailure"),
        ({"returned_at": EPOCH}, {"held": "ChangeFailed: it went back"}, HELD, "The return failed: ChangeFailed"),
        (
            {"returned_at": EPOCH, "decision": None, "fence": 0},
            {"held": "X: y"},
            HELD,
            "Nothing could be decided: X: y",
        ),
        ({"returned_at": EPOCH}, {}, HELD, "ended without a decision"),
        ({"returned_at": EPOCH, "decision": Decision.RETRAIN}, {"retraining": "arn"}, RollbackOutcome.RETRAINING, ""),
        ({"returned_at": EPOCH, "decision": Decision.RETRAIN}, {"error": "X: no"}, RollbackOutcome.ASKED, "pipeline"),
    ],
)
def test_an_end_follows_from_what_was_decided_and_what_failed(
    changes: dict[str, Any], how: dict[str, str], outcome: RollbackOutcome, words: str
) -> None:
    over = ended(taken_back(**changes), mode=Mode.ENFORCE, **how)

    assert (over.outcome, over.phase, over.is_over) == (outcome, RollbackPhase.DONE, True)
    assert words in over.because


@pytest.mark.parametrize(
    "mode, demand, outcome",
    [
        (Mode.OBSERVE, None, RollbackOutcome.RECORDED),
        (Mode.RECOMMEND, None, RollbackOutcome.ASKED),
        (Mode.ENFORCE, None, HELD),
        (Mode.OBSERVE, DEMAND, HELD),
    ],
)
def test_what_could_not_be_decided_holds_nothing_outside_of_enforce(
    mode: Mode, demand: Any, outcome: RollbackOutcome
) -> None:
    asked = a_rollback(demand=demand)

    assert ended(asked, mode=mode, held="TransientFailure: no answer").outcome is outcome


def test_a_return_that_failed_rejects_nobody() -> None:
    assert not ended(taken_back(returned_at=EPOCH), mode=Mode.ENFORCE, held="X: y").rejects
    assert ended(taken_back(outcome=BACK), mode=Mode.ENFORCE).rejects


def _endpoint(**changes: Any) -> EndpointRecord:
    good = LastKnownGood(config_of(8), "arn", 8, Micros(NOW - 5 * HOUR), Micros(NOW - 6 * HOUR))
    ordinary: dict[str, Any] = {"fence": 3, "holder": RollbackId("ab" * 16), "good": good}
    return EndpointRecord(REGION, ENDPOINT, GROUP, **(ordinary | changes))


def test_the_endpoint_is_free_afterwards_and_what_serves_is_its_last_known_good() -> None:
    rollback = taken_back(outcome=BACK)

    after = given_back(_endpoint(), rollback)

    assert (after.holder, after.intent, after.hold, after.fence) == (None, None, "", 3)
    assert after.good is not None
    assert (after.good.config, after.good.version, after.good.since) == (config_of(7), 7, rollback.returned_at)
    assert after.good.requested_at == NOW - 6 * HOUR


def test_a_hold_names_who_left_it_and_one_that_is_there_stays() -> None:
    rollback = taken_back(outcome=HELD, because="no capacity", returned_at=EPOCH)

    assert given_back(_endpoint(), rollback).held_by == (rollback.id, "no capacity")
    assert given_back(_endpoint(hold="x: y"), rollback).hold == "x: y"
    assert given_back(_endpoint(), rollback).good == _endpoint().good


def test_another_holders_lock_is_left_alone() -> None:
    others = _endpoint(holder=RolloutId("cd" * 16))

    assert given_back(others, taken_back(outcome=RollbackOutcome.NOT_NEEDED)) == others


@pytest.mark.parametrize("outcome", RollbackOutcome)
def test_every_end_has_its_notice(outcome: RollbackOutcome) -> None:
    card = ended_notice(taken_back(outcome=outcome, because="errors of 3.1 %"))

    assert card.text.startswith("fraud-scoring in us-east-1 ")
    assert "errors of 3.1 %" in card.text
    assert len(card.blocks) >= 2


@pytest.mark.parametrize(
    "incident_id, outcome, raised",
    [("", HELD, True), ("", RollbackOutcome.NOT_NEEDED, False), ("cd" * 16, HELD, False)],
)
def test_only_a_hold_that_no_incident_knows_of_raises_one(
    incident_id: str, outcome: RollbackOutcome, *, raised: bool
) -> None:
    rollback = a_rollback(incident_id=IncidentId(incident_id), outcome=outcome)

    signal = signal_of(rollback, Micros(NOW))

    assert (signal is not None) is raised
    assert signal is None or (signal.urgent and signal.source == f"rollback/{rollback.id}")


# Rejection


@pytest.mark.parametrize(
    "changes, at_fault",
    [
        ({"outcome": BACK}, True),
        ({"outcome": RollbackOutcome.RETURNED}, True),
        ({"outcome": RollbackOutcome.NOT_RECOVERED}, False),
        ({"outcome": RollbackOutcome.NOT_RECOVERED, "demand": DEMAND}, True),
        ({"outcome": BACK, "rejects": False}, False),
    ],
)
def test_a_model_is_at_fault_where_going_back_has_helped(changes: dict[str, Any], *, at_fault: bool) -> None:
    assert is_at_fault(taken_back(**changes)) is at_fault


@pytest.mark.parametrize(
    "changes, here",
    [
        ({}, True),
        ({"left": served(8, 5, package_arn="")}, False),
        ({"region": "eu-west-1"}, False),
        ({"returned_at": EPOCH}, False),
        ({"rejects": False}, False),
    ],
)
def test_a_package_is_rejected_where_it_is_registered(changes: dict[str, Any], *, here: bool) -> None:
    assert is_rejected_here(taken_back(**changes)) is here


def test_a_rejection_fits_the_registry_and_is_one_change() -> None:
    rollback = taken_back(because="Zeile\nzwei " * 300)

    intent = rejection(rollback, Micros(NOW))

    assert len(intent.description) <= 1024
    assert "\n" not in intent.description
    assert rejection_token(rollback) == rejection_token(replace(rollback, because="other words"))
    assert len(rejection_token(rollback)) <= 36


# History


def test_what_served_at_a_moment_is_known_to_the_microsecond() -> None:
    production, moment = history(), NOW - 5 * HOUR

    assert [found and found.version for found in (served_at(production, Micros(moment + n)) for n in (-1, 0, 1))] == [
        7,
        8,
        8,
    ]
    assert served_at(production, Micros(NOW - 101 * HOUR)) is None


def test_each_configuration_is_one_way_back_and_the_newest_comes_first() -> None:
    production = history(served(7, 50, 40), served(6, 40, 30), served(7, 30, 5), served(8, 5))

    ways = ways_back(production, served(8, 5))

    assert [(each.version, each.until) for each in ways] == [(7, NOW - 5 * HOUR), (6, NOW - 30 * HOUR)]


def test_a_return_is_history_once() -> None:
    rollback = taken_back(outcome=BACK)

    once = returned(history(), rollback)

    assert returned(once, rollback).served == once.served
    assert [(e.version, e.until) for e in once.served[-2:]] == [(8, rollback.returned_at), (7, EPOCH)]


def test_what_a_person_took_back_is_theirs_and_counts_against_no_limit() -> None:
    after = returned(history(), taken_back(outcome=BACK, demand=DEMAND))

    assert after.served[-1].decided_by == CHEN
    assert after.returns == ()


def test_what_a_person_had_put_there_stays_theirs_after_an_automatic_return() -> None:
    rollback = taken_back(outcome=BACK, target=served(7, 50, 5, decided_by=BEN))

    assert returned(history(), rollback).served[-1].decided_by == BEN


def test_returns_of_more_than_a_day_ago_are_forgotten() -> None:
    day = 24 * HOUR
    rollback = taken_back(outcome=BACK)
    before = tuple(Micros(rollback.intended_at - day + n) for n in (-1, 0, 1))

    after = returned(history(returns=before), rollback)

    assert after.returns == (before[2], rollback.intended_at)


def test_what_was_only_recorded_speaks_against_the_version_all_the_same() -> None:
    rollback = taken_back(outcome=RollbackOutcome.RECORDED, returned_at=EPOCH, intended_at=EPOCH, rejects=False)

    after = returned(history(), rollback)

    assert after.served[-1].condemned == (Condemned("alarm/errors", rollback.signal.at),)
    assert (after.served[-1].until, after.returns) == (EPOCH, ())


def test_a_source_condemns_a_version_once() -> None:
    rollback = taken_back(outcome=RollbackOutcome.RECORDED, returned_at=EPOCH)
    again = replace(rollback, signal=a_signal(at=NOW + 1))

    after = returned(returned(history(), rollback), again)

    assert len(after.served[-1].condemned) == 1


def test_earlier_times_of_a_version_are_forgotten_before_other_versions_are() -> None:
    entries = [served(6, 90, 80), served(7, 80, 70), served(6, 70, 60), served(5, 60, 50), served(8, 50)]
    rollback = taken_back(left=entries[-1], target=entries[3], outcome=BACK)

    after = returned(history(*entries), rollback)

    assert len(after.served) == KEPT
    assert [each.version for each in after.served] == [7, 6, 5, 8, 5]


# What is made again


def test_the_goal_is_the_old_version_with_as_many_instances_as_now() -> None:
    rollback = taken_back(instances=7)

    goal = goal_of(rollback)

    assert (goal.config, set(goal.before), goal.mends) == (config_of(7), {config_of(8)}, True)
    assert goal.counts == {"AllTraffic": 7}


def test_without_a_target_there_is_no_goal() -> None:
    with pytest.raises(PermanentFailure, match="no target"):
        goal_of(a_rollback())


def test_all_instances_that_serve_count_and_a_serverless_version_has_none() -> None:
    two = seen(variants=(VariantSeen("AllTraffic", 1, 1, 4, 4), VariantSeen("candidate", 1, 1, 2, 3)))
    document = {"ProductionVariants": [{"VariantName": "AllTraffic", "ServerlessConfig": {}}]}

    assert instances_now(taken_back(), two) == 7
    assert instances_now(taken_back(), None) == 0
    assert instances_now(taken_back(target=served(7, 50, 5, document=document)), two) == 0


def test_scaling_is_only_in_the_way_where_type_or_name_of_the_variant_changes() -> None:
    other = {"ProductionVariants": [{"VariantName": "blue", "InstanceType": "ml.m6i.large"}]}
    scaling = ScalingSeen(f"endpoint/{ENDPOINT}/variant/blue", 2, 20)
    same, changed = taken_back(scaling=scaling), taken_back(left=served(8, 5, document=other), scaling=scaling)

    assert (changes_hosting(same), scaling_after(same)) == (False, None)
    assert changes_hosting(changed)
    assert scaling_after(changed) == replace(scaling, resource_id=f"endpoint/{ENDPOINT}/variant/AllTraffic")


@pytest.mark.parametrize(
    "ran, named, moved",
    [
        ((f"fraud@{A}",), A, False),
        ((f"fraud@{A}",), B, True),
        ((), B, False),
        ((f"fraud@{A}",), None, False),
        (("fraud:latest",), B, False),
    ],
)
def test_a_package_that_names_other_images_than_ran_is_another_version(
    ran: tuple[str, ...], named: str | None, *, moved: bool
) -> None:
    package = a_package(containers=(Container("fraud:latest", named, "s3://models/7"),))

    assert bool(changed_images(served(7, 50, 5, images=ran), package)) is moved


@pytest.mark.parametrize("ran, runs, strange", [(A, A, False), (A, B, True), ("", B, False), (A, "", False)])
def test_what_runs_after_the_return_is_what_ran_before(ran: str, runs: str, *, strange: bool) -> None:
    target = served(7, 50, 5, images=(f"fraud@{ran}",))

    assert bool(strange_images(target, (f"fraud@{runs}",))) is strange


# Names


def test_names_are_one_for_what_is_asked_for_once() -> None:
    incident = IncidentId("cd" * 16)
    ids = {rollback_id_of(incident, number) for number in (1, 2)}
    by_hand = {demanded_rollback_id(RolloutId("ef" * 16), Micros(at)) for at in (1, 2)}

    assert len(ids | by_hand) == 4
    assert all(len(each) == 32 for each in ids | by_hand)
    assert rollback_id_of(incident, 1) in ids
    assert len(rollback_execution(next(iter(ids)), 999)) <= 80
