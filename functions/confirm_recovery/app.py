"""State ConfirmRecovery of `rollback`: whether going back has helped."""

from typing import Any

from sluice import wiring
from sluice.model.codec import encode
from sluice.model.ids import RollbackId
from sluice.telemetry import begin, logger
from sluice.usecases.rollback.confirm_recovery import Confirming, confirm_recovery
from sluice.usecases.rollback.holding import Call


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Say how the return has ended, or when to look again."""
    begin(context)
    world = Confirming(records=wiring.records(), alarms=wiring.alarms(), clock=wiring.clock())
    confirmed = confirm_recovery(Call(RollbackId(event["rollback_id"]), int(event["attempt"])), world)
    logger().info("recovery_looked_at", subject=event["rollback_id"], route=confirmed.route.value)
    answer: dict[str, Any] = encode(confirmed)
    return answer
