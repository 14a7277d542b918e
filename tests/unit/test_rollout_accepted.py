"""A guarded version that SageMaker has deployed, and of which nobody has seen enough, can be accepted by a person."""

import json

import pytest

from sluice.core.rollout.configs import CANDIDATE
from sluice.core.rollout.progress import percent
from sluice.core.rollout.wishes import possible
from sluice.errors import TransientFailure
from sluice.model.approval import Mode
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import RolloutId
from sluice.model.rollout import Phase, RolloutOutcome, WishKind
from sluice.model.rollout_rules import GuardrailKind, Guardrails, Strategy
from tests.packages import CHEN
from tests.rollouts import PRODUCTION, SERVING, RolloutWorld, rules

GUARDED = rules(
    strategy=Strategy.GUARDRAILS,
    steps=(),
    guardrails=Guardrails(GuardrailKind.CANARY, size_percent=25, wait_s=1800, max_execution_s=7200),
    alarms=("fraud-5xx",),
)


def _unseen(mode: Mode = Mode.ENFORCE) -> tuple[RolloutWorld, RolloutId]:
    """SageMaker moves the traffic of an endpoint that gets none."""
    world = RolloutWorld(GUARDED, mode=mode)
    world.traffic.silent |= {PRODUCTION, CANDIDATE}
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.GUARDED)
    return world, rollout_id


@pytest.mark.parametrize("mode", [Mode.RECOMMEND, Mode.ENFORCE])
def test_what_sagemaker_has_deployed_and_nobody_could_judge_is_promoted_on_a_persons_word(mode: Mode) -> None:
    """Too little data is never a pass, so it could only be taken back in the end."""
    world, rollout_id = _unseen(mode)
    world.pass_minutes(120, until=lambda: world.rollout(rollout_id).moved)
    offered, share = possible(world.rollout(rollout_id)), percent(world.rollout(rollout_id))

    world.press(rollout_id, WishKind.PROMOTE_NOW, "no requests at night, tried by hand")
    ended = world.finish(rollout_id)

    assert (set(offered), share) == ({WishKind.PROMOTE_NOW, WishKind.ROLL_BACK}, 100.0)
    assert (ended.outcome, world.seen.config) == (RolloutOutcome.PROMOTED, ended.final_config)
    assert "accepted it" in ended.because
    assert "no requests at night, tried by hand" in ended.because
    [asked] = [json.loads(r.body) for r in world.ledger() if r.kind == EntryKind.ROLLOUT_ASKED]
    assert (asked["asked"], asked["person"]) == ("promote_now", CHEN)


def test_it_is_not_offered_while_sagemaker_still_moves_the_traffic() -> None:
    world, rollout_id = _unseen()
    world.pass_minutes(5)

    world.press(rollout_id, WishKind.PROMOTE_NOW)
    world.deliver()

    assert possible(world.rollout(rollout_id)) == {WishKind.ROLL_BACK}
    assert "Once it has moved all of it, it can be accepted" in world.chat.told(CHEN)[-1]
    assert world.rollout(rollout_id).wish is None


def test_without_a_word_it_is_taken_back_undecided_in_the_end_as_before() -> None:
    world, rollout_id = _unseen()

    ended = world.finish(rollout_id, 30 * 60)

    assert (ended.outcome, world.seen.config) == (RolloutOutcome.UNDECIDED, SERVING)


def test_an_alarm_that_cannot_be_read_or_rings_is_nothing_that_a_person_can_answer_for() -> None:
    world, rollout_id = _unseen()
    world.pass_minutes(120, until=lambda: world.rollout(rollout_id).moved)
    world.alarms.down = TransientFailure("DescribeAlarms: Throttling")
    world.press(rollout_id, WishKind.PROMOTE_NOW)
    world.pass_minutes(30)
    unread = world.rollout(rollout_id)

    world.alarms.down = None
    world.alarms.ring("fraud-5xx")
    ended = world.finish(rollout_id)

    assert (unread.phase, unread.outcome) == (Phase.GUARDED, None)
    assert (ended.outcome, world.seen.config) == (RolloutOutcome.RETURNED, SERVING)


def test_a_person_may_still_take_it_back_after_having_accepted_it() -> None:
    world, rollout_id = _unseen()
    world.pass_minutes(120, until=lambda: world.rollout(rollout_id).moved)
    world.press(rollout_id, WishKind.PROMOTE_NOW)

    world.press(rollout_id, WishKind.ROLL_BACK)

    assert world.finish(rollout_id).outcome is RolloutOutcome.RETURNED
