"""Changes of endpoints and calls that change them: wake a look, watch what others deploy, hear what is wrong."""

from typing import Any

from sluice import wiring, worlds
from sluice.batches import handle_batch
from sluice.model.endpoint_event import EndpointEvent
from sluice.model.production_event import production_event
from sluice.telemetry import begin, logger
from sluice.usecases.rollout.admit_endpoint_change import admit_endpoint_change as follow
from sluice.usecases.signals.admit_endpoint_change import admit_endpoint_change


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle a batch of SQS messages, each an EventBridge event."""
    begin(context)
    following = worlds.admitting_endpoints(context.invoked_function_arn)
    hearing = worlds.admitting_endpoint_signals(context.invoked_function_arn)

    def admit(message: Any) -> None:
        told = production_event(message)
        if isinstance(told, EndpointEvent):
            followed = follow(told, following)
            logger().info("endpoint_admitted", subject=told.name, action=followed.action.value, reason=followed.reason)
        heard = admit_endpoint_change(told, hearing)
        logger().info("endpoint_heard", subject=_subject(told), action=heard.action.value, reason=heard.reason)

    return handle_batch(event, admit, wiring.dead_letters())


def _subject(told: Any) -> str:
    return told.name if isinstance(told, EndpointEvent) else f"{told.operation.value} {told.endpoint or told.package}"
