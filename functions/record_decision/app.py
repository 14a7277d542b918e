"""Commands of the decisions queue: votes, timers, edits, owed answers. The one function that resumes executions."""

import os
from typing import Any

from sluice import wiring
from sluice.batches import handle_batch
from sluice.model.commands import from_json
from sluice.telemetry import begin, logger
from sluice.usecases.deciding import Deciding
from sluice.usecases.record_decision import record_decision


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle a batch of SQS messages, each a command."""
    begin(context)
    world = Deciding(
        records=wiring.records(),
        tokens=wiring.tokens(),
        waiting=wiring.waiting(),
        timers=wiring.timers(),
        chat=wiring.chat(),
        clock=wiring.clock(),
        team=os.environ["SLACK_TEAM"],
        incidents=wiring.incident_executions(),
        rollbacks=wiring.rollback_executions(),
        default_policy=wiring.default_policy,
        region=context.invoked_function_arn.split(":")[3],
        channel=os.environ["SLACK_CHANNEL"],
    )

    def decide(message: Any) -> None:
        command = from_json(message)
        record_decision(command, world)
        logger().info("command_done", command=type(command).__name__)

    return handle_batch(event, decide, wiring.dead_letters())
