"""An alarm of the policy that somebody deletes during a rollout guards nothing: it is told, and nothing goes on meanwhile."""

import json
from dataclasses import replace

import pytest

from sluice.core.rollout.card import rollout_card
from sluice.core.rollout.configs import CANDIDATE
from sluice.core.rollout.routing import decide
from sluice.core.rollout.sight import Sight
from sluice.model.approval import Mode
from sluice.model.codec import encode
from sluice.model.endpoint import EndpointSeen, EndpointStatus
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros, RolloutId
from sluice.model.judging import Judgement, Verdict
from sluice.model.rollout import Phase, RolloutOutcome, Route, WishKind
from sluice.model.rollout_rules import GuardrailKind, Guardrails, Strategy
from tests.approvals import NOW
from tests.rollout_records import ENDPOINT, a_rollout
from tests.rollouts import SERVING, RolloutWorld, rules

ALARM = "fraud-5xx"
PLAN = rules(alarms=(ALARM, "fraud-latency"), give_up_after_s=4 * 3600)
GUARDED = replace(
    PLAN,
    strategy=Strategy.GUARDRAILS,
    steps=(),
    guardrails=Guardrails(GuardrailKind.CANARY, size_percent=25, wait_s=1800, max_execution_s=7200),
)


def _in_step() -> tuple[RolloutWorld, RolloutId]:
    """A good version in its first step, when somebody deletes an alarm."""
    world = RolloutWorld(PLAN)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.alarms.theirs.discard(ALARM)
    return world, rollout_id


def _card(world: RolloutWorld, rollout_id: RolloutId) -> str:
    return json.dumps(encode(rollout_card(world.rollout(rollout_id), world.clock.at).blocks))


def test_nothing_goes_on_while_an_alarm_is_gone_and_it_does_once_it_is_back() -> None:
    """What did not exist was taken for quiet, and the version was promoted unguarded."""
    world, rollout_id = _in_step()
    world.pass_minutes(120)
    unguarded = world.rollout(rollout_id)

    world.alarms.theirs.add(ALARM)
    ended = world.finish(rollout_id)

    assert (unguarded.phase, unguarded.step, unguarded.outcome) == (Phase.STEP, 0, None)
    assert (ended.outcome, ended.alarms_gone) == (RolloutOutcome.PROMOTED, ())


def test_the_card_and_the_verdict_say_which_alarm_is_gone() -> None:
    world, rollout_id = _in_step()
    early = _card(world, rollout_id)

    world.pass_minutes(30)

    look = world.rollout(rollout_id).look
    assert "is gone" not in early
    assert look is not None
    assert f"alarm {ALARM} is gone" in look.sentence
    assert _card(world, rollout_id).count(f"alarm {ALARM} is gone") == 1
    judged = [json.loads(r.body) for r in world.ledger() if r.kind == EntryKind.CANARY_JUDGED]
    assert judged[-1]["alarms_gone"] == [ALARM]


def test_the_card_says_it_before_there_is_a_verdict() -> None:
    world, rollout_id = _in_step()
    world.traffic.requests = 0

    world.pass_minutes(5)

    assert f"alarm {ALARM} is gone" in _card(world, rollout_id)


def test_nobody_can_promote_past_an_alarm_that_is_gone() -> None:
    world, rollout_id = _in_step()
    world.press(rollout_id, WishKind.PROMOTE_NOW)

    world.pass_minutes(30)

    assert world.rollout(rollout_id).phase is Phase.STEP


def test_an_alarm_that_stays_away_ends_the_rollout_undecided() -> None:
    world, rollout_id = _in_step()

    ended = world.finish(rollout_id, 6 * 60)

    assert (ended.outcome, world.seen.config) == (RolloutOutcome.UNDECIDED, SERVING)
    assert f"alarm {ALARM} is gone" in ended.because


def test_a_bad_version_is_taken_back_all_the_same() -> None:
    world, rollout_id = _in_step()
    world.traffic.rates[CANDIDATE] = 0.05

    assert world.finish(rollout_id).outcome is RolloutOutcome.RETURNED


def test_what_sagemaker_has_moved_is_not_called_promoted_without_its_alarm() -> None:
    world = RolloutWorld(GUARDED)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.GUARDED)
    world.alarms.theirs.discard(ALARM)

    ended = world.finish(rollout_id, 8 * 60)

    assert (ended.outcome, world.seen.config) == (RolloutOutcome.UNDECIDED, SERVING)
    assert f"alarm {ALARM} is gone" in ended.because


@pytest.mark.parametrize("verdict, words", [(Verdict.PROMOTE, "held up"), (Verdict.ROLL_BACK, "taken back")])
def test_a_deployment_of_others_would_have_been_held_up(verdict: Verdict, words: str) -> None:
    watched = a_rollout(mode=Mode.OBSERVE, phase=Phase.WATCHING)
    seen = EndpointSeen(ENDPOINT, "", "fraud-v6", EndpointStatus.IN_SERVICE, NOW)

    decision = decide(watched, Judgement(verdict, "So it is."), Sight(seen, Micros(NOW + 1), gone=(ALARM,)))

    assert decision.route is Route.CONCLUDE
    assert f"It would have been {words}." in decision.reason
