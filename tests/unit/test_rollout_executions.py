"""Several executions of one rollout, and two rollouts of one endpoint: only the present one changes anything."""

from dataclasses import replace

import pytest

from sluice.core.rollout.configs import CANDIDATE
from sluice.core.rollout.routing import decide
from sluice.core.rollout.sight import Sight
from sluice.errors import ChangeFailed, EndpointDiverged, LockLost
from sluice.model.approval import Mode
from sluice.model.commit import Commit
from sluice.model.endpoint import Change
from sluice.model.judging import Judgement, Verdict
from sluice.model.package import RegistryStatus
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, Wish, WishKind
from sluice.model.rollout_rules import GuardrailKind, Guardrails, Queueing, RolloutRules, Step, Strategy
from sluice.usecases.remembering import recall
from sluice.usecases.rollout.remembered import save
from tests.approvals import NOW
from tests.packages import ARN, CHEN, a_policy
from tests.rollout_records import a_rollout
from tests.rollouts import ENDPOINT, PRODUCTION, SERVING, RolloutWorld, rules

NEW = "fraud-scoring-v7-f1"
GUARDED = rules(
    strategy=Strategy.GUARDRAILS, steps=(), guardrails=Guardrails(GuardrailKind.CANARY, size_percent=25, wait_s=1800)
)


@pytest.mark.parametrize(
    "phase, step", [(Phase.STEP, 0), (Phase.SHIFTING, 1), (Phase.STEP, 1), (Phase.PROMOTING, 1), (Phase.RETURNING, 0)]
)
def test_an_execution_that_has_been_replaced_changes_nothing_and_ends_nothing(phase: Phase, step: int) -> None:
    """Somebody redrives the first one, while the second is at work: it used to end the rollout under it."""
    world = RolloutWorld()
    world.traffic.rates[CANDIDATE] = 0.05 if phase is Phase.RETURNING else 0.01
    rollout_id = world.request()
    world.await_phase(rollout_id, phase, step=step)
    first = world.machines[0]
    second = world.restart(rollout_id)

    ended = world.finish(rollout_id)
    world.pass_minutes(60)

    assert first.status == second.status == "SUCCEEDED"
    assert ended.outcome in (RolloutOutcome.FAILED, RolloutOutcome.PROMOTED, RolloutOutcome.RETURNED)
    assert world.seen.config == (NEW if ended.outcome is RolloutOutcome.PROMOTED else SERVING)
    assert world.endpoints.repeated() == []
    assert len([event for event, _ in world.bus.events if event == "RolloutFinished"]) == 1


def test_the_functions_refuse_an_execution_that_has_been_replaced() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    stale = world.machines[0]
    world.restart(rollout_id)
    before = world.rollout(rollout_id)

    stale.answered(stale.token or "", {"route": "promote", "reason": ""})
    stale.go_on()

    assert stale.status == "SUCCEEDED"
    assert world.rollout(rollout_id) == before


def test_a_press_for_the_way_back_before_anybody_was_served_keeps_it_so() -> None:
    """The traffic was moved first, and taken back by the look after that."""
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.PREPARING)
    world.work()
    world.press(rollout_id, WishKind.ROLL_BACK, "wrong artefact")

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.RETURNED
    assert "wrong artefact" in ended.because
    assert not [e for e in world.endpoints.effects if e.operation == "set_weights" and '"candidate": 10' in e.detail]
    assert world.seen.config == SERVING


def test_a_press_for_the_way_back_while_traffic_is_being_moved_is_heard_before_the_next_act() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.SHIFTING, step=1)
    world.press(rollout_id, WishKind.ROLL_BACK, "the support desk is on fire")

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.RETURNED
    assert not [e for e in world.endpoints.effects if '"candidate": 50' in e.detail]


@pytest.mark.parametrize(
    "outcome, error", [(RolloutOutcome.FAILED, ChangeFailed), (RolloutOutcome.DIVERGED, EndpointDiverged)]
)
def test_an_end_that_was_noted_before_a_death_is_told_again_and_nothing_is_begun_anew(
    outcome: RolloutOutcome, error: type[Exception]
) -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.PREPARING)
    known = recall(world.records, Rollout, rollout_id)
    assert known is not None
    noted = replace(known.value, outcome=outcome, because="SageMaker went back to v6")
    world.records.commit(Commit((save(noted, known, NOW),)), at=NOW)
    effects = list(world.endpoints.effects)

    with pytest.raises(error, match="went back to v6"):
        world.change(rollout_id, Change.DEPLOY_CANDIDATE)

    assert world.endpoints.effects == effects


@pytest.mark.parametrize("plan", [rules(), GUARDED, rules(shadow=Step(100, 600, 3600))])
def test_an_approval_withdrawn_while_it_is_being_promoted_is_not_called_promoted(plan: RolloutRules) -> None:
    world = RolloutWorld(plan)
    rollout_id = world.request()
    if plan is GUARDED:
        world.await_phase(rollout_id, Phase.GUARDED)
        world.traffic.silent.add(PRODUCTION)  # it is waited for requests
    world.pass_minutes(240, until=lambda: world.rollout(rollout_id).phase is Phase.PROMOTING)
    world.work()
    world.registry.put(replace(world.registry.packages[ARN.key], status=RegistryStatus.REJECTED))

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.WITHDRAWN
    assert (world.seen.config, world.seen.settled) == (SERVING, True)


def test_who_waits_without_approval_takes_nobodys_place() -> None:
    """Version 7 was taken back for a version 8 that could not begin either."""
    world = RolloutWorld(rules(queueing=Queueing.SUPERSEDE))
    first = world.request(7)
    world.await_phase(first, Phase.STEP)
    second = world.request(8)
    package = next(p for p in world.registry.packages.values() if p.arn.version == 8)
    world.registry.put(replace(package, status=RegistryStatus.REJECTED))

    ended = [world.finish(first), world.finish(second)]

    assert [rollout.outcome for rollout in ended] == [RolloutOutcome.PROMOTED, RolloutOutcome.REFUSED]


def test_who_waited_and_is_over_waits_no_longer() -> None:
    """An older request was told that a later one wants the endpoint, though that one had ended."""
    world = RolloutWorld(rules(give_up_after_s=3600))
    first = world.request(7)
    world.await_phase(first, Phase.STEP)
    world.press(first, WishKind.PAUSE, "")
    second = world.request(8)
    ended = world.finish(second, 120)

    assert ended.outcome is RolloutOutcome.REFUSED
    assert world.endpoint.waiting is None


def test_the_agreement_of_a_person_does_not_outweigh_what_was_found_since() -> None:
    """In `recommend` somebody agrees to the next step, and by then the version is clearly worse."""
    wish = Wish(WishKind.ADVANCE, CHEN, "Chen", "", NOW)
    rollout = a_rollout(mode=Mode.RECOMMEND, asked="advance", wish=wish, candidate_config="c")
    seen = replace(RolloutWorld().seen, config="c")

    decision = decide(rollout, Judgement(Verdict.ROLL_BACK, "Errors rose."), Sight(seen, NOW))

    assert (decision.route, decision.asked) == (None, "roll_back")


def test_a_change_says_for_which_execution_it_is_made() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)

    with pytest.raises(LockLost, match="replaced"):
        world.change(rollout_id, Change.PROMOTE, attempt=2)


def test_a_lock_is_given_back_though_the_policy_has_moved_to_another_endpoint_meanwhile() -> None:
    """The rules were read anew while it waited with the lock in hand, and the first endpoint stayed locked for ever."""
    world = RolloutWorld()
    world.endpoints.maintain(ENDPOINT, 1800)
    rollout_id = world.request()
    world.pass_minutes(5)
    world.govern(a_policy(rollout=rules(target=replace(rules().target, endpoint="elsewhere"))))

    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.PROMOTED
    assert world.endpoint.holder is None
    assert "elsewhere" not in world.endpoints.endpoints


@pytest.mark.parametrize("state", ["BeginRollout", "DeployCandidate"])
def test_a_version_taken_back_before_it_was_deployed_is_not_rejected(state: str) -> None:
    """While the endpoint was busy nobody heard the press, and then a version that had done nothing was rejected."""
    world = RolloutWorld()
    rollout_id = world.request()
    world.machines[0].reach(state)
    world.endpoints.maintain(ENDPOINT, 3600)
    world.pass_minutes(5)
    world.press(rollout_id, WishKind.ROLL_BACK, "wrong artefact")
    world.pass_minutes(1.5)
    heard_at_once = world.rollout(rollout_id).is_over

    ended = world.finish(rollout_id)

    assert heard_at_once is (state == "BeginRollout")
    assert (ended.outcome, ended.is_faulty) == (RolloutOutcome.WITHDRAWN, False)
    assert "wrong artefact" in ended.because
    assert world.endpoints.effects == []
    assert not [record for record in world.ledger() if record.kind == "ApprovalWithdrawn"]
