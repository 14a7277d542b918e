"""Messages leave the outbox: at once by the table's stream, and every minute what had to wait."""

import os
from typing import Any

from sluice import wiring
from sluice.adapters.outbox import pending_of
from sluice.model.codec import encode
from sluice.model.ids import Micros
from sluice.telemetry import begin, logger, measure
from sluice.usecases.deliver_outbox import deliver_outbox
from sluice.usecases.delivering import Delivering

_SETTLING = 20 * 1_000_000
"""Microseconds for which the minute's run leaves new messages to the stream."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Deliver the messages of a stream batch, or all that are due; a failed one is kept for later, never raised."""
    begin(context)
    world = Delivering(
        outbox=wiring.outbox(),
        records=wiring.records(),
        ledger=wiring.ledger(),
        chat=wiring.chat(),
        queue=wiring.command_queue(),
        bus=wiring.event_bus(),
        clock=wiring.clock(),
        channel=os.environ["SLACK_CHANNEL"],
        time_left_ms=context.get_remaining_time_in_millis,
        paging=wiring.paging,
    )
    if "Records" in event:
        waiting = [pending_of(record["dynamodb"]["NewImage"]) for record in event["Records"]]
    else:
        waiting = list(world.outbox.pending(before=Micros(world.clock.now() - _SETTLING)))
    delivered = deliver_outbox(waiting, world)
    answer: dict[str, Any] = encode(delivered)
    logger().info("outbox_delivered", **answer)
    measure(context, counts={"OutboxDead": delivered.dead}, seconds={"OutboxWait": delivered.longest_wait_s})
    return answer
