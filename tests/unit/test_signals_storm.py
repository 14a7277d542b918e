"""Alarms of a batch are read together; each of its messages is handled by itself all the same."""

import json
from typing import Any

from sluice.batches import messages
from sluice.model.metric_query import AlarmState
from sluice.usecases.signals.seen_together import SeenTogether
from tests.event_samples import sample
from tests.signals import ALARM_ARN, SignalWorld

NAMES = tuple(f"alarm-{n}" for n in range(10))


def _world() -> SignalWorld:
    world = SignalWorld()
    for name in NAMES:
        world.alarm(name)
    return world


def test_the_alarms_of_a_batch_cost_one_call() -> None:
    world = _world()
    together = SeenTogether(world.alarms, NAMES)

    seen = [together.seen((name,))[name].state for name in NAMES]

    assert seen == [AlarmState.ALARM] * len(NAMES)
    assert world.alarms.calls == ["DescribeAlarms"]


def test_nothing_is_read_before_the_first_is_asked_for() -> None:
    world = _world()
    together = SeenTogether(world.alarms, NAMES)

    world.alarm(NAMES[0], AlarmState.OK)

    assert together.seen(NAMES[:1])[NAMES[0]].state is AlarmState.OK


def test_an_alarm_that_is_not_of_the_batch_is_asked_for_by_itself() -> None:
    world = _world()
    world.alarm("child")
    together = SeenTogether(world.alarms, NAMES)

    assert list(together.seen(("child", "gone"))) == ["child"]
    assert list(together.seen(NAMES)) == list(NAMES)
    assert len(world.alarms.calls) == 2


def test_what_else_is_asked_is_asked_of_cloudwatch() -> None:
    world = _world()
    world.alarms.tagged[ALARM_ARN + "x"] = {"a": "b"}
    together = SeenTogether(world.alarms, NAMES)

    assert together.tags(ALARM_ARN + "x") == {"a": "b"}
    assert len(list(together.ringing())) == len(NAMES)


def test_the_messages_of_a_batch_are_those_that_are_json() -> None:
    alarm = sample("cloudwatch_alarm_single_metric.json")
    bodies: list[Any] = [json.dumps(alarm), "{", "", "[" * 200_000, "null"]

    found = list(messages({"Records": [{"messageId": "1", "body": body} for body in bodies]}))

    assert found == [alarm, None]
