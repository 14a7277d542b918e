"""`SageMaker Endpoint State Change`, from the endpoint queue: wake a waiting look, or watch what others deployed."""

from typing import Any

from sluice import wiring, worlds
from sluice.batches import handle_batch
from sluice.model.endpoint_event import EndpointEvent
from sluice.telemetry import begin, logger
from sluice.usecases.rollout.admit_endpoint_change import admit_endpoint_change


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle a batch of SQS messages, each an EventBridge event."""
    begin(context)
    world = worlds.admitting_endpoints(context.invoked_function_arn)

    def admit(message: Any) -> None:
        told = EndpointEvent.parse(message)
        admission = admit_endpoint_change(told, world)
        logger().info("endpoint_admitted", subject=told.name, action=admission.action.value, reason=admission.reason)

    return handle_batch(event, admit, wiring.dead_letters())
