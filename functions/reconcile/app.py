"""Every few minutes: find what no event told, and mend it."""

from typing import Any

from sluice import wiring, worlds
from sluice.model.codec import encode
from sluice.telemetry import begin, logger
from sluice.usecases.reconcile import Reconciling, reconcile


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Run once; answers how much was mended."""
    del event
    begin(context)
    arn = context.invoked_function_arn
    found = reconcile(
        Reconciling(
            admitting=worlds.admitting(arn),
            concluding=worlds.concluding(),
            rollouts=worlds.admitting_rollouts(arn),
            endpoints=worlds.admitting_endpoints(arn),
            signals=worlds.taking_signals(arn),
            queue=wiring.command_queue(),
        )
    )
    mended: dict[str, Any] = encode(found)
    logger().info("reconciled", **mended)
    return mended
