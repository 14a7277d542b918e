"""Executions that ended before what they are for: which go on by themselves, and how others are followed."""

from collections.abc import Callable
from typing import Final

from sluice.usecases.remembering import settling_races

GOING_ON: Final = frozenset({"RUNNING", "PENDING_REDRIVE"})
"""Statuses of Step Functions in which nothing has to be done."""


def followed(status: str | None, attempt: int, *, start: Callable[[], object], begin_anew: Callable[[], bool]) -> str:
    """Start what never ran (no status), or have the next attempt follow; what was done in words, empty for nothing."""
    if status is None:
        start()
        return "it is recorded but did not run"
    begun = settling_races(begin_anew)
    return f"attempt {attempt} ended as {status} and is followed by another" if begun else ""
