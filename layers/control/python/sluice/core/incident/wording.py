"""An incident in one line. Pure."""

from sluice.core.incident.bounds import cut
from sluice.core.incident.folding import worst_first
from sluice.core.incident.sources import flaps
from sluice.model.incident import Incident, SignalSeen

_LINE = 900
"""Bytes; pages put model and version before it and have 1,024 characters."""


def summary_of(incident: Incident, signals: tuple[SignalSeen, ...]) -> str:
    """What is wrong, the worst first; what flaps is called so, and what else is raised is counted."""
    first, *others = worst_first(signals)
    more = [seen for seen in others if seen.raised and not seen.inhibited]
    parts = [f"{incident.endpoint}: {first.summary or first.source}"]
    if more:
        parts.append(f"And {len(more)} more: {', '.join(seen.source for seen in more[:3])}{_rest(len(more) - 3)}.")
    restless = [seen.source for seen in signals if flaps(seen, incident.paging.group_s)]
    if restless:
        parts.append(f"Flapping: {', '.join(restless[:3])}{_rest(len(restless) - 3)}.")
    return cut(" ".join(part if part.endswith((".", "…", "!", "?")) else f"{part}." for part in parts), _LINE)


def _rest(count: int) -> str:
    return f" and {count} others" if count > 0 else ""
