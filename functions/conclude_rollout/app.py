"""States ConcludeRollout and HoldEndpoint of `rollout`: the end is recorded, the lock given back, everybody told."""

from typing import Any

from sluice import wiring
from sluice.model.ids import RolloutId
from sluice.telemetry import begin, logger
from sluice.usecases.rollout.changing import Call
from sluice.usecases.rollout.conclude_rollout import ConcludingRollout, conclude_rollout


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Record the end; answers the outcome, `replaced` where another execution has taken over."""
    begin(context)
    world = ConcludingRollout(
        records=wiring.records(), endpoints=wiring.endpoints(), alarms=wiring.alarms(), clock=wiring.clock()
    )
    call = Call(RolloutId(event["rollout_id"]), int(event["attempt"]), str(event.get("error", "")))
    concluded = conclude_rollout(call, world, held=str(event.get("held", "")))
    outcome = "replaced" if concluded is None else concluded.value
    logger().info("rollout_concluded", subject=call.rollout_id, outcome=outcome)
    return {"outcome": outcome}
