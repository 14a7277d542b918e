"""States ConcludeRollout and HoldEndpoint of `rollout`: the end is recorded, the lock given back, everybody told."""

from typing import Any

from sluice import wiring
from sluice.model.ids import RolloutId
from sluice.telemetry import begin, logger
from sluice.usecases.rollout.conclude_rollout import ConcludingRollout, conclude_rollout


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Record the end; answers the outcome."""
    begin(context)
    world = ConcludingRollout(
        records=wiring.records(), endpoints=wiring.endpoints(), alarms=wiring.alarms(), clock=wiring.clock()
    )
    rollout_id = RolloutId(event["rollout_id"])
    outcome = conclude_rollout(rollout_id, world, error=str(event.get("error", "")), held=str(event.get("held", "")))
    logger().info("rollout_concluded", subject=rollout_id, outcome=outcome.value)
    return {"outcome": outcome.value}
