"""State TakeBack of `rollback`: what served before serves again, one step nearer with each call."""

import os
from typing import Any

from sluice import wiring
from sluice.model.ids import RollbackId
from sluice.telemetry import begin, logger
from sluice.usecases.rollback.holding import Call, TakingBack
from sluice.usecases.rollback.take_back import take_back


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Bring the return about; EndpointSettling makes the machine call again soon."""
    begin(context)
    world = TakingBack(
        records=wiring.records(),
        endpoints=wiring.endpoints(),
        scaling=wiring.scaling(),
        metrics=wiring.metrics(),
        registry=wiring.registry(),
        clock=wiring.clock(),
        tags={"sluice:stack": os.environ["STACK_NAME"]},
    )
    take_back(Call(RollbackId(event["rollback_id"]), int(event["attempt"])), world)
    logger().info("taken_back", subject=event["rollback_id"])
    return {}
