"""Every few minutes: find what no event told, and mend it."""

from typing import Any

from sluice import worlds
from sluice.model.codec import encode
from sluice.telemetry import begin, logger
from sluice.usecases.reconcile import reconcile


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Run once; answers how much was mended."""
    del event
    begin(context)
    found = reconcile(worlds.reconciling(context.invoked_function_arn))
    mended: dict[str, Any] = encode(found)
    logger().info("reconciled", **mended)
    return mended
