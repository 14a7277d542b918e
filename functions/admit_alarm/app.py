"""`CloudWatch Alarm State Change` of any alarm, from the alarm queue: wake the looks of rollouts, hear what it says."""

from collections.abc import Iterator
from typing import Any

from sluice import wiring, worlds
from sluice.batches import handle_batch, messages
from sluice.errors import InvalidInput
from sluice.model.alarm_event import AlarmEvent
from sluice.telemetry import begin, logger
from sluice.usecases.rollout.admit_alarm import admit_alarm as wake_rollouts
from sluice.usecases.signals.admit_alarm import admit_alarm


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle a batch of SQS messages, each an EventBridge event."""
    begin(context)
    waking = worlds.admitting_alarms(context.invoked_function_arn)
    hearing = worlds.admitting_alarm_signals(context.invoked_function_arn, names=tuple(names_of(event)))

    def admit(message: Any) -> None:
        told = AlarmEvent.parse(message)
        woken = wake_rollouts(told, waking)
        logger().info("alarm_admitted", subject=told.name, action=woken.action.value, reason=woken.reason)
        heard = admit_alarm(told, hearing)
        logger().info("alarm_heard", subject=told.name, action=heard.action.value, reason=heard.reason)

    return handle_batch(event, admit, wiring.dead_letters())


def names_of(event: dict[str, Any]) -> Iterator[str]:
    """The alarms of a batch, which are read together; what is no event of an alarm is put aside in its turn."""
    for message in messages(event):
        try:
            yield AlarmEvent.parse(message).name
        except InvalidInput:
            continue
