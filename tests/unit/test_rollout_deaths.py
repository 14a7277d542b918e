"""A function that dies at any moment of a rollout or of a return: the same end, with each effect once."""

import pytest

from sluice.core.rollout.configs import CANDIDATE
from sluice.model.ids import RolloutId
from sluice.model.rollout import RolloutOutcome
from tests.fakes.deaths import Life
from tests.rollouts import SERVING, RolloutWorld

NEW = "fraud-scoring-v7-f1"
WAYS = {
    "promotion": (0.01, RolloutOutcome.PROMOTED, NEW),
    "return": (0.03, RolloutOutcome.RETURNED, SERVING),
}
SAMPLE = 97
"""Every so many moments are tried by default: a prime, so that the moments differ in kind."""


def _played(rate: float, ends_at: int) -> tuple[RolloutWorld, RolloutId, Life]:
    world = RolloutWorld()
    world.traffic.rates[CANDIDATE] = rate
    life = world.revive(Life(ends_at))
    rollout_id = world.request()
    world.finish(rollout_id, 600)
    world.pass_minutes(3)
    return world, rollout_id, life


def _confirm_known_end(way: str, moment: int) -> None:
    rate, outcome, serving = WAYS[way]

    world, rollout_id, life = _played(rate, moment)

    at = f"{way}, moment {moment}"
    assert world.rollout(rollout_id).outcome is outcome, at
    assert world.seen.config == serving, at
    assert world.seen.settled, at
    assert world.endpoints.repeated() == [], at
    assert world.endpoint.holder is None, at
    assert not world.alarms.plans, at
    assert [d["outcome"] for event, d in world.bus.events if event == "RolloutFinished"][:1] == [outcome.value], at
    assert life.lived >= moment, at


@pytest.mark.parametrize("way", sorted(WAYS))
def test_some_deaths_lead_to_the_same_end(way: str) -> None:
    moments = _played(WAYS[way][0], 0)[2].lived

    assert moments > 500
    for moment in range(1, moments + 1, SAMPLE):
        _confirm_known_end(way, moment)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", sorted(WAYS))
def test_every_death_leads_to_the_same_end(way: str) -> None:
    moments = _played(WAYS[way][0], 0)[2].lived

    for moment in range(1, moments + 1):
        _confirm_known_end(way, moment)
