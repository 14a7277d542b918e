"""`CloudWatch Alarm State Change` of any alarm, from the alarm queue: wake the looks of the rollouts that name it."""

from typing import Any

from sluice import wiring, worlds
from sluice.batches import handle_batch
from sluice.model.alarm_event import AlarmEvent
from sluice.telemetry import begin, logger
from sluice.usecases.rollout.admit_alarm import admit_alarm


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle a batch of SQS messages, each an EventBridge event."""
    begin(context)
    world = worlds.admitting_alarms(context.invoked_function_arn)

    def admit(message: Any) -> None:
        told = AlarmEvent.parse(message)
        admission = admit_alarm(told, world)
        logger().info("alarm_admitted", subject=told.name, action=admission.action.value, reason=admission.reason)

    return handle_batch(event, admit, wiring.dead_letters())
