"""How many instances serve while a version goes to production and comes back: never fewer than carry the traffic."""

import json
from dataclasses import replace

import pytest

from sluice.core.rollout.configs import CANDIDATE
from sluice.model.endpoint import ScalingSeen
from sluice.model.rollout import Phase, RolloutOutcome
from sluice.model.rollout_rules import Step
from tests.rollouts import ENDPOINT, PRODUCTION, RolloutWorld, rules

SCALED = ScalingSeen(f"endpoint/{ENDPOINT}/variant/{PRODUCTION}", 2, 20)


def _instances(world: RolloutWorld, variant: str = PRODUCTION) -> int:
    seen = world.seen.variant(variant)
    assert seen is not None
    return seen.desired_instances


def test_a_fleet_that_scaled_out_since_the_snapshot_is_promoted_at_its_present_size() -> None:
    """It went back to the four instances of the snapshot, under the traffic of twelve."""
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.endpoints.somebody_scales(ENDPOINT, {PRODUCTION: 12})

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.PROMOTED
    assert _instances(world) >= 12


def test_a_candidate_is_sized_for_its_share_of_the_fleet_of_now() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.endpoints.somebody_scales(ENDPOINT, {PRODUCTION: 12})

    world.await_phase(rollout_id, Phase.STEP, step=1)

    assert _instances(world, CANDIDATE) >= 6


def test_a_fleet_that_scaled_out_during_the_shadow_is_not_made_small_again() -> None:
    world = RolloutWorld(rules(shadow=Step(100, 600, 3600)))
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.SHADOW)
    world.endpoints.somebody_scales(ENDPOINT, {PRODUCTION: 12})

    world.await_phase(rollout_id, Phase.STEP)

    assert _instances(world) >= 12


@pytest.mark.parametrize("shrunk", [1, 2, 4, 9])
def test_after_a_return_no_fewer_instances_serve_than_before_the_rollout(shrunk: int) -> None:
    """Half of the traffic needs half of the fleet, says scaling; then all of it comes back at once."""
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP, step=1)
    world.endpoints.somebody_scales(ENDPOINT, {PRODUCTION: shrunk})
    world.traffic.rates[CANDIDATE] = 0.05

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.RETURNED
    assert _instances(world) >= max(4, shrunk)


def test_traffic_comes_back_before_instances_do() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP, step=1)
    world.endpoints.somebody_scales(ENDPOINT, {PRODUCTION: 2})
    world.traffic.rates[CANDIDATE] = 0.05
    world.finish(rollout_id)

    acts = [(e.operation, json.loads(e.detail)) for e in world.endpoints.effects if e.operation.startswith("set_")]

    assert acts[-2:] == [("set_weights", {PRODUCTION: 1.0, CANDIDATE: 0.0}), ("set_counts", {PRODUCTION: 4})]


def test_a_refusal_of_those_instances_does_not_keep_the_return_from_ending() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP, step=1)
    world.endpoints.somebody_scales(ENDPOINT, {PRODUCTION: 2})
    world.traffic.rates[CANDIDATE] = 0.05
    world.await_phase(rollout_id, Phase.RETURNING, step=1)
    world.endpoints.refuse()

    assert world.finish(rollout_id).outcome is RolloutOutcome.RETURNED


def test_what_the_team_changed_of_its_scaling_meanwhile_stays() -> None:
    """It was put back as it had been at the begin."""
    world = RolloutWorld()
    world.scaling.targets[ENDPOINT, PRODUCTION] = SCALED
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    wider = replace(SCALED, maximum=40)
    world.scaling.targets[ENDPOINT, PRODUCTION] = wider

    world.finish(rollout_id)

    assert world.scaling.targets[ENDPOINT, PRODUCTION] == wider
    assert world.scaling.effects == []


@pytest.mark.parametrize("rate", [0.01, 0.05])
def test_scaling_that_went_with_an_instance_type_comes_back_on_every_way(rate: float) -> None:
    plan = rules()
    world = RolloutWorld(rules(target=type(plan.target)(ENDPOINT, PRODUCTION, instance_type="ml.m6i.large")))
    world.scaling.targets[ENDPOINT, PRODUCTION] = SCALED
    world.traffic.rates[CANDIDATE] = rate

    world.finish(world.request())

    assert world.scaling.targets[ENDPOINT, PRODUCTION] == SCALED


def test_a_fleet_is_never_made_larger_than_its_scaling_allows() -> None:
    world = RolloutWorld()
    world.scaling.targets[ENDPOINT, PRODUCTION] = replace(SCALED, maximum=12)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.endpoints.somebody_scales(ENDPOINT, {PRODUCTION: 12})

    world.finish(rollout_id)

    assert _instances(world) == 12
