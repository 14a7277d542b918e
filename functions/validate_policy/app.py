"""Takes changed policies, people and on-call schedules into force, or refuses them with reasons."""

import os
from typing import TYPE_CHECKING, Any

from sluice import telemetry, wiring
from sluice.batches import handle_batch
from sluice.model.parameter_event import ParameterEvent

if TYPE_CHECKING:
    from sluice.usecases.validate_policy import Validating


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A batch of `Parameter Store Change` events from the policy queue, or the quarter-hourly look at everything."""
    telemetry.begin(context)
    if "Records" in event:
        return handle_batch(event, _changed, wiring.dead_letters())
    return _all()


def _changed(envelope: Any) -> None:
    from sluice.usecases.validate_policy import validate_policy  # brings pydantic: after the cold start

    changed = ParameterEvent.parse(envelope)
    validation = validate_policy(changed.name, _world())
    telemetry.logger().info(
        "parameter_validated",
        parameter=validation.parameter,
        operation=changed.operation,
        outcome=validation.outcome.value,
        reason=validation.reason,
    )


def _all() -> dict[str, Any]:
    """Find what no event told."""
    from sluice.usecases.validate_policy import Outcome, validate_all

    found = [v for v in validate_all(_world()) if v.outcome is not Outcome.UNCHANGED]
    for validation in found:
        telemetry.logger().warning(
            "parameter_found_late",
            parameter=validation.parameter,
            outcome=validation.outcome.value,
            reason=validation.reason,
        )
    return {"found": len(found)}


def _world() -> "Validating":
    from sluice.usecases.validate_policy import Validating

    return Validating(wiring.records(), wiring.parameters(), wiring.clock(), os.environ["SLACK_CHANNEL"])
