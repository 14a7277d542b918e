"""State BeginRollout of `rollout`: the lock, the snapshot, the pre-flight, the plan."""

import os
from typing import Any

from sluice import wiring
from sluice.model.codec import encode
from sluice.model.ids import RolloutId
from sluice.telemetry import begin, logger
from sluice.usecases.rollout.begin_rollout import Beginning, begin_rollout


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Say which way the rollout goes: `{"route", "reason", "wait_s"}`."""
    begin(context)
    world = Beginning(
        records=wiring.records(),
        endpoints=wiring.endpoints(),
        scaling=wiring.scaling(),
        quotas=wiring.quotas(),
        alarms=wiring.alarms(),
        registry=wiring.registry(),
        default_policy=wiring.default_policy,
        clock=wiring.clock(),
        channel=os.environ["SLACK_CHANNEL"],
    )
    began = begin_rollout(RolloutId(event["rollout_id"]), int(event["attempt"]), world)
    logger().info("rollout_began", subject=event["rollout_id"], route=began.route.value, reason=began.reason)
    answer: dict[str, Any] = encode(began)
    return answer
