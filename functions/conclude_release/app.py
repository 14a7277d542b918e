"""State ConcludeRelease of `release`: see that the registry says what was decided, record it, tell everybody."""

import os
from typing import Any

from sluice import wiring
from sluice.model.codec import decode, encode
from sluice.telemetry import begin, logger
from sluice.usecases.conclude_release import Concluding, Ending, conclude_release


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Conclude; answers the outcome and the status that the registry shows."""
    begin(context)
    ending = decode(Ending, event)
    world = Concluding(
        records=wiring.records(),
        registry=wiring.registry(),
        judgements=wiring.judgements(),
        default_policy=wiring.default_policy,
        clock=wiring.clock(),
        channel=os.environ["SLACK_CHANNEL"],
    )
    concluded: dict[str, Any] = encode(conclude_release(ending, world))
    logger().info("release_concluded", subject=ending.release.release_id, **concluded)
    return concluded
