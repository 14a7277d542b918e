"""Which endpoint an alarm is about: by the policy that names it, by what it watches, by its tags."""

from dataclasses import replace

import pytest

from sluice.core.signals.alarms import children_of
from sluice.model.ids import GroupName
from sluice.model.metric_query import AlarmState
from sluice.model.signal import Cause
from sluice.usecases.signals.taking import SignalAction
from tests.rollouts import ENDPOINT, rules
from tests.signals import ALARM_ARN, SignalWorld, metric, watching

NAME = "fraud-5xx"


def test_an_alarm_that_a_policy_names_is_about_its_endpoint_whatever_its_dimensions_are() -> None:
    world = SignalWorld(watching(alarms={NAME: Cause.KPI}))
    world.alarm(NAME, metrics=(metric("Orders", "Shop", Page="checkout"),))

    world.hear(NAME)

    (signal,) = world.signals
    assert (signal.endpoint, signal.cause) == (ENDPOINT, Cause.KPI)


def test_a_named_alarm_without_a_cause_has_that_of_its_metric() -> None:
    world = SignalWorld(watching(alarms={NAME: None}))
    world.alarm(NAME, metrics=(metric("ModelLatency"),))

    world.hear(NAME)

    assert [signal.cause for signal in world.signals] == [Cause.LATENCY]


def test_an_alarm_of_rollouts_is_heard_after_the_promotion_too() -> None:
    policy = replace(watching(), rollout=rules(alarms=("shop-is-slow",)))
    world = SignalWorld(policy)
    world.alarm("shop-is-slow", metrics=())

    world.hear("shop-is-slow")

    assert [signal.endpoint for signal in world.signals] == [ENDPOINT]


def test_an_alarm_that_a_policy_names_no_more_is_no_word_about_its_endpoint() -> None:
    world = SignalWorld(watching(alarms={NAME: Cause.KPI}))
    world.govern(watching())
    world.alarm(NAME, metrics=())

    admission = world.hear(NAME)

    assert (admission.action, world.signals) == (SignalAction.IGNORE, [])


def test_an_alarm_that_two_policies_name_is_about_both_endpoints() -> None:
    other = replace(watching(alarms={NAME: None}), group=GroupName("churn"))
    assert other.rollout is not None
    other = replace(other, rollout=replace(other.rollout, target=replace(other.rollout.target, endpoint="churn-live")))
    world = SignalWorld(watching(alarms={NAME: None}), other)
    world.alarm(NAME)

    world.hear(NAME)

    assert sorted(signal.endpoint for signal in world.signals) == ["churn-live", ENDPOINT]
    assert len({signal.key for signal in world.signals}) == 1


@pytest.mark.parametrize("dimension", ["EndpointName", "Endpoint"])
def test_the_endpoint_is_found_in_either_dimension_however_it_is_spelled(dimension: str) -> None:
    world = SignalWorld()
    world.alarm(NAME, metrics=(metric("feature_baseline_drift_age", **{dimension: ENDPOINT.upper()}),))

    world.hear(NAME)

    assert [signal.endpoint for signal in world.signals] == [ENDPOINT]


def test_an_alarm_without_dimensions_says_by_a_tag_which_endpoint_it_is_about() -> None:
    world = SignalWorld()
    world.alarm(NAME, metrics=())
    world.alarms.tagged[ALARM_ARN + NAME] = {"sluice:endpoint": ENDPOINT}

    world.hear(NAME)

    assert [signal.endpoint for signal in world.signals] == [ENDPOINT]


def test_tags_that_the_event_carries_are_not_asked_for_again() -> None:
    world = SignalWorld()
    world.alarm(NAME, metrics=())

    world.hear(NAME, tags={"sluice:endpoint": ENDPOINT})

    assert [signal.endpoint for signal in world.signals] == [ENDPOINT]
    assert "ListTagsForResource" not in world.alarms.calls


def test_an_alarm_of_an_endpoint_that_no_policy_names_is_ignored_with_a_reason() -> None:
    world = SignalWorld()
    world.alarm(NAME, metrics=(metric(EndpointName="somebody-elses"),))

    admission = world.hear(NAME)

    assert admission.action is SignalAction.IGNORE
    assert admission.reason.startswith("no policy names it")
    assert world.alarms.calls == ["DescribeAlarms"]


def test_an_alarm_on_one_configuration_is_about_that_configuration() -> None:
    world = SignalWorld()
    world.alarm(NAME, metrics=(metric(EndpointName=ENDPOINT, VariantName="AllTraffic", EndpointConfigName="v7"),))

    world.hear(NAME)

    assert [signal.config for signal in world.signals] == ["v7"]


# Composite alarms


def test_a_composite_alarm_is_about_the_endpoint_of_the_alarms_below_it() -> None:
    world = SignalWorld()
    world.alarm("fraud-latency", metrics=(metric("ModelLatency"),))
    world.alarm("other", AlarmState.OK, metrics=())
    world.alarm("fraud", metrics=(), rule='ALARM("fraud-latency") OR ALARM(other)')

    world.hear("fraud")

    (signal,) = world.signals
    assert (signal.source, signal.endpoint, signal.cause) == ("alarm/fraud", ENDPOINT, Cause.LATENCY)


def test_of_the_alarms_below_one_that_rings_only_those_that_ring_say_what_it_is_about() -> None:
    world = SignalWorld()
    world.alarm("fraud-5xx", AlarmState.OK)
    world.alarm("fraud-latency", metrics=(metric("ModelLatency"),))
    world.alarm("fraud", metrics=(), rule="ALARM(fraud-5xx) OR ALARM(fraud-latency)")

    world.hear("fraud")

    assert [signal.cause for signal in world.signals] == [Cause.LATENCY]


def test_composite_alarms_are_followed_by_name_and_by_arn_down_to_the_metrics() -> None:
    world = SignalWorld()
    world.alarm("leaf")
    world.alarm("middle", metrics=(), rule=f'ALARM("{ALARM_ARN}leaf")')
    world.alarm("top", metrics=(), rule="ALARM('middle')")

    world.hear("top")

    assert [signal.endpoint for signal in world.signals] == [ENDPOINT]


def test_a_composite_alarm_of_an_alarm_that_a_policy_names_is_about_its_endpoint() -> None:
    world = SignalWorld(watching(alarms={"shop": Cause.KPI}))
    world.alarm("shop", metrics=())
    world.alarm("all", metrics=(), rule="ALARM(shop)")

    world.hear("all")

    assert [(signal.endpoint, signal.cause) for signal in world.signals] == [(ENDPOINT, Cause.KPI)]


def test_composite_alarms_that_name_each_other_come_to_an_end() -> None:
    world = SignalWorld()
    world.alarm("a", metrics=(), rule="ALARM(b)")
    world.alarm("b", metrics=(), rule="ALARM(a)")

    admission = world.hear("a")

    assert admission.action is SignalAction.IGNORE
    assert world.alarms.calls.count("DescribeAlarms") <= 3


@pytest.mark.parametrize(
    "rule, names",
    [
        ("ALARM(a) OR ALARM(b)", ("a", "b")),
        ("(ALARM(\"with (braces) and spaces\") AND NOT OK('quoted'))", ("with (braces) and spaces", "quoted")),
        ("INSUFFICIENT_DATA( padded )", ("padded",)),
        ("ALARM(a) AND ALARM(a)", ("a",)),
        ('ALARM("arn:aws:cloudwatch:us-east-1:111122223333:alarm:by arn")', ("by arn",)),
        ("ALARM(arn:aws-cn:cloudwatch:cn-north-1:111122223333:alarm:china)", ("china",)),
        ("TRUE", ()),
        ("", ()),
        ("ALARM(", ()),
    ],
)
def test_the_names_in_a_rule_are_read_in_every_form(rule: str, names: tuple[str, ...]) -> None:
    assert children_of(rule) == names


def test_of_a_rule_with_very_many_names_only_so_many_are_followed() -> None:
    rule = " OR ".join(f"ALARM(a{n})" for n in range(200))

    assert len(children_of(rule)) == 50
