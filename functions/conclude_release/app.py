"""State ConcludeRelease of `release`: see that the registry says what was decided, record it, tell everybody."""

from typing import Any

from sluice import worlds
from sluice.model.codec import decode, encode
from sluice.telemetry import begin, logger
from sluice.usecases.conclude_release import Ending, conclude_release


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Conclude; answers the outcome and the status that the registry shows."""
    begin(context)
    ending = decode(Ending, event)
    concluded: dict[str, Any] = encode(conclude_release(ending, worlds.concluding()))
    logger().info("release_concluded", subject=ending.release.release_id, **concluded)
    return concluded
