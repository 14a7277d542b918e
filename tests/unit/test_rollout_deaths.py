"""A function that dies at any moment of a rollout or of a return: the same end, with each effect once."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from sluice.core.rollout.configs import CANDIDATE
from sluice.model.endpoint import EndpointConfig, ScalingSeen
from sluice.model.ids import RolloutId
from sluice.model.rollout import RolloutOutcome
from sluice.model.rollout_rules import (
    EndpointKind,
    GuardrailKind,
    Guardrails,
    RolloutRules,
    Step,
    Strategy,
    Target,
)
from tests.fakes.deaths import Life
from tests.fakes.serving import End
from tests.rollouts import ENDPOINT, PRODUCTION, ROLE, SERVING, RolloutWorld, rules, serving_config

NEW = "fraud-scoring-v7-f1"
SAMPLE = 97
"""Every so many moments are tried by default: a prime, so that the moments differ in kind."""
SCALED = ScalingSeen(f"endpoint/{ENDPOINT}/variant/{PRODUCTION}", 2, 20)


def _guarded(guardrails: Guardrails, **more: object) -> RolloutRules:
    return rules(strategy=Strategy.GUARDRAILS, steps=(), guardrails=guardrails, **more)


def _silent_return(world: RolloutWorld) -> None:
    world.endpoints.end_next(End.RETURNS, "no capacity for ml.m5.large")


def _scaled(world: RolloutWorld) -> None:
    world.scaling.targets[ENDPOINT, PRODUCTION] = SCALED


CANARY = Guardrails(GuardrailKind.CANARY, size_percent=25, wait_s=1800)
ALONE = Guardrails(GuardrailKind.ALL_AT_ONCE, wait_s=0, termination_wait_s=900, managed=False)
LAMBDAS = {
    **serving_config()["ProductionVariants"][0],
    "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 9},
}
SERVERLESS = {
    "EndpointConfigName": SERVING,
    "ProductionVariants": [
        {key: value for key, value in LAMBDAS.items() if key not in ("InstanceType", "InitialInstanceCount")}
    ],
}


@dataclass(frozen=True)
class Way:
    """A rollout that goes one way: what is special about its world, and where it ends."""

    outcome: RolloutOutcome
    plan: RolloutRules = field(default_factory=rules)
    rate: float = 0.01
    early: float = 0.0
    serving: EndpointConfig | None = None
    first: bool = False
    begins: Callable[[RolloutWorld], None] = lambda _: None

    @property
    def serves(self) -> str:
        """The configuration in the end."""
        return NEW if self.outcome is RolloutOutcome.PROMOTED else SERVING


GOOD, BAD, FAILED = RolloutOutcome.PROMOTED, RolloutOutcome.RETURNED, RolloutOutcome.FAILED
ON_LAMBDA = Target(ENDPOINT, PRODUCTION, EndpointKind.SERVERLESS, ROLE, memory_mb=2048, max_concurrency=9)
OTHER_TYPE = rules(target=Target(ENDPOINT, PRODUCTION, instance_type="ml.m6i.large"))
WAYS = {
    "promotion": Way(GOOD),
    "return": Way(BAD, rate=0.03),
    "first": Way(GOOD, first=True),
    "shadow": Way(BAD, rules(shadow=Step(100, 600, 3600)), rate=0.05),
    "guarded": Way(GOOD, _guarded(CANARY)),
    "guarded return": Way(BAD, _guarded(CANARY), rate=0.08, early=0.25),
    "guarded silence": Way(FAILED, _guarded(CANARY), begins=_silent_return),
    "shadow, then guarded": Way(BAD, _guarded(CANARY, shadow=Step(100, 600, 3600)), rate=0.08, early=0.25),
    "serverless return": Way(BAD, _guarded(ALONE, target=ON_LAMBDA), rate=0.3, serving=SERVERLESS),
    "silence": Way(FAILED, begins=_silent_return),
    "other type": Way(GOOD, OTHER_TYPE, begins=_scaled),
    "other type, return": Way(BAD, OTHER_TYPE, rate=0.05, begins=_scaled),
}


def _played(way: Way, ends_at: int) -> tuple[RolloutWorld, RolloutId, Life]:
    world = RolloutWorld(way.plan, serving=way.serving, first=way.first)
    guarded = way.plan.strategy is Strategy.GUARDRAILS
    world.traffic.rates[NEW if guarded else CANDIDATE] = way.rate
    world.traffic.early = way.early
    way.begins(world)
    life = world.revive(Life(ends_at))
    rollout_id = world.request()
    world.finish(rollout_id, 600)
    world.pass_minutes(3)
    return world, rollout_id, life


def _confirm_known_end(name: str, moment: int) -> None:
    way = WAYS[name]

    world, rollout_id, life = _played(way, moment)

    at = f"{name}, moment {moment}"
    ends = [d["outcome"] for event, d in world.bus.events if event == "RolloutFinished"]
    assert world.rollout(rollout_id).outcome is way.outcome, at
    assert world.seen.config == way.serves, at
    assert world.seen.settled, at
    assert world.endpoints.repeated() == [], at
    assert world.endpoint.holder is None, at
    assert not world.alarms.plans, at
    assert ends[:1] == [way.outcome.value], at
    assert life.lived >= moment, at
    assert way.begins is not _scaled or world.scaling.targets[ENDPOINT, PRODUCTION] == SCALED, at


@pytest.mark.parametrize("name", sorted(WAYS))
def test_some_deaths_lead_to_the_same_end(name: str) -> None:
    moments = _played(WAYS[name], 0)[2].lived

    assert moments > 50
    for moment in range(1, moments + 1, SAMPLE):
        _confirm_known_end(name, moment)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", sorted(WAYS))
def test_every_death_leads_to_the_same_end(name: str) -> None:
    moments = _played(WAYS[name], 0)[2].lived

    for moment in range(1, moments + 1):
        _confirm_known_end(name, moment)
