"""Planned misfortunes of endpoints: how the next change of an endpoint ends."""

from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from local.engine.sagemaker.errors import invalid

_STUCK_LOOK_S = 30.0


class Outcome(StrEnum):
    """How a change can end that does not end well."""

    FAILED = "failed"
    """The endpoint is Failed."""
    RETURNED = "returned"
    """UpdateEndpoint: silently in service again on the old configuration."""
    ROLLBACK_FAILED = "rollback_failed"
    """UpdateEndpoint: UpdateRollbackFailed, a mix of both configurations serves."""
    CAPACITY = "capacity"
    """No instances to be had: a creation is Failed, any other change returns to what served, with the reason."""
    STUCK = "stuck"
    """Nothing goes on until the faults are cleared."""


_REASONS = {
    Outcome.CAPACITY: (
        "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. "
        "Please retry using a different ML instance type or after some time."
    ),
}
_UNHEALTHY = "The primary container for production variant AllTraffic did not pass the ping health check."


@dataclass
class Planned:
    """How the next changes of an endpoint end; `times` counts changes, None is for ever."""

    kind: Outcome
    endpoint: str = "*"
    times: int | None = 1
    reason: str = ""


_planned: list[Planned] = []
_stuck: list[Planned] = []


def plan(outcome: str, **more: Any) -> None:
    """Plan how the next change ends."""
    if outcome not in list(Outcome):
        raise invalid(f"an endpoint's change can be {', '.join(Outcome)}, not {outcome}")
    kind = Outcome(outcome)
    _planned.append(Planned(kind, **{"reason": _REASONS.get(kind, _UNHEALTHY), **more}))


def planned() -> list[dict[str, Any]]:
    """What is still to come."""
    return [vars(p) for p in _planned]


def clear() -> None:
    """Let everything end well, also what is stuck."""
    _planned.clear()
    _stuck.clear()


def take(endpoint: str) -> Planned | None:
    """How the change of an endpoint that begins now ends; None is well."""
    for found in _planned:
        if found.endpoint in ("*", endpoint):
            if found.times is not None:
                found.times -= 1
                if found.times <= 0:
                    _planned.remove(found)
            return found
    return None


def stuck(found: Planned | None, at: float) -> Generator[float, float, float]:
    """Wait for as long as a change is planned to be stuck."""
    if found is None or found.kind is not Outcome.STUCK:
        return at
    _stuck.append(found)
    while found in _stuck:
        at = yield _STUCK_LOOK_S
    return at
