"""The card of a return says what is true: whether the candidate is still served, or nobody is any more."""

import pytest

from sluice.core.rollout.configs import CANDIDATE
from sluice.core.rollout.progress import percent, state
from sluice.model.endpoint import EndpointSeen
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, WishKind
from sluice.model.rollout_rules import GuardrailKind, Guardrails, RolloutRules, Step, Strategy
from tests.rollouts import PRODUCTION, SERVING, RolloutWorld, rules

GUARDED = rules(
    strategy=Strategy.GUARDRAILS,
    steps=(),
    guardrails=Guardrails(GuardrailKind.CANARY, size_percent=25, wait_s=1800, max_execution_s=7200),
)
SHADOWED = rules(shadow=Step(100, 600, 3600))


def _is_served(seen: EndpointSeen, rollout: Rollout) -> bool:
    if rollout.final_config in (seen.config, seen.pending_config):
        return True
    return seen.config == rollout.candidate_config and seen.share(CANDIDATE) > 0


@pytest.mark.parametrize(
    "plan, phase",
    [(rules(), Phase.STEP), (rules(), Phase.PROMOTING), (GUARDED, Phase.GUARDED), (SHADOWED, Phase.SHADOW)],
)
def test_a_return_never_says_that_nobody_is_served_while_somebody_is(plan: RolloutRules, phase: Phase) -> None:
    """It said "0 % candidate" from the first moment on."""
    world = RolloutWorld(plan)
    rollout_id = world.request()
    world.await_phase(rollout_id, phase, step=1 if phase is Phase.PROMOTING else 0)
    world.pass_minutes(1)
    world.press(rollout_id, WishKind.ROLL_BACK)

    while not world.rollout(rollout_id).is_over:
        world.pass_minutes(0.1)
        rollout = world.rollout(rollout_id)
        if rollout.phase is Phase.RETURNING:
            assert not (rollout.emptied and _is_served(world.seen, rollout))
            assert percent(rollout) == (0.0 if rollout.emptied else None)

    ended = world.rollout(rollout_id)
    assert (ended.outcome, ended.emptied, world.seen.config) == (RolloutOutcome.RETURNED, True, SERVING)


def test_a_return_says_at_first_that_the_traffic_is_being_taken_away() -> None:
    world = RolloutWorld()
    world.traffic.rates[CANDIDATE] = 0.05
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.RETURNING)
    early = state(world.rollout(rollout_id))

    world.pass_minutes(30, until=lambda: world.rollout(rollout_id).emptied)

    assert early == "taking back: its traffic is being taken away"
    assert state(world.rollout(rollout_id)).startswith("taking back: nobody is served by it")
    assert world.seen.share(PRODUCTION) == 1.0
