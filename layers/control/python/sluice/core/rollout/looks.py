"""When the judge looks: early and often at first, when a bad version does most harm, then ever more rarely. Pure.

Few looks lose no data, since one GetMetricData returns every minute of its window; measured against a look each minute
they cost at most two points of power and a fifth more delay.
"""

from sluice.model.ids import Micros

MINUTES = (1, 2, 3, 5, 8, 12, 17, 23, 30, 38, 47, 60)
"""Whole minutes of a step that the judge has before it at each look."""

THEN_EVERY_S = 600
"""Longest time between two looks."""

SETTLE_S = 120
"""Seconds after which a minute of CloudWatch is taken as complete: metrics arrive late, a sum of half a minute lies."""

_WHOLE_S = SETTLE_S + 60
"""Seconds until so many minutes can be judged: a step begins within a minute, which is not whole."""

_MINUTE = 60_000_000
_SECOND = 1_000_000


def waits_s(bake_min_s: int) -> list[int]:
    """Seconds from each look to the next, beginning with the one that opens a step; the last one is repeated.

    One look falls on the end of the shortest bake, so that a good version is not kept waiting for the next.
    """
    looks = sorted({m * 60 + _WHOLE_S for m in MINUTES} | ({bake_min_s + _WHOLE_S} if bake_min_s else set()))
    gaps = [later - sooner for sooner, later in zip([0, *looks], looks, strict=False)]
    return [*(part for gap in gaps for part in _parts(gap)), THEN_EVERY_S]


def whole_minutes(since: Micros, now: Micros) -> tuple[Micros, Micros]:
    """The window of complete minutes from a moment on: from the first full minute to what CloudWatch has whole."""
    start = -(-since // _MINUTE) * _MINUTE
    return Micros(start), Micros(max(start, whole_until(now)))


def whole_until(now: Micros) -> Micros:
    """The end of the latest minute that CloudWatch has whole."""
    return Micros((now - SETTLE_S * _SECOND) // _MINUTE * _MINUTE)


def _parts(gap: int) -> list[int]:
    whole, rest = divmod(gap, THEN_EVERY_S)
    return [THEN_EVERY_S] * whole + ([rest] if rest else [])
