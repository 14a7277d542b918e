"""Requests and figures of production and candidate, told apart by version although promotion changes names. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from local.console.endpoint.axes import Window

type Values = Sequence[float | None]
"""One value a minute of the window; None where there is none."""

SMOOTH_MIN = 5
"""Minutes that a smoothed rate is taken over."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """The same figure of what served before and of the new version."""

    baseline: Values
    candidate: Values


def takeover_minute(window: Window, candidate: Values, intended_s: float | None) -> int | None:
    """The first minute whose production requests are the new version's.

    SageMaker serves the new version under the production variant's name as soon as the candidate's own variant is
    gone, which is some minutes after the promotion was begun.
    """
    if intended_s is None:
        return None
    first = max(0, int((intended_s - window.start_s) // 60))
    return next((n for n in range(first, len(candidate)) if not candidate[n]), None)


def by_version(production: Values, candidate: Values, takeover: int | None) -> Lanes:
    """Production's figures go over to the candidate from the minute of its take-over on."""
    if takeover is None:
        return Lanes(production, candidate)
    nothing: list[float | None] = [None] * (len(production) - takeover)
    return Lanes([*production[:takeover], *nothing], [*candidate[:takeover], *production[takeover:]])


def shares(requests: Lanes) -> list[float | None]:
    """The candidate's part of the requests, 0 to 1; None in minutes without any."""
    found: list[float | None] = []
    for before, new in zip(requests.baseline, requests.candidate, strict=True):
        total = (before or 0.0) + (new or 0.0)
        found.append((new or 0.0) / total if total else None)
    return found


def rates(events: Values, requests: Values, over_min: int = 1) -> list[float | None]:
    """Events a request over so many minutes up to each one; None where that minute has no requests."""
    found: list[float | None] = []
    for n, count in enumerate(requests):
        span = range(max(0, n - over_min + 1), n + 1)
        total = sum(requests[i] or 0.0 for i in span)
        found.append(sum(events[i] or 0.0 for i in span) / total if count and total else None)
    return found
