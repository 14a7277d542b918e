"""`SageMaker Model Package State Change`, from the admission queue: admit each package once a generation."""

from typing import Any

from sluice import wiring, worlds
from sluice.batches import handle_batch
from sluice.model.package_event import PackageEvent
from sluice.telemetry import begin, logger
from sluice.usecases.admit_model_package import admit_model_package


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle a batch of SQS messages, each an EventBridge event."""
    begin(context)
    world = worlds.admitting(context.invoked_function_arn)

    def admit(message: Any) -> None:
        told = PackageEvent.parse(message)
        admission = admit_model_package(told.arn, world, status_changed=told.status_changed)
        logger().info("package_admitted", subject=told.arn.text, action=admission.action.value, reason=admission.reason)

    return handle_batch(event, admit, wiring.dead_letters())
