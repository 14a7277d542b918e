"""The simulated traffic as a source of CloudWatch's series: minutes are computed when they are asked for."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from ministack.core.responses import AccountRegionScopedDict

from local import clock
from local.engine.cloudwatch.series import MINUTE_S, Points, SeriesKey
from local.engine.traffic import metrics, models, serving_routes
from local.engine.traffic.chance import chance
from local.engine.traffic.demand import Demand
from local.engine.traffic.figures import Figures, Fleet, figures
from local.engine.traffic.routing import Route, Routing

_BY_CONFIG = "EndpointConfigName"
_MOST_KEPT = 100_000

delay_s = [60.0]
"""How long the data points of a minute take to arrive after its end; meanwhile the minute is absent or incomplete."""


class Traffic:
    """The metrics of every endpoint of every account and region."""

    def __init__(self) -> None:
        self._demands: Any = AccountRegionScopedDict()  # endpoint -> [(since, demand)], oldest first
        self._longer: Any = AccountRegionScopedDict()  # endpoint -> seconds that it has served before it existed
        self._routings: Any = AccountRegionScopedDict()  # endpoint -> (changes, routing)
        self._minutes: Any = AccountRegionScopedDict()  # endpoint -> {minute: figures}

    def set_demand(self, endpoint: str, demand: Demand, since: float) -> None:
        """Let an endpoint have this traffic from a moment on; what is set first counts for the time before as well."""
        known = self._demands.setdefault(endpoint, [])
        known.append((since if known else 0.0, demand))
        self.refresh()

    def backdate(self, endpoint: str, seconds: float) -> None:
        """Let an endpoint have served longer than it exists."""
        self._longer[endpoint] = seconds
        self.refresh()

    def refresh(self) -> None:
        """Compute minutes anew, as something they depend on was set."""
        for part in (self._minutes, self._routings):
            for endpoint in list(part):
                part.pop(endpoint, None)

    def forget(self) -> None:
        """Forget all traffic."""
        for part in (self._demands, self._longer, self._routings, self._minutes):
            part.clear()
        models.forget()

    def known(self) -> Iterable[SeriesKey]:
        """The metrics of all that has ever served."""
        for endpoint in serving_routes.endpoints():
            for route in self._routing(endpoint).fleets():
                yield from metrics.keys(route, self._value(endpoint))

    def unit(self, key: SeriesKey) -> str | None:
        """The unit of a metric of an endpoint."""
        found = self._metric(key)
        return found.unit if found else None

    def is_simulated(self, key: SeriesKey) -> bool:
        """Always for the metrics of endpoints."""
        return self._metric(key) is not None

    def read(self, key: SeriesKey, start: int, end: int, *, at: float) -> Points:
        """The minutes of a metric, the last ones as incomplete as they still are."""
        metric = self._metric(key)
        if metric is None:
            return {}
        dimensions = dict(key.dimensions)
        endpoint, variant, config = dimensions["EndpointName"], dimensions["VariantName"], dimensions.get(_BY_CONFIG)
        found: Points = {}
        for minute in range(-(-start // MINUTE_S) * MINUTE_S, min(end, int(at)), MINUTE_S):
            fraction = _arrived(key, minute, at)
            fleets = self._figures(endpoint, minute) if fraction else []
            mine = [f for f in fleets if f.fleet.variant == variant and _counts(f.fleet, config)]
            values = metrics.values(metric, mine).thinned(fraction)
            if values.counts:
                found[minute] = values
        return found

    def _metric(self, key: SeriesKey) -> metrics.Metric | None:
        names = {name for name, _ in key.dimensions}
        if names not in ({"EndpointName", "VariantName"}, {"EndpointName", "VariantName", _BY_CONFIG}):
            return None
        found = metrics.find(key, self._value(dict(key.dimensions)["EndpointName"]))
        return None if found is metrics.VALUE and _BY_CONFIG in names else found

    def _figures(self, endpoint: str, minute: int) -> list[Figures]:
        kept: OrderedDict[int, list[Figures]] = self._minutes.setdefault(endpoint, OrderedDict())
        if minute not in kept:
            kept[minute] = self._computed(endpoint, minute)
            while len(kept) > _MOST_KEPT:
                kept.popitem(last=False)
        return kept[minute]

    def _computed(self, endpoint: str, minute: int) -> list[Figures]:
        routing, demand = self._routing(endpoint), self._demand(endpoint, minute)
        found = []
        for route, fleet in _fleets(routing.minute(minute)):
            age = max(0.0, (minute - routing.began(route.model)) / MINUTE_S)
            behaviour = models.behaviour_of(route.model, route.artefact, minute).after(age)
            found.append(figures(demand, behaviour, fleet, minute))
        return found

    def _routing(self, endpoint: str) -> Routing:
        changes = serving_routes.changes(endpoint)
        kept: tuple[int, Routing] | None = self._routings.get(endpoint)
        if kept is None or kept[0] != changes:
            kept = (changes, serving_routes.routing(endpoint, self._longer.get(endpoint, 0.0)))
            self._routings[endpoint] = kept
        return kept[1]

    def _demand(self, endpoint: str, at: float) -> Demand:
        known = [demand for since, demand in self._demands.get(endpoint, []) if since <= at]
        return known[-1] if known else Demand()

    def _value(self, endpoint: str) -> tuple[str, str]:
        demand = self._demand(endpoint, clock.now())
        return demand.kpi_namespace, demand.kpi_name


def _fleets(routes: list[Route]) -> Iterable[tuple[Route, Fleet]]:
    low, seen = 0.0, dict[str, int]()
    for route in sorted(routes, key=lambda r: (r.is_shadow, r.variant, r.config)):
        number = seen.setdefault(route.variant, 0)
        seen[route.variant] += 1
        place = (low, low + route.share) if not route.is_shadow else (0.0, route.share)
        low = low if route.is_shadow else low + route.share
        fleet = Fleet(
            endpoint=route.endpoint,
            variant=route.variant,
            config=route.config,
            share=route.share,
            place=place,
            instances=route.instances,
            cores=metrics.cores(route.instance_type),
            gpus=metrics.accelerators(route.instance_type),
            is_shadow=route.is_shadow,
            number=number,
            by_config=route.by_config,
        )
        yield route, fleet


def _counts(fleet: Fleet, config: str | None) -> bool:
    return config is None or (fleet.by_config and fleet.config == config)


def _arrived(key: SeriesKey, minute: int, at: float) -> float:
    """The part of a minute's data points that has arrived."""
    age = at - (minute + MINUTE_S)
    if age < 0:
        return 0.0
    part = age / delay_s[0] if delay_s[0] else 1.0
    if part >= 1:
        return 1.0
    return part if part > chance("delay", key, minute).random() / 2 else 0.0
