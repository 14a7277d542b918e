"""Which fleets take which part of an endpoint's requests, minute by minute, from what SageMaker says serves."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

STEP_S = 15
"""How finely a minute is cut: a change of weights within it counts from the next step."""

_NOTED_EVERY_S = 60


@dataclass(frozen=True, slots=True)
class Route:
    """A fleet that takes a part of an endpoint's requests, or a copy of it, since a moment."""

    endpoint: str
    variant: str
    config: str
    model: str
    """What tells models apart: ARN of the package, or the model's name."""
    artefact: str
    share: float
    since: float
    instances: int = 1
    instance_type: str = "ml.m5.large"
    is_shadow: bool = False
    by_config: bool = False
    """Whether its metrics are published by EndpointConfigName as well, as during a deployment."""


type Provider = Callable[[float], Iterable[Route]]
"""What serves at a moment, which may be past."""


class Routing:
    """The routes of a minute, and since when a model has taken traffic of an endpoint, in whatever fleets."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._noted = 0
        self._longer: dict[str, int] = {}
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, str, str], Route] = {}
        self._began: dict[tuple[str, str], float] = {}

    def note(self, now: float) -> None:
        """Look at what has served up to now, so that a model's first traffic is known when it is asked for."""
        with self._lock:
            last = int(now // _NOTED_EVERY_S) * _NOTED_EVERY_S
            first = self._noted + _NOTED_EVERY_S if self._noted else last
            for second in (*range(first, last, _NOTED_EVERY_S), now):
                self._look(self._provider(float(second)))
            self._noted = max(self._noted, last)

    def backdate(self, endpoint: str, seconds: float) -> None:
        """Let what first served an endpoint have served it that much longer."""
        self._longer[endpoint] = int(seconds)

    def began(self, endpoint: str, model: str) -> float:
        """When a model first took traffic of an endpoint; never, if it has not."""
        found = self._began.get((endpoint, model), float("inf"))
        return found - self._longer.get(endpoint, 0) if found == self._first(endpoint) else found

    def variants(self) -> list[Route]:
        """Every fleet that has been seen serving, once for each configuration."""
        return list(self._seen.values())

    def minute(self, endpoint: str, minute: int) -> list[Route]:
        """The routes of a minute with their mean shares; a fleet that came or went takes its part of the minute."""
        steps = [self._at(endpoint, float(second)) for second in range(minute, minute + 60, STEP_S)]
        found: dict[tuple[str, str, str, bool], Route] = {}
        for route in (route for routes in steps for route in routes):
            key = (route.variant, route.config, route.model, route.is_shadow)
            before = found.get(key)
            share = route.share / len(steps) + (before.share if before else 0.0)
            by_config = route.by_config or (before is not None and before.by_config)
            found[key] = replace(route, share=share, by_config=by_config)
        return list(found.values())

    def _at(self, endpoint: str, second: float) -> list[Route]:
        first = self._first(endpoint)
        if first - self._longer.get(endpoint, 0) <= second < first:
            second = first
        return [route for route in self._provider(second) if route.endpoint == endpoint]

    def _first(self, endpoint: str) -> float:
        return min((began for key, began in self._began.items() if key[0] == endpoint), default=float("inf"))

    def _look(self, routes: Iterable[Route]) -> None:
        for route in routes:
            key = (route.endpoint, route.variant, route.config)
            if key not in self._seen or route.by_config:
                self._seen[key] = route
            if route.share > 0:
                model = (route.endpoint, route.model)
                self._began[model] = min(route.since, self._began.get(model, route.since))
