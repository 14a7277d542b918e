"""The worlds that the judges are compared in: the rows of the tables in docs/judge.md."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from benchmarks.judge.traffic import DAY, History, Metric, World

SPLITS = (0.1, 0.5)
OWN = ("outage", "sawtooth", "heavy_tailed", "correlated", "flapping", "uneven")
LATENCY = World(rate=0.1, metric=Metric.LATENCY)
"""Failures are requests slower than the 90th percentile of the baseline, as a policy that says nothing has it."""
QUARTER = replace(LATENCY, rate=0.25)
"""The same, slower than the upper quartile: requests enough to see less."""


class Group(StrEnum):
    """What is asked: is a good canary left alone, and one that hardly differs? Is a bad one taken back?"""

    GOOD = "good"
    MARGIN = "margin"
    BAD = "bad"
    LIMIT = "limit"
    """Beyond what counts a minute can tell; shown, and held to nothing."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A world with the name that its lines carry."""

    group: Group
    name: str
    world: World

    @property
    def key(self) -> str:
        """What its random numbers come from: the same canaries, whatever history goes before them."""
        world = self.world
        return f"{self.name}/{world.split}/{world.minutes}/{world.per_minute}"


def all_scenarios() -> list[Scenario]:
    """Every scenario of the full comparison."""
    return [*_good(), *_long(), *_margin(), *_bad(), *_limit()]


def few_scenarios() -> list[Scenario]:
    """One of each kind, for a look within a minute."""
    return [
        Scenario(Group.GOOD, "calm", World()),
        Scenario(Group.GOOD, "own outage", World(own="outage")),
        Scenario(Group.GOOD, "own correlated", World(own="correlated", split=0.5, history=History.SAME)),
        Scenario(Group.MARGIN, "latency +3 %", replace(LATENCY, factor=1.03, per_minute=6000)),
        Scenario(Group.BAD, "errors 1 to 5 %", World(factor=5)),
        Scenario(Group.BAD, "errors 1 to 2 %", World(factor=2, history=History.CALM)),
        Scenario(Group.BAD, "latency +25 %", replace(LATENCY, factor=1.25)),
    ]


def _good() -> Iterator[Scenario]:
    for split in SPLITS:
        for name, world in _quiet():
            for history in (History.NONE, History.SAME):
                yield Scenario(Group.GOOD, name, replace(world, split=split, history=history))
        for shape in OWN:
            for history in History:
                yield Scenario(Group.GOOD, f"own {shape}", World(own=shape, split=split, history=history))
        yield Scenario(Group.GOOD, "latency calm", replace(LATENCY, split=split))
        yield Scenario(Group.GOOD, "latency own uneven", replace(LATENCY, split=split, own="uneven"))
        for history in History:
            spells = replace(LATENCY, split=split, own="slow_spells", history=history)
            yield Scenario(Group.GOOD, "latency own spells", spells)


def _quiet() -> list[tuple[str, World]]:
    """What hits both variants alike, or nobody; and so few requests that most minutes see no failure."""
    return [
        ("calm", World()),
        ("daily", World(daily=True)),
        ("shared outage", World(shared="outage")),
        ("shared correlated", World(shared="correlated")),
        ("sparse calm", World(rate=0.02, per_minute=12)),
        ("sparse own outage", World(rate=0.02, per_minute=12, own="outage")),
    ]


def _long() -> Iterator[Scenario]:
    """A day of looks."""
    names = [("calm", "calm", "calm"), ("daily", "calm", "calm"), ("shared outage", "outage", "calm")]
    for split in SPLITS:
        for name, shared, own in [*names, *((f"own {shape}", "calm", shape) for shape in OWN)]:
            daily = name == "daily"
            world = World(minutes=DAY, daily=daily, shared=shared, own=own, split=split, history=History.SAME)
            yield Scenario(Group.GOOD, name, world)


def _margin() -> Iterator[Scenario]:
    """Differences that are real, and too small to matter: as much traffic as it takes to see them."""
    worlds = [
        ("latency +3 %", replace(LATENCY, factor=1.03)),
        ("latency ±10 % a minute", replace(LATENCY, own="jitter")),
        ("latency +3 %, quartile", replace(QUARTER, factor=1.03)),
        ("latency ±10 % a minute, quartile", replace(QUARTER, own="jitter")),
        ("errors +3 %", World(factor=1.03)),
        ("errors ±10 % a minute", World(own="jitter")),
    ]
    for per_minute in (600.0, 6000.0):
        for name, world in worlds:
            for history in (History.NONE, History.SAME):
                yield Scenario(Group.MARGIN, name, replace(world, per_minute=per_minute, history=history))


def _limit() -> Iterator[Scenario]:
    for history in (History.NONE, History.CALM):
        yield Scenario(Group.LIMIT, "sticky clients", World(own="sticky", history=history))


def _bad() -> Iterator[Scenario]:
    worlds = [
        ("errors 1 to 5 %", World(factor=5)),
        ("errors 1 to 2 %", World(factor=2)),
        ("errors 0.1 to 0.5 %", World(rate=0.001, factor=5)),
        ("latency +25 %", replace(LATENCY, factor=1.25)),
        ("latency +25 %, quartile", replace(QUARTER, factor=1.25)),
    ]
    for split in SPLITS:
        for name, world in worlds:
            for history in (History.NONE, History.CALM):
                yield Scenario(Group.BAD, name, replace(world, split=split, history=history))
            uneven = replace(world, own="ordinary", split=split, history=History.SAME)
            yield Scenario(Group.BAD, f"{name}, uneven", uneven)
    broken = World(factor=50)
    late = World(factor=5, onset=20)
    for name, world in (("errors 1 to 50 %", broken), ("errors 1 to 5 % from minute 21 on", late)):
        for history in (History.NONE, History.CALM):
            yield Scenario(Group.BAD, name, replace(world, history=history))
    sparse = World(rate=0.02, factor=5, per_minute=12, split=0.5)
    for history in (History.NONE, History.CALM):
        yield Scenario(Group.BAD, "sparse errors 2 to 10 %", replace(sparse, history=history))
