"""What an alarm says of an endpoint becomes a signal, whatever kind of alarm it is; what it cannot say does not."""

import pytest

from sluice.core.signals.watch_alarms import watch_alarm_name
from sluice.errors import TransientFailure
from sluice.model.alarm_seen import QuietAlarm
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros
from sluice.model.metric_query import AlarmState
from sluice.model.response_rules import WatchedMetric
from sluice.model.signal import Cause, SignalKind
from sluice.usecases.remembering import recall
from sluice.usecases.signals.taking import SignalAction
from tests.packages import CHAIN, GROUP, REGION
from tests.rollouts import ENDPOINT
from tests.signals import SECOND, SignalWorld, metric, watching

NAME = "fraud-5xx"


def test_an_alarm_on_a_metric_of_the_endpoint_raises_a_signal() -> None:
    world = SignalWorld()
    seen = world.alarm(NAME, value=0.07, limit=0.02)

    admission = world.hear(NAME)

    assert admission.action is SignalAction.TAKE
    (signal,) = world.signals
    assert (signal.kind, signal.cause, signal.raised) == (SignalKind.ALARM, Cause.ERRORS, True)
    assert (signal.group, signal.endpoint, signal.region) == (GROUP, ENDPOINT, REGION)
    assert (signal.source, signal.at) == (f"alarm/{NAME}", seen.since)
    assert [(f.name, f.value, f.limit) for f in signal.findings] == [("Invocation5XXErrors", 0.07, 0.02)]


def test_the_same_alarm_at_ok_clears_what_it_raised() -> None:
    world = SignalWorld()
    world.alarm(NAME)
    world.hear(NAME)

    world.later(60)
    world.alarm(NAME, AlarmState.OK)
    world.hear(NAME, AlarmState.OK)

    raised, cleared = world.signals
    assert (cleared.raised, cleared.source) == (False, raised.source)
    assert cleared.at > raised.at


def test_what_cloudwatch_says_counts_and_not_what_the_event_says() -> None:
    world = SignalWorld()
    world.alarm(NAME, AlarmState.OK)

    world.hear(NAME, AlarmState.ALARM)

    assert [signal.raised for signal in world.signals] == [False]


def test_too_little_data_neither_raises_nor_clears() -> None:
    world = SignalWorld()
    world.alarm(NAME, AlarmState.INSUFFICIENT_DATA)

    admission = world.hear(NAME, AlarmState.INSUFFICIENT_DATA)

    assert admission.action is SignalAction.IGNORE
    assert "too little data" in admission.reason
    assert world.signals == []


def test_an_event_that_comes_again_makes_the_same_signal() -> None:
    world = SignalWorld()
    world.alarm(NAME)

    for _ in range(3):
        world.hear(NAME)

    assert len({signal.key for signal in world.signals}) == 1


def test_an_alarm_of_another_account_or_region_is_not_looked_at() -> None:
    world = SignalWorld()
    world.alarm(NAME)

    reasons = [world.hear(NAME, account="999999999999").reason, world.hear(NAME, region="eu-west-1").reason]

    assert [reason.split()[0] for reason in reasons] == ["it", "it"]
    assert world.alarms.calls == []


# Kept quiet


def test_a_muted_alarm_is_on_record_and_asks_for_nothing_until_its_mute_ends() -> None:
    world = SignalWorld()
    world.alarm(NAME)
    until = Micros(world.clock.at + 3600 * SECOND)

    admission = world.hear(NAME, muted_until=until)

    assert (admission.action, world.signals) == (SignalAction.KEEP_QUIET, [])
    (due,) = world.records.due(QuietAlarm.KIND, before=Micros(until + 1))
    assert due.key.id == NAME
    assert [entry.kind for entry in world.records.entries(CHAIN)] == [EntryKind.SIGNAL_MUTED]


def test_a_mute_that_is_over_when_the_event_comes_keeps_nothing_quiet() -> None:
    world = SignalWorld()
    world.alarm(NAME)

    world.hear(NAME, muted_until=Micros(world.clock.at - SECOND))

    assert [signal.raised for signal in world.signals] == [True]


def test_a_muted_alarm_that_is_told_twice_is_on_record_once() -> None:
    world = SignalWorld()
    world.alarm(NAME)

    for _ in range(2):
        world.hear(NAME, muted_until=Micros(world.clock.at + 3600 * SECOND))

    assert len(world.records.entries(CHAIN)) == 1


def test_a_muted_alarm_clears_what_it_raised_before_as_any_other() -> None:
    world = SignalWorld()
    world.alarm(NAME, AlarmState.OK)

    world.hear(NAME, AlarmState.OK, muted_until=Micros(world.clock.at + 3600 * SECOND))

    assert [signal.raised for signal in world.signals] == [False]


def test_a_suppressed_composite_alarm_is_looked_at_again_in_a_few_minutes() -> None:
    world = SignalWorld()
    world.alarm(NAME, rule="ALARM(x)", suppressed="WaitPeriod")

    admission = world.hear(NAME)

    assert admission.action is SignalAction.KEEP_QUIET
    assert "WaitPeriod" in admission.reason
    known = recall(world.records, QuietAlarm, NAME)
    assert known is not None
    assert 0 < known.value.until - world.clock.at <= 300 * SECOND


# Alarms that are gone


def test_an_alarm_that_does_not_exist_any_more_says_nothing_any_more_and_that_is_said() -> None:
    world = SignalWorld(watching(alarms={NAME: Cause.KPI}))

    world.hear(NAME)

    (signal,) = world.signals
    assert (signal.raised, signal.endpoint) == (False, ENDPOINT)
    assert "does not exist any more" in signal.summary


def test_an_alarm_that_is_gone_and_that_no_policy_names_leads_nowhere() -> None:
    world = SignalWorld()

    admission = world.hear(NAME)

    assert admission.action is SignalAction.IGNORE
    assert "does not exist" in admission.reason


# Alarms that Sluice makes for metrics of a policy


def test_the_alarm_of_a_metric_in_the_policy_has_the_cause_that_the_policy_says() -> None:
    watched = WatchedMetric("psi", "Drift", "PSI", {}, "Maximum", 0.2, cause=Cause.DATA_QUALITY)
    world = SignalWorld(watching(metrics=(watched,)))
    name = watch_alarm_name(GROUP, "psi")
    world.alarm(name, metrics=(metric("PSI", "Drift"),))

    world.hear(name)

    assert [(signal.cause, signal.endpoint) for signal in world.signals] == [(Cause.DATA_QUALITY, ENDPOINT)]


def test_the_alarm_of_a_metric_that_the_policy_has_dropped_leads_nowhere() -> None:
    world = SignalWorld()
    name = watch_alarm_name(GROUP, "psi")
    world.alarm(name, metrics=())

    assert world.hear(name).action is SignalAction.IGNORE


# When AWS does not answer


def test_an_alarm_that_cannot_be_read_is_tried_again_with_its_event() -> None:
    world = SignalWorld()
    world.alarm(NAME)
    world.alarms.fail(TransientFailure("DescribeAlarms: Throttling"))

    with pytest.raises(TransientFailure):
        world.hear(NAME)

    assert world.hear(NAME).action is SignalAction.TAKE
