"""What no event told of is found by looking: alarms, monitors, endpoints, and the alarms that Sluice makes itself."""

from dataclasses import replace

import pytest

from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.alarm_seen import QuietAlarm
from sluice.model.endpoint import EndpointStatus
from sluice.model.ids import Micros
from sluice.model.metric_query import AlarmState
from sluice.model.monitor_seen import RunStatus
from sluice.model.response_rules import WatchedMetric
from sluice.model.signal import Cause
from sluice.usecases.remembering import recall
from sluice.usecases.signals.watch_production import Watched
from tests.event_samples import ROOT
from tests.packages import GROUP
from tests.rollouts import ENDPOINT
from tests.signals import SCHEDULE, SECOND, SignalWorld, watching

NAME = "fraud-5xx"
PSI = WatchedMetric("psi", "Drift", "PSI", {"Endpoint": "{endpoint}", "Variant": "{variant}"}, "Maximum", 0.2)
OWN = f"sluice-watch-{GROUP}/psi"
REPORT = (ROOT / "tests/samples/constraint_violations_data_quality.json").read_bytes()
NOTHING = Watched()


def _raised(world: SignalWorld) -> set[str]:
    return {seen.source for seen in world.incident().signals if seen.raised}


def test_where_all_is_well_there_is_no_news() -> None:
    world = SignalWorld()
    world.serve()
    world.alarm(NAME, AlarmState.OK)

    assert world.watch() == NOTHING
    assert world.signals == []


# Alarms


def test_an_alarm_whose_event_was_lost_is_heard() -> None:
    world = SignalWorld()
    world.alarm(NAME)

    assert world.watch() == replace(NOTHING, rang_unheard=1)
    assert _raised(world) == {f"alarm/{NAME}"}


def test_an_alarm_that_was_heard_is_no_news() -> None:
    world = SignalWorld()
    world.alarm(NAME)
    world.hear(NAME)

    assert world.watch() == NOTHING
    assert world.incident().signals[0].times == 1


def test_an_alarm_that_has_rung_for_long_is_not_looked_at_again_and_again() -> None:
    world = SignalWorld()
    world.alarm(NAME)
    world.later(2 * 3600)

    assert world.watch() == NOTHING


def test_an_alarm_that_is_ok_again_clears_what_it_raised_though_its_event_was_lost() -> None:
    world = SignalWorld()
    world.alarm(NAME)
    world.hear(NAME)

    world.later(60)
    world.alarm(NAME, AlarmState.OK)

    assert world.watch() == replace(NOTHING, cleared=1)
    assert _raised(world) == set()


def test_an_alarm_without_data_clears_nothing() -> None:
    world = SignalWorld()
    world.alarm(NAME)
    world.hear(NAME)

    world.later(60)
    world.alarm(NAME, AlarmState.INSUFFICIENT_DATA)

    assert world.watch() == NOTHING
    assert _raised(world) == {f"alarm/{NAME}"}


def test_an_alarm_that_was_deleted_while_it_rang_is_cleared_and_that_is_said() -> None:
    world = SignalWorld()
    world.alarm(NAME)
    world.hear(NAME)
    del world.alarms.alarms[NAME]

    assert world.watch() == replace(NOTHING, cleared=1)
    assert "does not exist any more" in world.signals[-1].summary
    assert _raised(world) == set()


def test_an_alarm_that_still_rings_when_its_mute_ends_is_heard_then() -> None:
    world = SignalWorld()
    world.alarm(NAME)
    world.hear(NAME, muted_until=Micros(world.clock.at + 600 * SECOND))

    before = world.watch()
    world.later(601)
    after = world.watch()

    assert before == NOTHING
    assert after.rang_unheard + after.unmuted == 1
    assert _raised(world) == {f"alarm/{NAME}"}
    assert list(world.records.due(QuietAlarm.KIND, before=Micros(2**62))) == []


def test_an_alarm_that_rings_no_more_when_its_mute_ends_says_nothing() -> None:
    world = SignalWorld()
    world.alarm(NAME)
    world.hear(NAME, muted_until=Micros(world.clock.at + 600 * SECOND))
    world.alarm(NAME, AlarmState.OK)

    world.later(601)

    assert world.watch() == NOTHING
    assert world.signals == []
    assert list(world.records.due(QuietAlarm.KIND, before=Micros(2**62))) == []


def test_a_suppressed_alarm_is_looked_at_until_it_is_suppressed_no_more() -> None:
    world = SignalWorld()
    world.alarm(NAME, suppressed="Alarm")
    world.hear(NAME)

    for _ in range(3):
        world.later(301)
        assert world.watch() == NOTHING
    world.alarms.put(replace(world.alarms.alarms[NAME], suppressed=""))
    world.later(301)

    world.watch()
    assert _raised(world) == {f"alarm/{NAME}"}
    assert recall(world.records, QuietAlarm, NAME) is not None


# Monitors and endpoints


def test_a_run_with_violations_whose_event_was_lost_is_heard() -> None:
    world = SignalWorld()
    world.schedule()
    world.run(RunStatus.COMPLETED_WITH_VIOLATIONS, REPORT, told=False)

    assert world.watch() == replace(NOTHING, runs=1)
    assert _raised(world) == {f"monitor/{SCHEDULE}"}
    assert world.watch() == NOTHING


def test_a_run_about_no_endpoint_of_a_policy_is_left_alone() -> None:
    world = SignalWorld()
    world.schedule(endpoint="somebody-elses")
    world.run(RunStatus.COMPLETED_WITH_VIOLATIONS, REPORT, told=False)
    world.monitors.down = None

    assert world.watch() == NOTHING


def test_an_endpoint_whose_event_was_lost_is_seen() -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(EndpointStatus.FAILED)

    assert world.watch() == replace(NOTHING, endpoints=1)
    assert _raised(world) == {f"endpoint/{ENDPOINT}"}
    assert world.watch() == NOTHING


def test_a_change_around_sluice_without_a_trail_is_seen() -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(config="theirs")

    world.watch()

    assert _raised(world) == {f"changed/{ENDPOINT}"}


# The alarms that Sluice makes for metrics of a policy


def test_the_alarms_that_a_policy_wants_are_made_once() -> None:
    world = SignalWorld(watching(metrics=(PSI,)))

    first, second = world.watch(), world.watch()

    assert (first, second) == (replace(NOTHING, alarms_kept=1), NOTHING)
    plan = world.own_alarms.plans[OWN]
    assert plan.metrics[0].dimensions == {"Endpoint": ENDPOINT, "Variant": "AllTraffic"}
    assert (plan.threshold, plan.operator, plan.period_s) == (0.2, "GreaterThanThreshold", 3600)


def test_a_metric_that_must_not_fall_makes_an_alarm_below_its_limit() -> None:
    world = SignalWorld(watching(metrics=(replace(PSI, above=False),)))

    world.watch()

    assert world.own_alarms.plans[OWN].operator == "LessThanThreshold"


def test_an_alarm_whose_metric_is_named_no_more_is_deleted() -> None:
    world = SignalWorld(watching(metrics=(PSI, replace(PSI, name="ks"))))
    world.watch()

    world.govern(watching(metrics=(PSI,)))
    world.watch()

    assert set(world.own_alarms.plans) == {OWN}


def test_a_changed_limit_changes_the_alarm() -> None:
    world = SignalWorld(watching(metrics=(PSI,)))
    world.watch()

    world.govern(watching(metrics=(replace(PSI, limit=0.3),)))
    world.watch()

    assert world.own_alarms.plans[OWN].threshold == 0.3


def test_an_alarm_that_somebody_deleted_is_made_again() -> None:
    world = SignalWorld(watching(metrics=(PSI,)))
    world.watch()
    world.own_alarms.plans.clear()

    world.watch()

    assert set(world.own_alarms.plans) == {OWN}


def test_an_alarm_that_was_made_before_a_death_is_not_forgotten() -> None:
    """The names are on record before anything is made, so that what was made can be found and deleted."""
    world = SignalWorld(watching(metrics=(PSI,)))
    world.records.fail(TransientFailure("TransactWriteItems: Throttling"))
    with pytest.raises(TransientFailure):
        world.watch()
    assert set(world.own_alarms.plans) == {OWN}

    world.govern(watching())
    world.watch()

    assert world.own_alarms.plans == {}


def test_a_violation_of_such_a_metric_has_the_cause_that_the_policy_says() -> None:
    world = SignalWorld(watching(metrics=(replace(PSI, cause=Cause.DATA_QUALITY),)))
    world.alarm(OWN, metrics=())

    world.watch()

    assert [signal.cause for signal in world.signals] == [Cause.DATA_QUALITY]


# Failures


def test_what_cannot_be_looked_at_keeps_nothing_else_from_it_and_is_raised_at_the_end() -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(EndpointStatus.FAILED)
    world.alarms.down = PermanentFailure("DescribeAlarms: AccessDenied")
    world.monitors.down = PermanentFailure("ListMonitoringExecutions: AccessDenied")

    with pytest.raises(PermanentFailure):
        world.watch()

    assert _raised(world) == {f"endpoint/{ENDPOINT}"}
