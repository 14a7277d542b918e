"""What is remembered of what served an endpoint: at a moment, and as ways back. Pure."""

from sluice.model.ids import Micros
from sluice.model.production import ProductionRecord, Served

DAY = 24 * 3600 * 1_000_000
"""Microseconds of the window in which automatic rollbacks are counted."""


def served_at(production: ProductionRecord, at: Micros) -> Served | None:
    """What served at a moment, as far as that is remembered."""
    return next((each for each in reversed(production.served) if each.since <= at and not 0 < each.until <= at), None)


def ways_back(production: ProductionRecord, left: Served) -> tuple[Served, ...]:
    """Every other configuration that is remembered, the newest first and each once, as it served last."""
    newest: dict[str, Served] = {}
    for each in reversed(production.served):
        newest.setdefault(each.config, each)
    return tuple(each for each in newest.values() if each.config != left.config)
