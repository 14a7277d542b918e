"""When the judge looks: early and often at first, when a bad version does most harm, then ever more rarely. Pure.

Few looks lose no data, since one GetMetricData returns every minute of its window; measured against a look each minute
they cost at most two points of power and a fifth more delay.

An execution of Step Functions ends at 25,000 events of history: weeks of waiting, be it for the endpoint or for a
verdict, have to be few looks. `tests/unit/test_rollout_history.py` counts them.
"""

from collections.abc import Iterator

from sluice.model.ids import Micros

MINUTES = (1, 2, 3, 5, 8, 12, 17, 23, 30, 38, 47, 60)
"""Whole minutes of a step that the judge has before it at each look."""

THEN_EVERY_S = 600
"""Fewest seconds between two looks after that."""

LONGEST_S = 4 * 3600
"""Most seconds between two looks, which a wait of days comes to. An alarm or a button needs no look that is due."""

MOST_LOOKS = 1800
"""Looks of one rollout, those included that something woke: what is still undecided then is taken back undecided."""

SETTLE_S = 120
"""Seconds after which a minute of CloudWatch is taken as complete: metrics arrive late, a sum of half a minute lies."""

_WHOLE_S = SETTLE_S + 60
"""Seconds until so many minutes can be judged: a step begins within a minute, which is not whole."""

_SHARE = 20
"""Of the time that something has lasted, the next wait is this part: five per cent."""
_MINUTE = 60_000_000
_SECOND = 1_000_000


def patience_s(waited: int, least_s: int) -> int:
    """Seconds until the next look at what has lasted for so many microseconds."""
    return min(LONGEST_S, max(least_s, waited // _SECOND // _SHARE))


def waits_s(bake_min_s: int, give_up_after_s: int) -> list[int]:
    """Seconds from each look to the next, beginning with the one that opens a step; the last one is repeated.

    One look falls on the end of the shortest bake, so that a good version is not kept waiting for the next; one each on
    half and end of the time after which it is given up, when people are called and when it is taken back.
    """
    exact = {give_up_after_s // 2 + 60, give_up_after_s + 60} | ({bake_min_s + _WHOLE_S} if bake_min_s else set())
    rare = {
        at for at in _rare(max(bake_min_s, give_up_after_s)) if all(abs(at - due) >= THEN_EVERY_S // 2 for due in exact)
    }
    looks = sorted({m * 60 + _WHOLE_S for m in MINUTES} | exact | rare)
    gaps = [later - sooner for sooner, later in zip([0, *looks], looks, strict=False)]
    return [*gaps, patience_s(give_up_after_s * _SECOND, THEN_EVERY_S)]


def whole_minutes(since: Micros, now: Micros) -> tuple[Micros, Micros]:
    """The window of complete minutes from a moment on: from the first full minute to what CloudWatch has whole."""
    start = -(-since // _MINUTE) * _MINUTE
    return Micros(start), Micros(max(start, whole_until(now)))


def whole_until(now: Micros) -> Micros:
    """The end of the latest minute that CloudWatch has whole."""
    return Micros((now - SETTLE_S * _SECOND) // _MINUTE * _MINUTE)


def _rare(until_s: int) -> Iterator[int]:
    at = MINUTES[-1] * 60 + _WHOLE_S
    while at < until_s:
        at += patience_s(at * _SECOND, THEN_EVERY_S)
        yield at
