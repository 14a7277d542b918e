"""State DecideRollback of `rollback`: what follows from a signal, and the endpoint's lock where it goes back."""

from typing import Any

from sluice import wiring
from sluice.model.codec import encode
from sluice.model.ids import RollbackId
from sluice.telemetry import begin, logger
from sluice.usecases.rollback.decide_rollback import DecidingRollback, decide_rollback
from sluice.usecases.rollback.holding import Call


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Say which way the rollback goes: `{"route", "reason", "wait_s", "pipeline"}`."""
    begin(context)
    world = DecidingRollback(
        records=wiring.records(),
        endpoints=wiring.endpoints(),
        registry=wiring.registry(),
        alarms=wiring.alarms(),
        default_policy=wiring.default_policy,
        clock=wiring.clock(),
    )
    decided = decide_rollback(Call(RollbackId(event["rollback_id"]), int(event["attempt"])), world)
    logger().info("rollback_decided", subject=event["rollback_id"], route=decided.route.value, reason=decided.reason)
    answer: dict[str, Any] = encode(decided)
    return answer
