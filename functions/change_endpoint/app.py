"""States of `rollout` that change the endpoint: one step nearer, until it is as it should be."""

import os
from typing import Any

from sluice import wiring
from sluice.model.codec import encode
from sluice.model.endpoint import Change
from sluice.model.ids import RolloutId
from sluice.telemetry import begin, logger
from sluice.usecases.rollout.change_endpoint import change_endpoint
from sluice.usecases.rollout.changing import Call, Changing


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Bring the change about; EndpointSettling makes the machine call again soon."""
    begin(context)
    world = Changing(
        records=wiring.records(),
        endpoints=wiring.endpoints(),
        scaling=wiring.scaling(),
        alarms=wiring.alarms(),
        metrics=wiring.metrics(),
        registry=wiring.registry(),
        clock=wiring.clock(),
        tags={"sluice:stack": os.environ["STACK_NAME"]},
    )
    change = Change(event["change"])
    call = Call(RolloutId(event["rollout_id"]), int(event["attempt"]), str(event.get("error", "")))
    changed = change_endpoint(call, change, world)
    logger().info("endpoint_changed", subject=event["rollout_id"], change=change.value)
    answer: dict[str, Any] = encode(changed)
    return answer
