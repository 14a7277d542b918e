"""How long a pause may last, and when people are told that it ends. Pure.

A pause that nobody ends is ended by the way back: nothing is promoted unasked, and nothing holds an endpoint for ever.
"""

from sluice.model.ids import Micros
from sluice.model.rollout import Rollout

_DAY = 24 * 3600 * 1_000_000
LONGEST = 14 * _DAY
"""Microseconds of one pause: a fortnight's absence, and as long as the longest `give_up_after` of a policy."""
NOTICE = 2 * _DAY
"""Microseconds between the reminder and the end: a weekend does not hide it."""


def pause_ends_at(rollout: Rollout) -> Micros | None:
    """When a pause is over by itself; None while there is none."""
    if rollout.paused_at is None:
        return None
    return Micros(rollout.paused_at + LONGEST)


def is_to_be_reminded(rollout: Rollout, now: Micros) -> bool:
    """Whether people have to be told now that the pause ends soon."""
    ends_at = pause_ends_at(rollout)
    return ends_at is not None and not rollout.reminded and now >= ends_at - NOTICE


def ended_pause(rollout: Rollout, now: Micros) -> str:
    """Why a rollout is not paused any longer, in words; empty while it may be."""
    ends_at = pause_ends_at(rollout)
    if ends_at is None or rollout.paused_at is None or now < ends_at:
        return ""
    return f"It was paused for {(now - rollout.paused_at) // _DAY} days, and nobody let it go on."
