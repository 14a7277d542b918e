"""Where signals go, and what is told of each event that may have been one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sluice.core.incident.grouping import Action
from sluice.model.signal import Signal

if TYPE_CHECKING:
    from sluice.usecases.incident.take_signal import Taken

type Take = Callable[[Signal], "Taken"]
"""Hands a signal to the incidents: `take_signal` with its world."""

_NO_NEWS = (Action.DUPLICATE, Action.IGNORE)


class SignalAction(StrEnum):
    """What an event led to."""

    IGNORE = "ignore"
    KEEP_QUIET = "keep_quiet"
    """It is on record, and asks for nothing until its mute ends."""
    TAKE = "take"


@dataclass(frozen=True, slots=True)
class SignalAdmission:
    """What an event led to, and why; `news` says that something was not known before."""

    action: SignalAction
    reason: str
    news: bool = False


def ignored(reason: str) -> SignalAdmission:
    """Nothing follows."""
    return SignalAdmission(SignalAction.IGNORE, reason)


def taken(signals: Iterable[Signal], take: Take) -> SignalAdmission:
    """Hand signals over, one after the other; the first that cannot be taken is raised, and all come again."""
    said = [(signal, take(signal)) for signal in signals]
    if not said:
        return ignored("it says nothing of an endpoint")
    reason = "; ".join(f"{signal.endpoint}: {_words(signal)}: {each.reason}" for signal, each in said)
    return SignalAdmission(SignalAction.TAKE, reason, any(each.action not in _NO_NEWS for _, each in said))


def _words(signal: Signal) -> str:
    return f"{signal.cause.value} {'raised' if signal.raised else 'cleared'} by {signal.source}"
