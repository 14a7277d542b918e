"""How restless a metric may be by itself: the family of behaviours under which a difference is nobody's fault.

Each variant has a multiplier of its own in each minute. Its logarithm is either scattered anew each minute, or lasts a
while before it is drawn again, or wanders (autoregressive), or wanders and jumps.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from sluice.core.judge.ratios import Spread, between_two


class Manner(StrEnum):
    """How a variant's own multiplier moves from one minute to the next."""

    STEADY = "steady"
    SCATTERED = "scattered"
    LASTING = "lasting"
    WANDERING = "wandering"
    JUMPING = "jumping"


@dataclass(frozen=True, slots=True)
class Doubt:
    """How much less plausible than calm a behaviour is before anything is seen, in nats.

    Without it no bad version could be told from trouble that began with the canary by chance. It fades once the
    canary's minutes have told `until` (one over the variance of the log ratio): to a half after `half` more.
    For latency it is `in_latency`, and lasts: lasting slowness of one variant alone is much less usual than failures.
    """

    nats: float = 0.0
    until: float = 4.0
    half: float = 4.0
    in_latency: float = 2.5


@dataclass(frozen=True, slots=True)
class Unrest:
    """One behaviour. `keeps` is the chance to stay as it is (lasting) or the autocorrelation (wandering, jumping).

    `own` is what the logarithm of the multiplier is drawn from, `deviation` how far it wanders, `jumps` how often it is
    drawn anew meanwhile. `trust` is how much less plausible a calm history can make it, in nats.
    """

    manner: Manner
    own: Spread = ()
    keeps: float = 0.0
    doubt: Doubt = Doubt(in_latency=0.0)
    trust: float = 2.0
    jumps: float = 0.0
    deviation: float = 0.0


def _lognormal(deviation: float) -> Spread:
    return ((1.0, 0.0, deviation),)


def _bursts(share: float, *, mild: bool = False) -> Spread:
    """Most minutes are as ever; in a `share` of them the rate is a multiple, seldom up to hundreds."""
    heights = ((0.7, 0.9, 0.5), (0.3, 1.8, 0.6)) if mild else ((0.55, 1.2, 0.6), (0.45, 2.6, 1.0))
    return ((1 - share, 0.0, 0.08), *((share * weight, mean, deviation) for weight, mean, deviation in heights))


CALM = Unrest(Manner.STEADY)
UNEVEN = Unrest(Manner.SCATTERED, _lognormal(0.5), doubt=Doubt(in_latency=0.0))
BURSTS = Unrest(Manner.LASTING, _bursts(0.03), keeps=0.67, doubt=Doubt(0.35, in_latency=1.25))
WANDERING = Unrest(Manner.WANDERING, keeps=0.88, deviation=0.45, doubt=Doubt(1.8, 7.0, 8.0))
QUIET = (CALM, Unrest(Manner.SCATTERED, _lognormal(0.2)), Unrest(Manner.SCATTERED, _bursts(0.02)))
"""What calm looks like: the plausibility of all else is measured against these."""
FAMILY = (
    *QUIET,
    UNEVEN,
    Unrest(Manner.SCATTERED, _lognormal(1.0), doubt=Doubt(0.35, in_latency=0.25), trust=0.5),
    Unrest(Manner.SCATTERED, _bursts(0.1), doubt=Doubt(in_latency=0.25), trust=0.5),
    BURSTS,
    Unrest(Manner.LASTING, _bursts(0.08, mild=True), keeps=0.75, doubt=Doubt(1.25)),
    Unrest(Manner.LASTING, _bursts(0.08, mild=True), keeps=0.87, doubt=Doubt(3.5)),
    Unrest(Manner.WANDERING, keeps=0.9, deviation=0.25, doubt=Doubt(2.9, 40.0, 10.0)),
    WANDERING,
    Unrest(Manner.WANDERING, keeps=0.75, deviation=0.75, doubt=Doubt(2.2)),
    Unrest(Manner.WANDERING, keeps=0.97, deviation=0.35, doubt=Doubt(3.5, 40.0, 10.0)),
    Unrest(
        Manner.JUMPING,
        ((0.85, 0.0, 0.5), (0.15, 1.2, 0.8)),
        keeps=0.95,
        doubt=Doubt(2.3),
        trust=0.5,
        jumps=0.08,
        deviation=0.5,
    ),
)


def of_two(unrest: Unrest) -> Unrest:
    """The behaviour of the ratio of two variants that each behave so."""
    return replace(unrest, own=between_two(unrest.own), deviation=unrest.deviation * 2**0.5)
