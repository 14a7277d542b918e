"""What follows from a signal, case by case."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.core.rollback.decide import decide
from sluice.model.endpoint import EndpointRecord, EndpointStatus
from sluice.model.governing import Mode
from sluice.model.ids import Micros, RollbackId, RolloutId
from sluice.model.package import PackageStatus, RegistryStatus
from sluice.model.production import Served
from sluice.model.response_rules import RollbackRules
from sluice.model.rollback import Decision, RollbackOutcome
from sluice.model.rollout import RolloutOutcome
from sluice.model.signal import Cause, SignalKind
from tests.approvals import NOW
from tests.packages import BEN, CHEN, GROUP, REGION
from tests.rollback_situations import (
    DEMAND,
    HOUR,
    a_rollback,
    arn_of,
    blamed,
    config_of,
    history,
    packages,
    seen,
    served,
    situation,
)
from tests.rollout_records import ended
from tests.trouble import ENDPOINT, a_signal

BACK, HOLD, ASK, RECORD = Decision.ROLL_BACK, Decision.HOLD, Decision.ASK, Decision.RECORD
SECOND = 1_000_000
MINUTE = 60 * SECOND


def _to(decided: Any) -> int | None:
    return None if decided.target is None else decided.target.version


def test_the_version_before_serves_again_and_the_package_that_left_is_rejected() -> None:
    decided = decide(situation())

    assert (decided.decision, _to(decided), decided.rejects, decided.outcome) == (BACK, 7, True, None)
    assert decided.left is not None
    assert decided.left.version == 8
    assert "version 8 (fraud-scoring-v8) goes, version 7 (fraud-scoring-v7) serves again" in decided.reason


# What the signal is about


def test_what_is_cleared_by_now_needs_no_answer() -> None:
    decided = decide(situation(raised=False))

    assert (decided.decision, decided.outcome) == (None, RollbackOutcome.NOT_NEEDED)


def test_what_a_person_has_resolved_is_not_acted_upon_any_more() -> None:
    decided = decide(situation(settled=True))

    assert (decided.decision, decided.outcome) == (None, RollbackOutcome.NOT_NEEDED)
    assert decide(situation(settled=True, rollback=a_rollback(demand=DEMAND))).decision is BACK


@pytest.mark.parametrize(
    "hours_ago, outcome",
    [(6, RollbackOutcome.NOT_NEEDED), (5.01, RollbackOutcome.NOT_NEEDED), (5, None), (4.9, None)],
)
def test_a_signal_is_about_what_served_when_it_was_raised(hours_ago: float, outcome: RollbackOutcome | None) -> None:
    late = a_signal(at=int(NOW - hours_ago * HOUR))

    decided = decide(situation(rollback=a_rollback(late), raised_at=(late.at,)))

    assert decided.outcome is outcome


def test_a_signal_that_names_a_version_takes_no_other_back() -> None:
    about_seven = a_signal(config=config_of(7))

    decided = decide(situation(rollback=a_rollback(about_seven)))

    assert (decided.decision, decided.outcome) == (None, RollbackOutcome.NOT_NEEDED)
    assert "about fraud-scoring-v7, but version 8" in decided.reason


def test_a_signal_from_before_all_that_is_remembered_takes_nobody_back() -> None:
    decided = decide(situation(rollback=a_rollback(a_signal(at=NOW - 200 * HOUR))))

    assert decided.outcome is RollbackOutcome.NOT_NEEDED


def test_a_signal_of_yesterday_that_names_what_serves_counts() -> None:
    named = a_signal(at=NOW - 24 * HOUR, config=config_of(8))

    assert decide(situation(rollback=a_rollback(named))).decision is BACK


# Where to


def test_there_is_no_way_back_where_nothing_else_has_served() -> None:
    decided = decide(situation(production=history(served(8, 5))))

    assert (decided.decision, decided.outcome) == (HOLD, RollbackOutcome.HELD)
    assert "no way back" in decided.reason


def test_there_is_no_way_back_without_a_history() -> None:
    decided = decide(situation(production=history().__class__(REGION, ENDPOINT, GROUP)))

    assert decided.decision is HOLD


def test_what_others_put_there_before_is_no_way_back_by_itself_but_for_a_person() -> None:
    theirs = served(0, 50, 5, package_arn="", config="by-hand")
    production = history(theirs, served(8, 5))

    by_itself = decide(situation(production=production))
    asked_for = decide(situation(production=production, rollback=a_rollback(demand=DEMAND)))

    assert by_itself.decision is HOLD
    assert "by-hand was not put there by Sluice" in by_itself.reason
    assert (asked_for.decision, asked_for.target) == (BACK, theirs)


@pytest.mark.parametrize(
    "about, words",
    [
        ({"status": RegistryStatus.REJECTED}, "Rejected, not Approved"),
        ({"status": RegistryStatus.PENDING}, "PendingManualApproval, not Approved"),
        ({"package_status": PackageStatus.DELETING}, "Deleting, not Completed"),
    ],
)
def test_a_version_that_is_not_approved_any_more_is_passed_over(about: dict[str, Any], words: str) -> None:
    only = history(served(7, 50, 5), served(8, 5))

    older = decide(situation(packages=packages(6) | packages(7, **about)))
    none = decide(situation(production=only, packages=packages(7, **about)))

    assert (older.decision, _to(older)) == (BACK, 6)
    assert none.decision is HOLD
    assert words in none.reason


def test_a_package_that_is_gone_is_passed_over() -> None:
    assert _to(decide(situation(packages=packages(6) | {arn_of(7).text: None}))) == 6


def test_a_version_that_was_taken_back_itself_is_passed_over() -> None:
    production = history(served(6, 100, 50), served(7, 50, 5, rejected=True), served(8, 5))

    assert _to(decide(situation(production=production))) == 6


def test_a_version_of_which_nothing_is_known_is_passed_over() -> None:
    production = history(served(6, 100, 50), served(7, 50, 5, document=None), served(8, 5))

    assert _to(decide(situation(production=production))) == 6


# Both bad


def test_where_the_same_source_spoke_against_the_version_before_the_cause_lies_elsewhere() -> None:
    production = history(served(6, 100, 50), served(7, 50, 5, condemned=blamed()), served(8, 5))

    decided = decide(situation(production=production))

    assert (decided.decision, decided.outcome) == (HOLD, RollbackOutcome.HELD)
    assert "the cause lies elsewhere" in decided.reason


def test_what_another_source_said_against_the_version_before_does_not_count() -> None:
    production = history(served(7, 50, 5, condemned=blamed("alarm/latency")), served(8, 5))

    assert decide(situation(production=production)).decision is BACK


@pytest.mark.parametrize("hours_ago, decision", [(6, HOLD), (5.001, HOLD), (5, BACK), (51, BACK)])
def test_what_was_raised_in_this_incident_while_the_version_before_served_comes_from_elsewhere(
    hours_ago: float, decision: Decision
) -> None:
    raised_at = (Micros(int(NOW - hours_ago * HOUR)), Micros(NOW))

    assert decide(situation(raised_at=raised_at)).decision is decision


# The last human decision


def test_automation_does_not_leave_what_a_person_put_there() -> None:
    production = history(served(7, 50, 5), served(8, 5, decided_by=BEN))

    decided = decide(situation(production=production))

    assert decided.decision is HOLD
    assert f"A person decided that version 8 (fraud-scoring-v8) serves ({BEN})" in decided.reason


def test_automation_goes_to_what_a_person_put_there_but_not_behind_it() -> None:
    production = history(served(6, 100, 50), served(7, 50, 5, decided_by=BEN), served(8, 5))

    to_it = decide(situation(production=production))
    behind = decide(
        situation(production=production, packages=packages(6) | packages(7, status=RegistryStatus.REJECTED))
    )

    assert (to_it.decision, _to(to_it)) == (BACK, 7)
    assert behind.decision is HOLD
    assert f"A person decided that version 7 (fraud-scoring-v7) serves ({BEN})" in behind.reason


def test_what_somebody_put_there_around_sluice_stays_unless_the_policy_undoes_changes() -> None:
    by_hand = seen(config="by-hand")
    undoing = RollbackRules(on=(Cause.CHANGED,))
    changed = a_rollback(a_signal("outside/endpoint", cause=Cause.CHANGED, kind=SignalKind.OUTSIDE))

    by_alarm = decide(situation(seen=by_hand))
    undone = decide(situation(seen=by_hand, rules=undoing, rollback=changed))

    assert by_alarm.decision is HOLD
    assert "not by Sluice" in by_alarm.reason
    assert (undone.decision, _to(undone), undone.rejects) == (BACK, 8, False)


# Limits


@pytest.mark.parametrize("ago_s, decision", [(0, HOLD), (3599, HOLD), (3600, BACK), (90_000, BACK)])
def test_an_endpoint_is_not_taken_back_twice_within_the_cool_down(ago_s: int, decision: Decision) -> None:
    production = history(returns=(Micros(NOW - ago_s * SECOND),))

    assert decide(situation(production=production)).decision is decision


@pytest.mark.parametrize(
    "hours_ago, decision", [((20, 10), HOLD), ((24, 10), BACK), ((23.99, 10), HOLD), ((10,), BACK)]
)
def test_an_endpoint_is_taken_back_so_many_times_a_day_and_no_more(
    hours_ago: tuple[float, ...], decision: Decision
) -> None:
    returns = tuple(Micros(int(NOW - hours * HOUR)) for hours in hours_ago)

    assert decide(situation(production=history(returns=returns))).decision is decision


def test_an_endpoint_on_hold_is_left_to_people() -> None:
    on_hold = EndpointRecord(REGION, ENDPOINT, GROUP, hold="7d1f: the return failed")

    decided = decide(situation(endpoint=on_hold))

    assert decided.decision is HOLD
    assert "on hold already: 7d1f: the return failed" in decided.reason


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": Mode.OBSERVE},
        {"mode": Mode.RECOMMEND},
        {"production": history(returns=(Micros(NOW - MINUTE), Micros(NOW - HOUR)))},
        {"rules": RollbackRules(on=(), at_most=0)},
        {"endpoint": EndpointRecord(REGION, ENDPOINT, GROUP, hold="7d1f: the return failed")},
        {"production": history(served(7, 50, 5), served(8, 5, decided_by=BEN))},
        {"raised": False},
    ],
    ids=lambda c: next(iter(c)),
)
def test_a_person_is_bound_by_no_mode_and_no_limit(changes: dict[str, Any]) -> None:
    decided = decide(situation(rollback=a_rollback(demand=DEMAND), **changes))

    assert (decided.decision, _to(decided), decided.rejects) == (BACK, 7, True)
    assert "Chen: customers complain" in decided.reason


def test_a_person_gets_what_nothing_speaks_against_where_there_is_such_a_version() -> None:
    doubted = history(served(6, 100, 50), served(7, 50, 5, condemned=blamed()), served(8, 5))
    nothing_else = history(served(7, 50, 5, condemned=blamed()), served(8, 5))
    wanted = a_rollback(demand=DEMAND)

    assert _to(decide(situation(rollback=wanted, production=doubted))) == 6
    assert _to(decide(situation(rollback=wanted, production=nothing_else))) == 7


def test_a_person_gets_nothing_that_is_not_approved() -> None:
    decided = decide(situation(rollback=a_rollback(demand=DEMAND), packages=packages(status=RegistryStatus.REJECTED)))

    assert (decided.decision, decided.outcome) == (HOLD, RollbackOutcome.HELD)


def test_a_person_who_means_a_version_that_is_gone_by_now_is_told_so() -> None:
    meant = a_rollback(a_signal("person/U0CHEN", config=config_of(7)), demand=DEMAND)

    assert decide(situation(rollback=meant)).outcome is RollbackOutcome.NOT_NEEDED


# Causes and modes


def test_a_cause_that_takes_nobody_back_asks_people() -> None:
    drift = a_rollback(a_signal(cause=Cause.DATA_QUALITY))

    decided = decide(situation(rollback=drift))

    assert (decided.decision, decided.outcome, _to(decided)) == (ASK, RollbackOutcome.ASKED, 7)
    assert "data quality" in decided.reason


def test_a_cause_that_is_answered_by_training_starts_the_pipeline() -> None:
    rules = RollbackRules(pipeline="fraud-retraining", retrain_on=(Cause.DATA_QUALITY,))

    decided = decide(situation(rollback=a_rollback(a_signal(cause=Cause.DATA_QUALITY)), rules=rules))

    assert (decided.decision, decided.outcome) == (Decision.RETRAIN, None)


def test_training_without_a_pipeline_asks_people() -> None:
    rules = RollbackRules(retrain_on=(Cause.DATA_QUALITY,))

    decided = decide(situation(rollback=a_rollback(a_signal(cause=Cause.DATA_QUALITY)), rules=rules))

    assert decided.decision is ASK


@pytest.mark.parametrize(
    "cause, rejects",
    [
        (Cause.ERRORS, True),
        (Cause.LATENCY, True),
        (Cause.KPI, True),
        (Cause.MODEL_QUALITY, True),
        (Cause.BIAS, True),
        (Cause.AVAILABILITY, False),
        (Cause.DATA_QUALITY, False),
        (Cause.OTHER, False),
    ],
)
def test_a_package_is_rejected_only_where_the_model_is_at_fault(cause: Cause, *, rejects: bool) -> None:
    rules = RollbackRules(on=tuple(Cause))

    decided = decide(situation(rollback=a_rollback(a_signal(cause=cause)), rules=rules))

    assert (decided.decision, decided.rejects) == (BACK, rejects)


def test_recommend_asks_and_says_what_it_would_do() -> None:
    decided = decide(situation(mode=Mode.RECOMMEND))

    assert (decided.decision, decided.outcome, _to(decided)) == (ASK, RollbackOutcome.ASKED, 7)
    assert "It would be taken back. version 8" in decided.reason


def test_observe_records_what_would_have_been_done() -> None:
    decided = decide(situation(mode=Mode.OBSERVE))

    assert (decided.decision, decided.outcome) == (RECORD, RollbackOutcome.RECORDED)
    assert "nothing was changed. It would be taken back. version 8" in decided.reason


# An endpoint that is not as it should be


@pytest.mark.parametrize("status", [EndpointStatus.FAILED, EndpointStatus.OUT_OF_SERVICE, EndpointStatus.DELETING])
def test_what_no_update_can_mend_is_left_to_people(status: EndpointStatus) -> None:
    assert decide(situation(seen=seen(status=status))).decision is HOLD


def test_an_endpoint_that_is_gone_is_left_to_people() -> None:
    decided = decide(situation(seen=None))

    assert decided.decision is HOLD
    assert "no endpoint fraud-scoring" in decided.reason


@pytest.mark.parametrize("status", [EndpointStatus.UPDATING, EndpointStatus.UPDATE_ROLLBACK_FAILED])
def test_an_endpoint_that_is_busy_or_a_mix_is_taken_back_all_the_same(status: EndpointStatus) -> None:
    assert decide(situation(seen=seen(status=status))).decision is BACK


# Somebody else has the endpoint


def test_a_rollout_under_way_is_told_and_waited_for() -> None:
    held = EndpointRecord(REGION, ENDPOINT, GROUP, holder=RolloutId("11" * 16))

    decided = decide(situation(endpoint=held, held_by_rollout=True))

    assert (decided.decision, decided.outcome, decided.wait_s) == (Decision.HAND_OVER, None, 30)


def test_another_rollback_is_waited_for_and_told_nothing() -> None:
    held = EndpointRecord(REGION, ENDPOINT, GROUP, holder=RollbackId("11" * 16))

    decided = decide(situation(endpoint=held))

    assert (decided.decision, decided.outcome, decided.wait_s) == (None, None, 30)


@pytest.mark.parametrize("waited_s, wait_s", [(0, 30), (300, 30), (301, 30), (600, 60), (86_400, 900)])
def test_what_has_to_be_waited_for_long_is_looked_at_ever_less_often(waited_s: int, wait_s: int) -> None:
    held = EndpointRecord(REGION, ENDPOINT, GROUP, holder=RolloutId("11" * 16))

    decided = decide(situation(endpoint=held, held_by_rollout=True, now=Micros(NOW + waited_s * SECOND)))

    assert decided.wait_s == wait_s


def test_observe_waits_for_nobody() -> None:
    held = EndpointRecord(REGION, ENDPOINT, GROUP, holder=RolloutId("11" * 16))

    decided = decide(situation(endpoint=held, held_by_rollout=True, mode=Mode.OBSERVE))

    assert (decided.decision, decided.wait_s) == (RECORD, 0)


def _after_rollout(outcome: RolloutOutcome, **changes: Any) -> Any:
    """The rollout that heard of it has ended, ten minutes ago."""
    back_at = Micros(NOW - 10 * MINUTE)
    raised = Micros(NOW - HOUR)
    about: dict[str, Any] = {
        "rollback": a_rollback(a_signal(at=raised), handed_to=RolloutId("11" * 16)),
        "handed": ended(outcome),
        "seen": seen(modified_at=back_at),
        "raised_at": (raised,),
    }
    return decide(situation(**(about | changes)))


def test_what_is_cleared_at_the_end_of_the_rollout_was_its_doing() -> None:
    decided = _after_rollout(RolloutOutcome.RETURNED, raised=False)

    assert (decided.decision, decided.outcome) == (None, RollbackOutcome.HANDED_OVER)
    assert "ended as returned" in decided.reason


@pytest.mark.parametrize("minutes, waits", [(10, True), (29, True), (30, False), (40, False)])
def test_a_rollout_that_took_its_version_back_is_given_time_to_have_helped(minutes: int, *, waits: bool) -> None:
    back_at = Micros(NOW - minutes * MINUTE)

    decided = _after_rollout(RolloutOutcome.RETURNED, seen=seen(modified_at=back_at))

    assert (decided.wait_s > 0) is waits
    assert decided.decision is (Decision.HAND_OVER if waits else BACK)


def test_a_monitor_is_not_waited_for_after_a_rollout_that_took_its_version_back() -> None:
    raised = Micros(NOW - HOUR)
    monitor = a_signal("monitor/daily", at=raised, kind=SignalKind.MONITOR, cause=Cause.MODEL_QUALITY)

    decided = _after_rollout(
        RolloutOutcome.RETURNED, rollback=a_rollback(monitor, handed_to=RolloutId("11" * 16)), raised_at=(raised,)
    )

    assert (decided.decision, decided.outcome) == (None, RollbackOutcome.HANDED_OVER)


@pytest.mark.parametrize("begun_h, decision", [(2, BACK), (1, BACK), (0.99, HOLD)])
def test_what_was_raised_while_two_versions_served_is_about_the_one_that_was_promoted(
    begun_h: float, decision: Decision
) -> None:
    production = history(served(7, 50, 0.2), served(8, 0.2))
    promoted = replace(ended(RolloutOutcome.PROMOTED), begun_at=Micros(int(NOW - begun_h * HOUR)))

    decided = _after_rollout(RolloutOutcome.PROMOTED, production=production, handed=promoted)

    assert decided.decision is decision


def test_a_rollout_that_was_refused_has_changed_nothing() -> None:
    assert _after_rollout(RolloutOutcome.REFUSED).decision is BACK


def test_what_served_last_of_a_configuration_counts() -> None:
    """Version 7 served twice: from its second time on nothing speaks against it."""
    entries: tuple[Served, ...] = (
        served(7, 50, 40),
        served(6, 40, 30, rejected=True),
        served(7, 30, 5, decided_by=CHEN),
        served(8, 5),
    )

    decided = decide(situation(production=history(*entries)))

    assert decided.target is not None
    assert decided.target.decided_by == CHEN
