"""Takes changed policies, people and on-call schedules into force, or refuses them with reasons."""

import os
from typing import Any

from sluice import telemetry, wiring
from sluice.batches import handle_batch
from sluice.model.parameter_event import ParameterEvent


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A batch of `Parameter Store Change` events from the policy queue."""
    telemetry.begin(context)
    return handle_batch(event, _changed, wiring.dead_letters())


def _changed(envelope: Any) -> None:
    from sluice.usecases.validate_policy import Validating, validate_policy  # brings pydantic: after the cold start

    changed = ParameterEvent.parse(envelope)
    world = Validating(wiring.records(), wiring.parameters(), wiring.clock(), os.environ["SLACK_CHANNEL"])
    validation = validate_policy(changed.name, world)
    telemetry.logger().info(
        "parameter_validated",
        parameter=validation.parameter,
        operation=changed.operation,
        outcome=validation.outcome.value,
        reason=validation.reason,
    )
