"""How long things take, in simulated seconds; tests and the demo set what suits them."""

from dataclasses import dataclass, fields
from typing import Any

from local.engine.sagemaker.errors import invalid


@dataclass
class Timing:
    """Seconds that SageMaker takes for what it does with instances and traffic."""

    create_s: float = 240.0
    fleet_s: float = 180.0
    """Until the instances of a new fleet have started and answer."""
    capacity_s: float = 120.0
    """Until a change of the instance counts of a fleet that serves is done."""
    weights_s: float = 30.0
    traffic_s: float = 15.0
    """Until traffic has moved from one fleet to another."""
    delete_s: float = 30.0
    alarm_look_s: float = 15.0
    """Between two looks at the rollback alarms."""


current = Timing()
"""The timing of this engine."""


def configure(document: dict[str, Any]) -> dict[str, Any]:
    """Change some of the times, and tell all."""
    known = {f.name for f in fields(Timing)}
    if unknown := sorted(set(document) - known):
        raise invalid(f"there is no timing {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    for name, value in document.items():
        setattr(current, name, float(value))
    return vars(current)


def reset() -> None:
    """Back to the defaults."""
    configure(vars(Timing()))
