"""Sticky routing: clients of unequal weight and luck that stay with a variant, as behind a session cookie."""

from dataclasses import dataclass
from functools import lru_cache

from local.engine.traffic.chance import chance
from local.engine.traffic.demand import Demand, Weather

_BLOCK_S = 600
"""How long a client stays active or silent."""

_ACTIVE = 0.5
"""The part of clients that is active at a time."""


@dataclass(frozen=True, slots=True)
class _Client:
    place: float
    weight: float
    luck: float


def clients_weather(demand: Demand, endpoint: str, place: tuple[float, float], minute: int) -> Weather:
    """How the clients whose place falls into a variant's stretch of [0, 1) differ from the mean of all."""
    low, high = place
    clients = _clients(demand.seed, endpoint, demand.clients)
    mine = [c for n, c in enumerate(clients) if low <= c.place < high and _active(demand.seed, endpoint, n, minute)]
    weight = sum(c.weight for c in mine)
    expected = sum(c.weight for c in clients) * _ACTIVE * (high - low)
    if not weight or not expected:
        return Weather(requests=0.0)
    return Weather(requests=weight / expected, errors=sum(c.weight * c.luck for c in mine) / weight)


@lru_cache(maxsize=64)
def _clients(seed: str, endpoint: str, count: int) -> tuple[_Client, ...]:
    made = []
    for number in range(count):
        random = chance(seed, endpoint, "client", number)
        made.append(_Client(random.random(), 1.0 / (number + 1) ** 0.7, random.lognormvariate(-0.5, 1.0)))
    return tuple(made)


def _active(seed: str, endpoint: str, number: int, minute: int) -> bool:
    return _awake(seed, endpoint, number, minute // _BLOCK_S)


@lru_cache(maxsize=65536)
def _awake(seed: str, endpoint: str, number: int, block: int) -> bool:
    return chance(seed, endpoint, "client", number, block).random() < _ACTIVE
