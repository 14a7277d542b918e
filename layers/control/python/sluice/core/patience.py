"""How long things are waited for: a delivery before it is tried again, an execution before nobody can answer it."""

EXECUTION_LIFE = 366 * 24 * 3600 * 1_000_000
"""Microseconds that the token of a task is kept: no execution lives longer than a year."""

_FIRST_S, _LONGEST_S = 5, 120


def wait_before(attempt: int) -> int:
    """Microseconds before an attempt (the second is 2): doubling from 5 seconds, never over 2 minutes.

    A page or card then leaves within 2 minutes of the end of an outage, however long that lasted.
    """
    doublings = max(0, min(attempt, 32) - 2)
    return min(_LONGEST_S, _FIRST_S << doublings) * 1_000_000
