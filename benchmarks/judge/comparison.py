"""Runs every judge over every scenario, in blocks whose random numbers are the same over any number of processes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from multiprocessing import get_context
from zlib import crc32

from numpy.random import default_rng

from benchmarks.judge import competitors
from benchmarks.judge.cells import OURS, Cell, cell_of
from benchmarks.judge.competitors import Method
from benchmarks.judge.ours import SPARSE, ours
from benchmarks.judge.scenarios import Group, Scenario
from benchmarks.judge.traffic import simulate

SEED = 20261124
HOUR = 60
BLOCK = 250
"""Runs that one process does at a time."""
COMPETITORS: dict[str, Method] = {
    "alarm 3 of 3": competitors.alarm(3, 3),
    "Kayenta at the end": competitors.kayenta_at_end,
    "Kayenta each 5 min": competitors.kayenta_each_5,
    "multinomial": competitors.multinomial,
    "e-mix": competitors.mixture,
    "oracle": competitors.oracle,
}
METHODS = (*COMPETITORS, OURS, SPARSE)


class Judges(StrEnum):
    """Whose answers are wanted: competitors give the same ones until they or the scenarios are changed."""

    ALL = "all"
    OURS = "ours"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Block:
    """Some runs of one scenario, judged by ours and by some competitors."""

    scenario: Scenario
    competitors: tuple[str, ...]
    number: int
    runs: int
    alpha: float
    ours: bool = True


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is run: runs a scenario, which judges, and over how many processes."""

    runs: int
    alpha: float
    jobs: int = 1
    judges: Judges = Judges.ALL


def compare(scenarios: Sequence[Scenario], extent: Extent) -> Iterator[Cell]:
    """The cells, scenario by scenario, as they are done."""
    asked = _asked(scenarios, others=extent.judges is not Judges.OURS)
    blocks = [block for scenario, names in asked for block in _blocks(scenario, names, extent)]
    with get_context("spawn").Pool(extent.jobs) as pool:
        judged = pool.imap(judge_block, blocks)
        for scenario, done in groupby(zip(blocks, judged, strict=True), key=lambda pair: pair[0].scenario):
            yield from _cells(scenario, extent.alpha, (answers for _, answers in done))


def judge_block(block: Block) -> dict[str, list[int]]:
    """The minute at which each method takes each run back."""
    world, key = block.scenario.world, crc32(block.scenario.key.encode())
    trials = simulate(world, block.runs, default_rng([SEED, key, block.number]))
    answers = {name: COMPETITORS[name](trials, world, block.alpha) for name in block.competitors}
    if block.ours:
        answers |= ours(trials, world, block.alpha)
    return {name: minutes.tolist() for name, minutes in answers.items()}


def _asked(scenarios: Iterable[Scenario], *, others: bool) -> Iterator[tuple[Scenario, tuple[str, ...]]]:
    """Each scenario with the competitors worth running: they read no history, and saw the same canaries without."""
    seen: set[str] = set()
    for scenario in scenarios:
        wanted = others and scenario.key not in seen
        seen.add(scenario.key)
        yield scenario, tuple(name for name in COMPETITORS if wanted and _applies(name, scenario))


def _applies(name: str, scenario: Scenario) -> bool:
    """The oracle needs a bad rate; Kayenta compares all pairs of minutes: two million at each look of a day's end."""
    if name == "oracle":
        return scenario.group is Group.BAD and scenario.world.own == "calm" and not scenario.world.onset
    return scenario.world.minutes <= HOUR or not name.startswith("Kayenta")


def _blocks(scenario: Scenario, names: tuple[str, ...], extent: Extent) -> Iterator[Block]:
    with_ours = extent.judges is not Judges.OTHERS
    for number, start in enumerate(range(0, extent.runs, BLOCK)) if names or with_ours else ():
        yield Block(scenario, names, number, min(BLOCK, extent.runs - start), extent.alpha, with_ours)


def _cells(scenario: Scenario, alpha: float, done: Iterable[Mapping[str, list[int]]]) -> Iterator[Cell]:
    answers: defaultdict[str, list[int]] = defaultdict(list)
    for block in done:
        for name, minutes in block.items():
            answers[name].extend(minutes)
    yield from (cell_of(scenario, name, alpha, minutes) for name, minutes in answers.items())
