"""The traffic of this engine, and the admin calls that arrange it."""

from typing import Any

from local import clock
from local.engine.traffic import models, source
from local.engine.traffic.behaviour import Behaviour
from local.engine.traffic.demand import Demand
from local.engine.traffic.source import Traffic

traffic = Traffic()
"""What every endpoint gets."""


def set_traffic(document: dict[str, Any]) -> None:
    """Set the traffic of an `endpoint`: fields of Demand, and `served_hours_longer` for a past that it has not had."""
    given = dict(document)
    endpoint, hours = str(given.pop("endpoint")), float(given.pop("served_hours_longer", 0.0))
    traffic.set_demand(endpoint, Demand.parsed(given), clock.now())
    if hours:
        traffic.backdate(endpoint, hours * 3600)


def set_behaviour(document: dict[str, Any]) -> None:
    """Set how a `model` (ARN of its package, or its name) behaves from now on: fields of Behaviour."""
    given = dict(document)
    models.set_behaviour(str(given.pop("model")), Behaviour.parsed(given), clock.now())
    traffic.refresh()


def set_delay(document: dict[str, Any]) -> None:
    """Set how many `seconds` after its end a minute of traffic is complete."""
    source.delay_s[0] = float(document["seconds"])
