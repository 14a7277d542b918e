"""A rollback that is not alone: rollouts, other rollbacks, people, and what others deploy meanwhile."""

from sluice.model.governing import Mode
from sluice.model.package import RegistryStatus
from sluice.model.response_rules import PagingRules
from sluice.model.rollback import Decision, Rollback, RollbackOutcome, RollbackPhase
from sluice.model.rollout import Phase, RolloutOutcome
from tests.packages import CHANNEL, CHEN
from tests.rollbacks import RollbackWorld, rollout_of
from tests.rollouts import ENDPOINT, SERVING

BACK = RollbackOutcome.RECOVERED


def _taken_back(world: RollbackWorld, *, calm_after: float = 12) -> Rollback:
    """The alarm rings, what served before serves again, and the alarm goes quiet."""
    world.ring()
    world.pass_minutes(calm_after)
    world.calm()
    return world.end_rollback()


# Somebody else has the endpoint


def test_a_rollout_under_way_hears_of_it_and_its_end_is_waited_for() -> None:
    world = RollbackWorld()
    rollout_id = world.request(9)
    world.await_phase(rollout_id, Phase.STEP)
    looks = world.rollout(rollout_id).looks

    world.ring()
    world.work()

    assert world.rollback.phase is RollbackPhase.WAITING
    assert (world.rollback.decision, world.rollback.handed_to) == (Decision.HAND_OVER, rollout_id)
    assert world.rollout(rollout_id).looks > looks
    assert [told["decision"] for told in world.told("RollbackDecided")] == ["hand_over"]


def test_what_is_still_raised_when_the_rollout_was_promoted_takes_its_version_back() -> None:
    world = RollbackWorld()
    rollout_id = world.request(9)
    world.await_phase(rollout_id, Phase.PROMOTING, step=1)

    world.ring()
    world.pass_minutes(240, until=lambda: world.rollback.phase is RollbackPhase.RECOVERING)
    world.calm()
    ended = world.end_rollback()

    assert world.rollout(rollout_id).outcome is RolloutOutcome.PROMOTED
    assert (ended.outcome, world.seen.config) == (BACK, world.config_of(8))


def test_a_rollout_that_came_back_has_answered_what_is_cleared_then() -> None:
    world = RollbackWorld()
    world.traffic.rates["candidate"] = 0.2
    rollout_id = world.request(9)
    world.await_phase(rollout_id, Phase.STEP)
    world.ring()
    world.pass_minutes(240, until=lambda: world.rollout(rollout_id).is_over)

    world.calm()
    ended = world.end_rollback()

    assert world.rollout(rollout_id).outcome is RolloutOutcome.RETURNED
    assert (ended.decision, ended.outcome) == (None, RollbackOutcome.HANDED_OVER)
    assert world.seen.config == world.config_of(8)


def test_a_rollout_waits_while_a_rollback_has_the_endpoint() -> None:
    world = RollbackWorld(paging=PagingRules(freeze=None))
    world.ring()
    world.work()

    rollout_id = world.request(9)
    world.pass_minutes(3)
    waiting = world.rollout(rollout_id)
    world.calm()
    world.end_rollback()
    ended = world.finish(rollout_id)

    assert (waiting.phase, waiting.because) == (Phase.QUEUED, "a rollback holds fraud-scoring")
    assert ended.outcome is RolloutOutcome.PROMOTED
    assert ended.snapshot is not None
    assert ended.snapshot.config_name == world.config_of(7)


def test_a_rollout_that_takes_the_lock_while_it_is_decided_is_waited_for() -> None:
    world = RollbackWorld(paging=PagingRules(freeze=None))
    world.ring()
    rollout_id = world.request(9)
    rollout = world.machines[-1]

    world.meanwhile(lambda: rollout.reach("DeployCandidate"))
    world.pass_minutes(1)

    assert world.endpoint.holder == rollout_id
    assert (world.rollback.phase, world.rollback.decision) == (RollbackPhase.WAITING, Decision.HAND_OVER)
    assert world.rollback.fence == 0


def test_what_a_person_resolves_while_it_waits_is_not_taken_back_any_more() -> None:
    world = RollbackWorld(paging=PagingRules(freeze=None))
    rollout_id = world.request(9)
    world.await_phase(rollout_id, Phase.STEP)
    world.ring()
    world.work()

    world.resolve_incident()
    ended = world.end_rollback(300)

    assert ended.outcome is RollbackOutcome.NOT_NEEDED
    assert world.finish(rollout_id).outcome is RolloutOutcome.PROMOTED


def test_of_two_rollbacks_the_second_waits_and_finds_nothing_to_do() -> None:
    world = RollbackWorld()
    world.ring()
    world.work()

    asked_for = world.demand()
    world.pass_minutes(2)
    waiting = world.answer(asked_for)
    world.calm()
    world.pass_minutes(120, until=lambda: world.answer(asked_for).is_over)

    assert waiting.phase is RollbackPhase.WAITING
    assert world.answer(asked_for).outcome is RollbackOutcome.NOT_NEEDED
    assert [each.outcome for each in world.answers] == [BACK, RollbackOutcome.NOT_NEEDED]
    assert world.seen.config == world.config_of(7)


def test_an_endpoint_that_others_update_is_waited_for_and_the_intent_is_recorded_all_the_same() -> None:
    world = RollbackWorld()
    world.endpoints.maintain(ENDPOINT, 1200)

    world.ring()
    world.work()
    noted = world.rollback
    world.pass_minutes(40, until=lambda: world.rollback.phase is RollbackPhase.RECOVERING)
    world.calm()
    ended = world.end_rollback()

    assert 0 < noted.intended_at - noted.requested_at < 1_000
    assert (ended.outcome, world.seen.config) == (BACK, world.config_of(7))


def test_what_others_deploy_meanwhile_is_not_overwritten() -> None:
    world = RollbackWorld()
    theirs = {**world.endpoints.configs[SERVING], "EndpointConfigName": "by-hand"}
    world.endpoints.somebody_updates(ENDPOINT, theirs)

    world.ring()
    ended = world.end_rollback()

    assert ended.outcome is RollbackOutcome.NOT_NEEDED
    assert "Nothing was overwritten" in ended.because
    assert (world.seen.config, world.endpoint.holder, world.endpoint.hold) == ("by-hand", None, "")


# A person


def test_a_person_takes_an_endpoint_back_without_any_incident() -> None:
    world = RollbackWorld(mode=Mode.RECOMMEND)
    asked_for = world.demand()

    world.pass_minutes(60, until=lambda: world.answer(asked_for).is_over)
    world.work()

    ended = world.answer(asked_for)
    assert (ended.outcome, ended.verified, world.seen.config) == (RollbackOutcome.RETURNED, True, world.config_of(7))
    assert world.history[-1].decided_by == CHEN
    assert world.production.returns == ()
    assert world.status_of(8) is RegistryStatus.REJECTED
    ((channel, text),) = world.notices()
    assert (channel, "was taken back" in text) == (CHANNEL, True)


def test_what_a_person_took_back_is_not_left_by_itself() -> None:
    world = RollbackWorld(promoted=(6, 7, 8))
    asked_for = world.demand()
    world.pass_minutes(60, until=lambda: world.answer(asked_for).is_over)
    world.pass_minutes(120)

    world.ring()
    ended = world.end_rollback(5)

    assert (ended.decision, ended.outcome) == (Decision.HOLD, RollbackOutcome.HELD)
    assert world.seen.config == world.config_of(7)


def test_a_person_gets_back_to_what_served_before_sluice() -> None:
    world = RollbackWorld(promoted=(7,))
    asked_for = world.demand()

    world.pass_minutes(60, until=lambda: world.answer(asked_for).is_over)

    assert (world.answer(asked_for).outcome, world.seen.config) == (RollbackOutcome.RETURNED, SERVING)


def test_the_same_alarm_a_hundred_times_is_one_rollback() -> None:
    world = RollbackWorld()
    world.ring()
    first = world.clock.at

    for _ in range(99):
        world.say(at=first)
    world.work()

    assert len(world.answers) == 1
    assert len([r for r in world.ledger() if r.kind == "RollbackDecided"]) == 1


def test_a_promoted_version_that_was_taken_back_does_not_come_again_by_itself() -> None:
    world = RollbackWorld()
    _taken_back(world)

    assert world.rollout(rollout_of(8)).outcome is RolloutOutcome.PROMOTED
    assert world.endpoint.good is not None
    assert world.endpoint.good.requested_at == world.rollout(rollout_of(8)).requested_at
