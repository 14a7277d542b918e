"""Every few minutes: look at alarms, monitors and endpoints, for what no event told."""

from typing import Any

from sluice import worlds
from sluice.model.codec import encode
from sluice.telemetry import begin, logger
from sluice.usecases.signals.watch_production import watch_production


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Run once; answers how often there was news."""
    del event
    begin(context)
    news: dict[str, Any] = encode(watch_production(worlds.watching_production(context.invoked_function_arn)))
    logger().info("production_watched", **news)
    return news
