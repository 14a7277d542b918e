"""State Look of `rollout`: judge at once, and keep the token with which the wait is ended."""

from typing import Any

from sluice import wiring
from sluice.model.codec import decode
from sluice.telemetry import begin, logger
from sluice.usecases.rollout.judge_canary import Judging, Look, judge_canary


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Look once; the machine waits on until an answer, an alarm, a person or the next look."""
    begin(context)
    world = Judging(
        records=wiring.records(),
        tokens=wiring.tokens(),
        endpoints=wiring.endpoints(),
        metrics=wiring.metrics(),
        alarms=wiring.alarms(),
        registry=wiring.registry(),
        clock=wiring.clock(),
    )
    look = decode(Look, event)
    judged = judge_canary(look, world)
    logger().info("canary_judged", subject=look.rollout_id, route=judged.route, reason=judged.reason)
    return {"rollout_id": look.rollout_id}
