"""Somebody sets the weights by hand while a step is judged: that is respected, and neither judged nor overwritten."""

import pytest

from sluice.core.rollout.configs import CANDIDATE
from sluice.model.ids import RolloutId
from sluice.model.rollout import Phase, RolloutOutcome, WishKind
from tests.rollouts import ENDPOINT, PRODUCTION, SERVING, RolloutWorld


def _in_step() -> tuple[RolloutWorld, RolloutId]:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    return world, rollout_id


@pytest.mark.parametrize("percent", [0.0, 11.0, 90.0])
def test_weights_set_by_hand_end_the_rollout_and_stay(percent: float) -> None:
    """The card went on to say 10 %, the judge counted with it, and the next step would have overwritten it."""
    world, rollout_id = _in_step()
    world.endpoints.somebody_sets_weights(ENDPOINT, {PRODUCTION: 100 - percent, CANDIDATE: percent})

    ended = world.finish(rollout_id, 20)

    assert ended.outcome is RolloutOutcome.DIVERGED
    assert f"the candidate gets {percent:g} % of the traffic by its weights" in ended.because
    assert world.seen.share(CANDIDATE) == pytest.approx(percent / 100)
    assert ("changed", "critical") in [
        (d["cause"], d["severity"]) for event, d in world.bus.events if event == "IncidentOpened"
    ]


def test_a_change_of_weights_under_way_is_noticed_as_well() -> None:
    """A look that decides before it has settled would wait for it, and then overwrite it."""
    world, rollout_id = _in_step()
    world.endpoints.resize_s = 3600
    world.endpoints.set_weights(ENDPOINT, {PRODUCTION: 10.0, CANDIDATE: 90.0})

    assert world.finish(rollout_id, 20).outcome is RolloutOutcome.DIVERGED


def test_the_same_shares_in_other_weights_are_no_change() -> None:
    world, rollout_id = _in_step()
    world.endpoints.somebody_sets_weights(ENDPOINT, {PRODUCTION: 0.9, CANDIDATE: 0.1})

    assert world.finish(rollout_id).outcome is RolloutOutcome.PROMOTED


def test_scaling_is_no_change_of_weights() -> None:
    world, rollout_id = _in_step()
    world.endpoints.somebody_scales(ENDPOINT, {PRODUCTION: 8})

    assert world.finish(rollout_id).outcome is RolloutOutcome.PROMOTED


def test_whoever_took_the_traffic_away_by_hand_can_still_roll_back() -> None:
    world, rollout_id = _in_step()
    world.endpoints.somebody_sets_weights(ENDPOINT, {PRODUCTION: 1.0, CANDIDATE: 0.0})
    world.press(rollout_id, WishKind.ROLL_BACK, "it burns")

    ended = world.finish(rollout_id, 60)

    assert (ended.outcome, world.seen.config) == (RolloutOutcome.RETURNED, SERVING)
