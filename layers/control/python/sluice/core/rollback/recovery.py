"""Whether going back has helped: what was raised has to be cleared, in time. Pure."""

from dataclasses import dataclass

from sluice.model.ids import Micros
from sluice.model.rollback import Rollback, RollbackOutcome
from sluice.model.signal import Cause, SignalKind

POLL_S = 30
"""Seconds between two looks at what was raised."""
_SAID_ONCE = frozenset({SignalKind.MONITOR, SignalKind.WATCH})
"""Who looks rarely, or not at all at what serves now: until they speak again nothing is known."""
_AT_REST = frozenset({SignalKind.PERSON, SignalKind.ROLLOUT})
"""Who has nothing that could clear by itself."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What a source says now, and when it was raised within the incident; `settled` where a person ended that."""

    raised: bool
    raised_at: tuple[Micros, ...] = ()
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Recovery:
    """How a return ended, with the reason in words."""

    outcome: RollbackOutcome
    reason: str


def recovery(rollback: Rollback, sound: Sound, now: Micros) -> Recovery | None:
    """How it ended; None while that has to show."""
    kind = rollback.signal.kind
    if kind in _AT_REST:
        return Recovery(RollbackOutcome.RETURNED, "Nothing was raised that could clear by itself.")
    if rollback.signal.cause is Cause.CHANGED:
        return Recovery(RollbackOutcome.RECOVERED, "Production is what Sluice put there again.")
    if sound.settled:
        return Recovery(RollbackOutcome.RETURNED, "Its incident was resolved meanwhile.")
    if not sound.raised:
        return Recovery(RollbackOutcome.RECOVERED, "What was raised is cleared.")
    if now < rollback.returned_at + rollback.recover_within_s * 1_000_000:
        return None
    spoken = any(at > rollback.returned_at for at in sound.raised_at)
    if kind in _SAID_ONCE and not spoken:
        return Recovery(RollbackOutcome.RETURNED, "Whether that helped shows when it is looked at again.")
    minutes = rollback.recover_within_s // 60
    return Recovery(RollbackOutcome.NOT_RECOVERED, f"What was raised was not cleared within {minutes} minutes.")
