"""The figures of one fleet in one minute: requests, errors, latencies and business value."""

from dataclasses import dataclass
from functools import lru_cache
from random import Random

from local.engine.cloudwatch.distribution import Distribution
from local.engine.traffic.behaviour import Behaviour
from local.engine.traffic.chance import chance, fraction_bins, lognormal_bins, poisson, scattered
from local.engine.traffic.demand import Demand, Weather
from local.engine.traffic.sticky import clients_weather


@dataclass(frozen=True, slots=True)
class Fleet:
    """The instances behind a variant in one minute, and the part of the endpoint's requests that they take."""

    endpoint: str
    variant: str
    config: str
    share: float
    place: tuple[float, float] = (0.0, 1.0)
    """The stretch of all clients that are routed to it; of interest where routing is sticky."""
    instances: int = 1
    cores: int = 2
    gpus: int = 0
    is_shadow: bool = False
    by_config: bool = False
    """Whether its metrics are published by EndpointConfigName as well."""
    number: int = 0
    """Tells two fleets of one variant apart, while one replaces the other."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened to a fleet in a minute."""

    fleet: Fleet
    demand: Demand
    behaviour: Behaviour
    minute: int
    weather: Weather
    requests: int
    errors_4xx: int
    errors_5xx: int
    model_errors: int

    def latencies(self) -> Distribution:
        """ModelLatency in microseconds."""
        median = self.behaviour.latency_ms * 1000 * self.weather.latency
        return self._latency("latency", median, self.behaviour.latency_spread)

    def overheads(self) -> Distribution:
        """OverheadLatency in microseconds."""
        return self._latency("overhead", self.behaviour.overhead_ms * 1000, 0.25)

    def values(self) -> Distribution:
        """The business value of the answers that were served; what failed is worth nothing."""
        served = self.requests - self.model_errors
        bins = fraction_bins(self.behaviour.kpi_mean, self.behaviour.kpi_steps)
        counts = scattered(self.chance("value"), served, bins)
        if self.model_errors:
            counts[0.0] = counts.get(0.0, 0.0) + self.model_errors
        return Distribution(counts)

    def cpu(self) -> Distribution:
        """CPUUtilization in percent of a core: a request keeps one core busy for its latency."""
        each = self.requests / max(1, self.fleet.instances)
        load = each * self.behaviour.latency_ms * self.weather.latency / 60_000 * 100
        return self._by_instance("cpu", 2.0 + load, limit=100.0 * self.fleet.cores)

    def memory(self) -> Distribution:
        """MemoryUtilization in percent."""
        return self._by_instance("memory", self.behaviour.memory_percent, limit=100.0)

    def disk(self) -> Distribution:
        """DiskUtilization in percent."""
        return self._by_instance("disk", 18.0, limit=100.0)

    def gpu(self) -> Distribution:
        """GPUUtilization in percent of a GPU."""
        return self._by_instance("gpu", 5.0 + self.requests / max(1, self.fleet.instances) / 20, limit=self._all_gpus)

    def gpu_memory(self) -> Distribution:
        """GPUMemoryUtilization in percent of a GPU."""
        return self._by_instance("gpu memory", 40.0 * self.fleet.gpus, limit=self._all_gpus)

    @property
    def _all_gpus(self) -> float:
        return 100.0 * self.fleet.gpus

    def _latency(self, name: str, median: float, spread: float) -> Distribution:
        return _latencies(self, name, median, spread)

    def _by_instance(self, name: str, mean: float, *, limit: float) -> Distribution:
        random = self.chance(name)
        readings = (min(limit, mean * random.lognormvariate(0.0, 0.05)) for _ in range(self.fleet.instances))
        counts: dict[float, float] = {}
        for reading in readings:
            counts[round(reading, 3)] = counts.get(round(reading, 3), 0.0) + 1.0
        return Distribution(counts)

    def chance(self, name: str) -> Random:
        """Random numbers of this fleet and minute for a purpose."""
        return _generator(self.demand, self.fleet, self.minute, name)


@lru_cache(maxsize=16384)
def _latencies(of: Figures, name: str, median: float, spread: float) -> Distribution:
    # Kept, since an alarm looks at the same minutes again and again, and nothing else takes as long to compute.
    return Distribution(scattered(of.chance(name), of.requests, lognormal_bins(median, spread)))


def figures(demand: Demand, behaviour: Behaviour, fleet: Fleet, minute: int) -> Figures:
    """What happens to a fleet in a minute, given by its first second."""
    weather = demand.weather(fleet.endpoint, fleet.variant, minute)
    if demand.sticky:
        weather *= clients_weather(demand, fleet.endpoint, fleet.place, minute)
    mean = demand.requests_at(minute) * weather.requests * fleet.share
    requests = poisson(_generator(demand, fleet, minute, "requests"), mean)
    random = _generator(demand, fleet, minute, "errors")
    counts, left = [], requests
    for rate in (behaviour.rate_4xx, behaviour.rate_5xx, behaviour.rate_model_errors):
        counts.append(random.binomialvariate(left, min(1.0, rate * weather.errors)) if left else 0)
        left -= counts[-1]
    return Figures(fleet, demand, behaviour, minute, weather, requests, counts[0], counts[1], sum(counts))


def _generator(demand: Demand, fleet: Fleet, minute: int, name: str) -> Random:
    return chance(demand.seed, fleet.endpoint, fleet.variant, fleet.number, minute, name)
