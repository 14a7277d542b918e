"""`SageMaker Processing Job State Change` and `ViolationFound`, from the monitoring queue: hear what monitors found."""

from typing import Any

from sluice import wiring, worlds
from sluice.batches import handle_batch
from sluice.model.monitor_event import ViolationEvent, monitor_event
from sluice.telemetry import begin, logger
from sluice.usecases.signals.admit_monitoring import admit_monitoring


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle a batch of SQS messages, each an EventBridge event."""
    begin(context)
    world = worlds.admitting_monitoring(context.invoked_function_arn)

    def admit(message: Any) -> None:
        told = monitor_event(message)
        heard = admit_monitoring(told, world)
        subject = told.monitor if isinstance(told, ViolationEvent) else told.name
        logger().info("monitor_heard", subject=subject, action=heard.action.value, reason=heard.reason)

    return handle_batch(event, admit, wiring.dead_letters())
