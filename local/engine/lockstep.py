"""Things that happen by themselves on the simulated clock, one after the other in the order of their moments.

Endpoints change, their traffic makes metrics, metrics set off alarms, alarms take deployments back: after a jump of
the clock an hour of that has to be made up for in the right order. Whoever reads any of it calls `catch_up` first,
before it takes a lock of its own, and takes the moment that it returns for now.
"""

import threading
from contextvars import ContextVar
from typing import Protocol

from ministack.core.responses import set_request_account_id, set_request_region

from local import clock


class Part(Protocol):
    """Something with moments of its own, in the account and region of the call."""

    def due(self, until: float) -> float | None:
        """Its next moment up to `until`, None if there is none."""
        ...

    def turn(self, at: float) -> None:
        """Do what is due at its next moment."""
        ...

    def places(self) -> set[tuple[str, str]]:
        """The accounts and regions in which it may have anything to do."""
        ...


lock = threading.RLock()
"""Held while anything of it changes; requests that change an endpoint hold it too."""

_parts: list[Part] = []
_moment: ContextVar[float | None] = ContextVar("moment_of_the_turn", default=None)


def join(part: Part) -> None:
    """Let something take its turns; of equal moments, whoever joined first has the first turn."""
    _parts.append(part)


def catch_up() -> float:
    """Let everything happen that is due in this account and region; returns the moment up to which it has.

    Inside of a turn nothing happens, and the moment is that of the turn.
    """
    moment = _moment.get()
    if moment is not None:
        return moment
    with lock:
        now = clock.now()
        while _one_turn(now):
            pass
        return now


def tick() -> None:
    """Catch up in every account and region; for the ticker."""
    for account, region in sorted(set().union(*(part.places() for part in _parts))):
        set_request_account_id(account)
        set_request_region(region)
        catch_up()


def _one_turn(until: float) -> bool:
    due = [(at, number) for number, part in enumerate(_parts) if (at := part.due(until)) is not None]
    if not due:
        return False
    at, number = min(due)
    mark = _moment.set(at)
    try:
        _parts[number].turn(at)
    finally:
        _moment.reset(mark)
    return True
