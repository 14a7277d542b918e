"""How many requests an endpoint gets, over the day and in bursts, and what else disturbs its variants."""

import math
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Self

from local.engine.traffic.chance import chance

_DAY_S = 86400


@dataclass(frozen=True, slots=True)
class Weather:
    """What a minute brings, as factors: of requests, of error rates, of latency."""

    requests: float = 1.0
    errors: float = 1.0
    latency: float = 1.0

    def __mul__(self, other: "Weather") -> "Weather":
        return Weather(self.requests * other.requests, self.errors * other.errors, self.latency * other.latency)


@dataclass(frozen=True, slots=True)
class Burst:
    """Something that begins with a chance in each minute and lasts a while, for all variants or for one alone."""

    chance: float
    minutes: int
    requests: float = 1.0
    errors: float = 1.0
    latency: float = 1.0
    own: bool = False


@dataclass(frozen=True, slots=True)
class Demand:
    """The traffic of one endpoint."""

    requests_per_minute: float = 600.0
    daily_swing: float = 0.3
    """How far the rate swings over the day: 0.3 is between 70 and 130 percent."""
    peak_hour: float = 14.0
    """UTC hour of the most requests."""
    own_noise: float = 0.0
    """Spread of the logarithm of a factor on each variant's error rates, anew each minute."""
    bursts: tuple[Burst, ...] = ()
    sticky: bool = False
    """Whether a client stays with a variant, so that requests of one variant are not independent."""
    clients: int = 200
    seed: str = "sluice"
    kpi_namespace: str = "Team/Applications"
    kpi_name: str = "BusinessValue"

    @classmethod
    def parsed(cls, document: dict[str, Any]) -> Self:
        """A demand from the admin call; raises ValueError for fields that there are not."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(document) - known):
            raise ValueError(f"traffic has no {', '.join(unknown)}")
        bursts = tuple(Burst(**burst) for burst in document.get("bursts", ()))
        return cls(**{**document, "bursts": bursts, "seed": str(document.get("seed", "sluice"))})

    def requests_at(self, minute: int) -> float:
        """The mean number of requests in a minute (given by its first second), bursts apart."""
        angle = 2 * math.pi * (minute % _DAY_S / _DAY_S - self.peak_hour / 24)
        return self.requests_per_minute * max(0.0, 1 + self.daily_swing * math.cos(angle))

    def weather(self, endpoint: str, variant: str, minute: int) -> Weather:
        """What a minute brings for a variant."""
        found = Weather()
        for number, burst in enumerate(self.bursts):
            whose = variant if burst.own else ""
            if _bursting(burst, self.seed, f"{endpoint}|{whose}|{number}", minute):
                found *= Weather(burst.requests, burst.errors, burst.latency)
        if self.own_noise:
            noise = chance(self.seed, endpoint, variant, minute, "noise").lognormvariate(0.0, self.own_noise)
            found *= Weather(errors=noise)
        return found


@lru_cache(maxsize=65536)
def _begins(odds: float, seed: str, name: str, minute: int) -> bool:
    return chance(seed, name, minute, "burst").random() < odds


def _bursting(burst: Burst, seed: str, name: str, minute: int) -> bool:
    return any(_begins(burst.chance, seed, name, minute - 60 * back) for back in range(burst.minutes))
