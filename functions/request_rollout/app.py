"""State RequestRollout of `release`: keep the task token, record the rollout, announce that it is wanted."""

import os
from typing import Any

from sluice import wiring
from sluice.model.codec import decode
from sluice.telemetry import begin, logger
from sluice.usecases.rollout.request_rollout import Requesting, Wanted, request_rollout


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Ask for the rollout; the machine waits on until its outcome is handed over with the token."""
    begin(context)
    wanted = decode(Wanted, event)
    world = Requesting(
        records=wiring.records(),
        tokens=wiring.tokens(),
        archive=wiring.evidence_archive(),
        default_policy=wiring.default_policy,
        clock=wiring.clock(),
        channel=os.environ["SLACK_CHANNEL"],
    )
    rollout_id = request_rollout(wanted, world)
    logger().info("rollout_requested", subject=wanted.release.release_id, rollout_id=rollout_id)
    return {"rollout_id": rollout_id}
