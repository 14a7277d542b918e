"""What the baseline's own minutes say about how restless the metric is."""

from collections import deque

from sluice.core.judge.minute import split
from sluice.core.judge.paths import Path, path_of
from sluice.core.judge.unrest import FAMILY

RECENT = 30
"""Minutes that a minute is compared with: long enough to know the rate, short against the swings of a day."""
_WARM = 3
_TIMES, _MORE = 3.0, 4.0
"""A minute counts in the memory as at most three times what was expected, and four: one outage is soon forgotten."""


class Restlessness:
    """How well each behaviour of the family explains one variant, each minute against the half hour before it."""

    __slots__ = ("_events", "_recent", "_requests", "paths")

    def __init__(self) -> None:
        self.paths: tuple[Path, ...] = tuple(path_of(unrest, 0.0) for unrest in FAMILY)
        self._recent: deque[tuple[float, float]] = deque()
        self._requests = self._events = 0.0

    @property
    def log_likelihoods(self) -> list[float]:
        """Of each member of the family, in its order."""
        return [path.log_likelihood for path in self.paths]

    def step(self, requests: float, events: float) -> None:
        """Take in the next minute of the variant."""
        if self._requests > 0 and requests > 0:
            minute = split((self._requests, self._events), (requests, events))
            for path in self.paths:
                path.step(minute)
        self._remember(requests, events)

    def _remember(self, requests: float, events: float) -> None:
        if len(self._recent) >= _WARM and self._requests > 0:
            events = min(events, _TIMES * requests * self._events / self._requests + _MORE)
        self._recent.append((requests, events))
        self._requests, self._events = self._requests + requests, self._events + events
        if len(self._recent) > RECENT:
            gone = self._recent.popleft()
            # Sums of floats drift: what is left of nothing must be nothing.
            self._requests, self._events = self._requests - gone[0], max(0.0, self._events - gone[1])
