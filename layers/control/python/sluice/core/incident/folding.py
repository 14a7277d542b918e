"""How many sources an incident keeps, so that its record fits into an item of DynamoDB (400 KB). Pure."""

from dataclasses import replace

from sluice.core.incident.severity import weight
from sluice.model.incident import SignalSeen

IN_FULL = 40
"""Sources whose words and findings are kept; of others only what they are, and whether they are raised."""
IN_ALL = 200


def folded(signals: tuple[SignalSeen, ...]) -> tuple[SignalSeen, ...]:
    """The worst sources in full, more of them in short, in the order in which they were first heard."""
    ranked = sorted(signals, key=_rank)
    kept = (*ranked[:IN_FULL], *(_short(seen) for seen in ranked[IN_FULL:IN_ALL]))
    return tuple(sorted(kept, key=lambda seen: (seen.first_at, seen.source)))


def worst_first(signals: tuple[SignalSeen, ...]) -> tuple[SignalSeen, ...]:
    """The sources, those that matter most now ahead."""
    return tuple(sorted(signals, key=_rank))


def _rank(seen: SignalSeen) -> tuple[object, ...]:
    rank, order = weight(seen.severity, seen.cause)
    return (not seen.raised, seen.inhibited, -rank, -order, seen.first_at, seen.source)


def _short(seen: SignalSeen) -> SignalSeen:
    return replace(seen, summary="", findings=(), keys=seen.keys[-2:])
