"""How much less than calm a behaviour is believed, in nats: what it may explain away costs it that much.

Three things count. Doubt: before anything is seen, lasting trouble that began with the canary and is not its doing is
thought unlikely; without that no bad version could be told from it. History: the baseline's minutes before the canary
speak for calm or against it. The baseline's minutes during the canary do so too. Each is bounded, for the next trouble
may be the candidate's alone and the first of its kind. Doubt comes late, since brief trouble is nothing unusual, and
fades as the canary's minutes tell more; what the history says holds from the first minute to the last.
"""

from dataclasses import dataclass

from sluice.core.judge.unrest import Unrest

_MOST_BY_BASELINE = 6.0
_MOST = 7.0
_LATENCY_TRUST = 3.0
_BRIEF, _LONGER = 4, 4
"""Trouble of four minutes is nothing unusual; only what lasts longer is doubted, and fully after four more."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How far the canary is: its minutes, and what they tell of the log ratio (one over a variance)."""

    minutes: int
    information: float
    latency: bool = False


def discount(unrest: Unrest, by_history: float, by_baseline: float, seen: Seen) -> float:
    """The discount of one behaviour.

    `by_history` and `by_baseline` are how much better calm explains the baseline before and during the canary (log
    likelihood ratios).
    """
    during = min(by_baseline, _MOST_BY_BASELINE)
    doubt, trust = (unrest.doubt.in_latency, _LATENCY_TRUST) if seen.latency else (unrest.doubt.nats, unrest.trust)
    heeded = doubt if seen.latency else doubt * _heeded(unrest, seen)
    history = min(max(by_history, -doubt), trust)
    return min(max(heeded + history + during, 0.0), _MOST)


def _heeded(unrest: Unrest, seen: Seen) -> float:
    """How much of the doubt counts by now."""
    lasting = min(1.0, max(0.0, (seen.minutes - _BRIEF) / _LONGER))
    return _fading(seen.information, unrest.doubt.until, unrest.doubt.half) * lasting


def _fading(information: float, until: float, half: float) -> float:
    """1 up to `until`, then falling: a half after `half` more."""
    return 1 / (1 + max(0.0, information - until) / half)
