"""Every few minutes: find what no event told, and mend it."""

import os
from typing import Any

from sluice import wiring
from sluice.model.codec import encode
from sluice.telemetry import begin, logger
from sluice.usecases.admit_model_package import Admitting
from sluice.usecases.reconcile import reconcile


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Run once; answers how much was mended."""
    del event
    begin(context)
    region, account = context.invoked_function_arn.split(":")[3:5]
    world = Admitting(
        records=wiring.records(),
        registry=wiring.registry(),
        executions=wiring.executions(),
        default_policy=wiring.default_policy,
        clock=wiring.clock(),
        account=account,
        region=region,
        channel=os.environ["SLACK_CHANNEL"],
    )
    mended: dict[str, Any] = encode(reconcile(world, wiring.command_queue()))
    logger().info("reconciled", **mended)
    return mended
