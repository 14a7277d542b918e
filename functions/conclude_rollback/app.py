"""States ConcludeRollback and HoldEndpoint of `rollback`: the end is recorded, the lock given back, everybody told."""

import os
from typing import Any

from sluice import wiring
from sluice.model.ids import RollbackId
from sluice.telemetry import begin, logger
from sluice.usecases.rollback.conclude_rollback import ConcludingRollback, HowItEnded, conclude_rollback
from sluice.usecases.rollback.holding import Call

_HOW = ("held", "error", "retraining", "registry")


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Record the end; answers the outcome, `replaced` where another execution has taken over."""
    begin(context)
    world = ConcludingRollback(
        records=wiring.records(),
        default_policy=wiring.default_policy,
        clock=wiring.clock(),
        channel=os.environ["SLACK_CHANNEL"],
    )
    call = Call(RollbackId(event["rollback_id"]), int(event["attempt"]))
    how = HowItEnded(**{name: str(event.get(name, "")) for name in _HOW})
    concluded = conclude_rollback(call, how, world)
    outcome = "replaced" if concluded is None else concluded.value
    logger().info("rollback_concluded", subject=call.rollback_id, outcome=outcome)
    return {"outcome": outcome}
