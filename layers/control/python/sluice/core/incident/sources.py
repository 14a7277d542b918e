"""What one source says within an incident: raised, cleared, told twice, told late, flapping. Pure.

The moments that the source itself names decide, not the order in which signals arrive.
"""

import hashlib
from dataclasses import replace

from sluice.core.incident.severity import severity_of, worse
from sluice.model.governing import Tier
from sluice.model.ids import EPOCH, Micros
from sluice.model.incident import SignalSeen
from sluice.model.signal import Signal

FLAPS = 4
"""So many raises within the window: it flaps."""
_KEYS = 16
"""Keys of the newest signals; what is older and comes again is known by its moment, or counted once too often."""


def is_known(seen: SignalSeen, signal: Signal) -> bool:
    """Whether this very signal was taken before; an older clear than one that was taken says nothing, either."""
    if key_of(signal) in seen.keys:
        return True
    return signal.at in seen.raised_at if signal.raised else signal.at <= seen.cleared_at


def is_late(seen: SignalSeen, signal: Signal) -> bool:
    """Whether the source has said something newer that outweighs it. Raised and cleared at once, it is raised."""
    if signal.raised:
        return signal.at < seen.cleared_at
    return signal.at <= newest_raise(seen)


def newest_raise(seen: SignalSeen) -> Micros:
    """The moment of its newest raise, 0 before the first."""
    return seen.raised_at[-1] if seen.raised_at else EPOCH


def flaps(seen: SignalSeen, window_s: int) -> bool:
    """Whether it was raised so often within a window that its clears mean nothing by themselves."""
    last = seen.raised_at[-FLAPS:]
    return len(last) == FLAPS and last[-1] - last[0] <= window_s * 1_000_000


def first_word(signal: Signal, tier: Tier, cleared_at: Micros) -> SignalSeen:
    """A source that is heard for the first time, raised; `cleared_at` is a clear that came ahead of it."""
    empty = SignalSeen(
        source=signal.source,
        kind=signal.kind,
        cause=signal.cause,
        raised=False,
        first_at=signal.at,
        last_at=max(signal.at, cleared_at),
        times=0,
        summary=signal.summary,
        cleared_at=cleared_at,
    )
    return raised_again(empty, signal, tier)


def raised_again(seen: SignalSeen, signal: Signal, tier: Tier) -> SignalSeen:
    """One more raise: the newest tells what it is about."""
    newest = signal.at >= newest_raise(seen)
    told = replace(
        seen,
        first_at=min(seen.first_at, signal.at),
        last_at=max(seen.last_at, signal.at),
        times=seen.times + 1,
        raised_at=tuple(sorted({*seen.raised_at, signal.at}))[-FLAPS:],
        severity=worse(seen.severity, severity_of(signal, tier)),
        keys=_with_key(seen, signal),
    )
    if not newest:
        return told
    return replace(told, kind=signal.kind, cause=signal.cause, summary=signal.summary, findings=signal.findings)


def cleared(seen: SignalSeen, signal: Signal) -> SignalSeen:
    """One more clear."""
    at = max(seen.cleared_at, signal.at)
    return replace(seen, cleared_at=at, last_at=max(seen.last_at, at), keys=_with_key(seen, signal))


def standing(seen: SignalSeen, window_s: int, now: Micros) -> SignalSeen:
    """The source with what holds now: raised if its newest word is that, or while it flaps and is not quiet yet."""
    raised = newest_raise(seen) >= seen.cleared_at
    restless = flaps(seen, window_s) and now < seen.cleared_at + window_s * 1_000_000
    return replace(seen, raised=raised or restless)


def key_of(signal: Signal) -> str:
    """The key as it is kept: short, however long the natural key is. A raise and a clear are never one signal."""
    return hashlib.sha256(f"{signal.raised}|{signal.key}".encode()).hexdigest()[:16]


def _with_key(seen: SignalSeen, signal: Signal) -> tuple[str, ...]:
    return (*seen.keys, key_of(signal))[-_KEYS:]
