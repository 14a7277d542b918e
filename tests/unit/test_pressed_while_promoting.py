"""Presses while a version is being promoted: a return is heard as long as it can be honoured, all else is told why not."""

from collections.abc import Mapping
from typing import Any

import pytest

from sluice.model.ids import Micros, RolloutId
from sluice.model.rollout import Phase, RolloutOutcome, WishKind
from sluice.model.rollout_rules import GuardrailKind, Guardrails, RolloutRules, Strategy
from tests.packages import CHEN
from tests.rollouts import SERVING, RolloutWorld, rules

NEW = "fraud-scoring-v7-f1"
GUARDED = rules(strategy=Strategy.GUARDRAILS, steps=(), guardrails=Guardrails(GuardrailKind.CANARY, size_percent=25))


def promoting(plan: RolloutRules | None = None) -> tuple[RolloutWorld, RolloutId]:
    """A version that was found good enough; the machine has not begun its promotion yet."""
    world = RolloutWorld(plan)
    world.traffic.early = 0.25
    rollout_id = world.request()
    world.pass_minutes(240, until=lambda: world.rollout(rollout_id).phase is Phase.PROMOTING)
    assert world.rollout(rollout_id).outcome is None
    return world, rollout_id


def being_deployed(world: RolloutWorld) -> None:
    """Let time pass until SageMaker is giving the new version all traffic."""
    world.pass_minutes(30, until=lambda: world.seen.pending_config == NEW)
    assert world.seen.pending_config == NEW


def told(world: RolloutWorld) -> str:
    world.deliver()
    return world.chat.told(CHEN)[-1]


def test_a_return_asked_while_sagemaker_promotes_is_done_as_soon_as_that_ends() -> None:
    world, rollout_id = promoting()
    being_deployed(world)

    world.press(rollout_id, WishKind.ROLL_BACK, "the chief called")
    assert "as soon as SageMaker's update is done" in told(world)
    ended = world.finish(rollout_id)

    assert (ended.outcome, ended.returned, ended.is_faulty) == (RolloutOutcome.RETURNED, True, True)
    assert ended.because == "Chen took it back: the chief called"
    assert world.seen.config == SERVING
    assert world.endpoint.holder is None


def test_a_return_asked_before_the_promotion_has_begun_keeps_it_from_beginning() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    tasks = world.machines[0].tasks
    change, pressed = tasks["ChangeEndpointFunctionArn"], set[str]()

    def pressed_first(event: Mapping[str, Any]) -> Any:
        if event["change"] == "promote" and not pressed:
            pressed.add("once")
            world.press(rollout_id, WishKind.ROLL_BACK, "the chief called")
        return change(event)

    world.machines[0].tasks = {**tasks, "ChangeEndpointFunctionArn": pressed_first}
    ended = world.finish(rollout_id)

    assert (ended.outcome, world.seen.config) == (RolloutOutcome.RETURNED, SERVING)
    assert NEW not in [effect.detail for effect in world.endpoints.effects if effect.operation == "update"]


def test_a_guarded_deployment_that_is_done_can_be_taken_back_until_it_is_verified() -> None:
    world, rollout_id = promoting(GUARDED)

    world.press(rollout_id, WishKind.ROLL_BACK, "the chief called")
    ended = world.finish(rollout_id)

    assert (ended.outcome, ended.returned, world.seen.config) == (RolloutOutcome.RETURNED, True, SERVING)


@pytest.mark.parametrize("kind", [WishKind.PAUSE, WishKind.PROMOTE_NOW, WishKind.ADVANCE, WishKind.GO_ON])
def test_all_else_is_told_why_it_is_too_late_and_what_is_left(kind: WishKind) -> None:
    world, rollout_id = promoting()

    world.press(rollout_id, kind)

    assert "cannot be held up. Roll back is heard until that is done. Nothing was changed." in told(world)
    assert world.finish(rollout_id).outcome is RolloutOutcome.PROMOTED


def test_once_it_is_promoted_a_rollback_takes_it_back() -> None:
    world, rollout_id = promoting()
    world.finish(rollout_id)

    world.press(rollout_id, WishKind.ROLL_BACK, "the chief called")

    assert "what served before serves again" in told(world)
    assert len(world.rollbacks.started) == 1
    assert world.rollout(rollout_id).outcome is RolloutOutcome.PROMOTED


def test_a_return_asked_while_the_new_version_is_waited_for_to_serve_is_honoured() -> None:
    """After SageMaker's update the first requests are waited for: until they are seen it is not promoted."""
    world, rollout_id = promoting()
    world.traffic.silent.add("AllTraffic")
    world.pass_minutes(60, until=lambda: world.seen.config == NEW and world.seen.settled)
    world.pass_minutes(2)
    assert world.rollout(rollout_id).outcome is None

    world.press(rollout_id, WishKind.ROLL_BACK, "no requests come")
    ended = world.finish(rollout_id)

    assert (ended.outcome, world.seen.config) == (RolloutOutcome.RETURNED, SERVING)


@pytest.mark.parametrize("minute", range(0, 40, 3))
def test_whenever_a_return_is_granted_it_is_honoured(minute: int) -> None:
    world, rollout_id = promoting()
    world.pass_minutes(minute)
    world.clock.at = Micros(world.clock.at + 1)

    world.press(rollout_id, WishKind.ROLL_BACK, "the chief called")
    promoted = bool(world.rollbacks.started)
    granted = "taken back" in told(world) and not promoted
    ended = world.finish(rollout_id)

    assert ended.outcome is (RolloutOutcome.RETURNED if granted else RolloutOutcome.PROMOTED)
    assert promoted is ("what served before serves again" in told(world))
