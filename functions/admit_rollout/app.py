"""`RolloutRequested` of Sluice's own bus, from the rollout queue: start each rollout once an attempt."""

from typing import Any

from sluice import wiring, worlds
from sluice.batches import handle_batch
from sluice.model.rollout_event import RolloutRequestedEvent
from sluice.telemetry import begin, logger
from sluice.usecases.rollout.admit_rollout import admit_rollout


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle a batch of SQS messages, each an EventBridge event."""
    begin(context)
    world = worlds.admitting_rollouts(context.invoked_function_arn)

    def admit(message: Any) -> None:
        admission = admit_rollout(RolloutRequestedEvent.parse(message), world)
        logger().info(
            "rollout_admitted", subject=admission.rollout_id, execution=admission.execution, reason=admission.reason
        )

    return handle_batch(event, admit, wiring.dead_letters())
