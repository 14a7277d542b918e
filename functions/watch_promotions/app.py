"""Every ten minutes: compare versions that were promoted lately with what served before them."""

from typing import Any

from sluice import worlds
from sluice.telemetry import begin, logger
from sluice.usecases.signals.watch_promotions import watch_promotions


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Run once; answers how often there was news."""
    del event
    begin(context)
    news = watch_promotions(worlds.watching_promotions(context.invoked_function_arn))
    logger().info("promotions_watched", news=news)
    return {"news": news}
