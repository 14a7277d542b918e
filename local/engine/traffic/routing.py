"""Which fleets take which part of an endpoint's requests in a minute, from the history of what served it."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

_MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Route:
    """A fleet that takes a part of an endpoint's requests, or a copy of it."""

    endpoint: str
    variant: str
    config: str
    model: str
    """What tells models apart: ARN of the package, or the model's name."""
    artefact: str
    share: float
    instances: int = 1
    instance_type: str = "ml.m5.large"
    is_shadow: bool = False
    by_config: bool = False
    """Whether its metrics are published by EndpointConfigName as well, as during a deployment."""


@dataclass(frozen=True, slots=True)
class Routing:
    """What served one endpoint from which moments on, and for how much longer it is to have served at the start."""

    since: Sequence[float]
    routes: Sequence[Sequence[Route]]
    longer_s: float = 0.0

    def began(self, model: str) -> float:
        """When a model first took traffic of the endpoint, in whatever fleet; never, if it has not."""
        for since, routes in zip(self.since, self.routes, strict=True):
            if any(route.model == model and route.share > 0 for route in routes):
                return since - (self.longer_s if since == self._first() else 0.0)
        return float("inf")

    def fleets(self) -> Iterable[Route]:
        """Every fleet that has served; one that was part of a deployment as it was then."""
        every = [route for routes in self.routes for route in routes]
        return {(r.variant, r.config): r for r in sorted(every, key=lambda r: r.by_config)}.values()

    def minute(self, minute: int) -> list[Route]:
        """The routes of a minute with their mean shares; a fleet that came or went takes its part of the minute."""
        found: dict[tuple[str, str, str, bool], Route] = {}
        for part, routes in self._parts(minute):
            for route in routes:
                key = (route.variant, route.config, route.model, route.is_shadow)
                before = found.get(key)
                share = route.share * part + (before.share if before else 0.0)
                by_config = route.by_config or (before is not None and before.by_config)
                found[key] = replace(route, share=share, by_config=by_config)
        return list(found.values())

    def _parts(self, minute: int) -> Iterable[tuple[float, Sequence[Route]]]:
        """The stretches of a minute, as parts of it, with what served in each."""
        first = self._first()
        begins = [minute, *(s for s in (first - self.longer_s, *self.since) if minute < s < minute + _MINUTE_S)]
        ends = [*sorted(begins)[1:], minute + _MINUTE_S]
        for begin, end in zip(sorted(begins), ends, strict=True):
            moment = first if first - self.longer_s <= begin < first else begin
            index = bisect_right(self.since, moment) - 1
            if index >= 0:
                yield (end - begin) / _MINUTE_S, self.routes[index]

    def _first(self) -> float:
        served = (s for s, routes in zip(self.since, self.routes, strict=True) if any(r.share > 0 for r in routes))
        return next(served, float("inf"))
