"""A state machine's history as a path of states with times. Pure."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

_DETAILS = "{}EventDetails"
_PLUMBING = frozenset(f"{kind}State{what}" for kind in ("Choice", "Pass") for what in ("Entered", "Exited"))


@dataclass(frozen=True)
class Step:
    """One state that a release has been in; `left` None while it is there."""

    name: str
    entered: datetime
    left: datetime | None = None
    output: Mapping[str, Any] | None = None
    problem: str = ""

    @property
    def words(self) -> str:
        """The state's name in words: `RequestApproval` is `Request approval`."""
        spaced = "".join(f" {c.lower()}" if c.isupper() else c for c in self.name).strip()
        return spaced[:1].upper() + spaced[1:]

    @property
    def took(self) -> str:
        """How long it took, as a person would say it."""
        return "" if self.left is None else span((self.left - self.entered).total_seconds())


def path_of(events: Iterable[Mapping[str, Any]]) -> list[Step]:
    """States that do something, in the order in which they were entered, with errors that happened inside."""
    steps: list[Step] = []
    for event in events:
        kind, at = event["type"], event["timestamp"].astimezone(UTC)
        if kind in _PLUMBING:
            continue
        if kind.endswith("StateEntered"):
            steps.append(Step(event["stateEnteredEventDetails"]["name"], at))
        elif kind.endswith("StateExited"):
            details = event["stateExitedEventDetails"]
            steps = _left(steps, details["name"], at, _object(details.get("output", "")))
        elif steps and kind.endswith(("Failed", "TimedOut", "Aborted")):
            steps[-1] = replace(steps[-1], problem=_problem(event, kind))
    return steps


def _left(steps: list[Step], name: str, at: datetime, output: Mapping[str, Any] | None) -> list[Step]:
    for index in reversed(range(len(steps))):
        if steps[index].name == name and steps[index].left is None:
            return [*steps[:index], replace(steps[index], left=at, output=output), *steps[index + 1 :]]
    return steps


def _problem(event: Mapping[str, Any], kind: str) -> str:
    details = event.get(_DETAILS.format(kind[0].lower() + kind[1:]), {})
    return ": ".join(filter(None, (details.get("error"), details.get("cause"))))[:300] or kind


def _object(text: str) -> Mapping[str, Any] | None:
    try:
        value = json.loads(text) if text else None
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def span(seconds: float) -> str:
    """A time in two units at most."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"
