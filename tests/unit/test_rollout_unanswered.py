"""`recommend` asks people, and nobody answers: it ends all the same, and gives the endpoint back."""

from dataclasses import replace

import pytest

from sluice.core.rollout.configs import CANDIDATE
from sluice.model.approval import Mode
from sluice.model.rollout import Phase, RolloutOutcome, WishKind
from sluice.model.rollout_rules import GuardrailKind, Guardrails, Step, Strategy
from tests.packages import CHANNEL
from tests.rollouts import SERVING, RolloutWorld, rules

HOURS = 60
ASKED = rules(give_up_after_s=2 * 3600)
GUARDED = replace(
    ASKED,
    strategy=Strategy.GUARDRAILS,
    steps=(),
    guardrails=Guardrails(GuardrailKind.CANARY, size_percent=25, wait_s=1800, max_execution_s=7200),
)


def _asked(rate: float) -> RolloutWorld:
    world = RolloutWorld(ASKED, mode=Mode.RECOMMEND)
    world.traffic.rates[CANDIDATE] = rate
    return world


@pytest.mark.parametrize("rate, asked", [(0.01, "advance"), (0.05, "roll_back")])
def test_a_question_that_nobody_answers_ends_by_the_way_back_and_rejects_nothing(rate: float, asked: str) -> None:
    """It stood for ever, with the lock, and a bad version went on serving its share."""
    world = _asked(rate)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.pass_minutes(60)
    open_question = world.rollout(rollout_id).asked

    ended = world.finish(rollout_id, 3 * HOURS)

    assert open_question == asked
    assert (ended.outcome, ended.is_faulty) == (RolloutOutcome.UNDECIDED, False)
    assert "Nobody answered" in ended.because
    assert (world.seen.config, world.endpoint.holder) == (SERVING, None)


def test_a_pause_is_no_time_of_a_question() -> None:
    world = _asked(0.05)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.pass_minutes(60)
    world.press(rollout_id, WishKind.PAUSE, "")

    world.pass_minutes(4 * HOURS)

    assert (world.rollout(rollout_id).phase, world.rollout(rollout_id).asked) == (Phase.STEP, "roll_back")


@pytest.mark.parametrize("shadow", [None, Step(100, 600, 3600)])
def test_whoever_may_answer_is_called_once_before_a_question_ends(shadow: Step | None) -> None:
    world = RolloutWorld(replace(ASKED, shadow=shadow), mode=Mode.RECOMMEND)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.SHADOW if shadow else Phase.STEP)
    world.pass_minutes(55)
    early = _calls(world)

    world.finish(rollout_id, 3 * HOURS)

    assert early == []
    assert len(_calls(world)) == 1


def test_each_step_has_a_reminder_of_its_own() -> None:
    world = _asked(0.01)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.pass_minutes(80)
    world.press(rollout_id, WishKind.ADVANCE, "")
    world.await_phase(rollout_id, Phase.STEP, step=1)

    world.finish(rollout_id, 3 * HOURS)

    assert len(_calls(world)) == 2


def test_a_guarded_deployment_that_nobody_takes_back_is_promoted_by_sagemaker() -> None:
    """SageMaker had finished long ago, and the rollout waited for an answer for ever."""
    world = RolloutWorld(GUARDED, mode=Mode.RECOMMEND)
    world.traffic.rates["fraud-scoring-v7-f1"], world.traffic.early = 0.08, 0.25
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.GUARDED)
    world.pass_minutes(20)
    asked = world.rollout(rollout_id).asked

    ended = world.finish(rollout_id, 3 * HOURS)

    assert asked == "roll_back"
    assert (ended.outcome, world.seen.config) == (RolloutOutcome.PROMOTED, ended.final_config)
    assert world.endpoint.holder is None


def _calls(world: RolloutWorld) -> list[str]:
    return [text for text in world.chat.texts(CHANNEL) if "waits for an answer" in text]
