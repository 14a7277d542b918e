"""An open incident holds back releases of its group, and what rollouts say of production opens and clears incidents."""

from dataclasses import replace

from sluice.core.rollout.begin import LOCK_WAIT_S
from sluice.core.rollout.configs import CANDIDATE
from sluice.model.approval import Mode
from sluice.model.commit import Commit
from sluice.model.governing import Tier
from sluice.model.ids import RolloutId
from sluice.model.incident import Incident
from sluice.model.response_rules import Severity
from sluice.model.rollout import Phase, RolloutOutcome
from sluice.model.rollout_commands import ClearHold
from sluice.model.signal import Cause, SignalKind
from sluice.usecases.incident.freeze import frozen_by, without_freeze
from sluice.usecases.incident.remembered import incidents_of
from sluice.usecases.incident.take_signal import take_signal
from sluice.usecases.record_decision import record_decision
from tests.packages import CHANNEL, CHEN, GROUP, REGION, TEAM
from tests.rollouts import ENDPOINT, RolloutWorld, rules
from tests.trouble import a_signal


def incident(world: RolloutWorld) -> Incident:
    """The newest incident of the endpoint."""
    newest = incidents_of(world.records, REGION, ENDPOINT).newest
    assert newest is not None
    return newest.value


def alarmed(world: RolloutWorld, cause: Cause = Cause.ERRORS) -> None:
    """An alarm of the endpoint fires."""
    take_signal(a_signal(at=world.clock.now(), endpoint=ENDPOINT, cause=cause), world.taking_signals)


def lifted(world: RolloutWorld) -> None:
    """The incident is over, as whoever resolves it commits it."""
    saves = without_freeze(incident(world), world.records)
    world.records.commit(Commit(saves), at=world.clock.now())


def test_a_rollout_waits_while_an_incident_of_its_group_is_open_and_says_why() -> None:
    world = RolloutWorld()
    alarmed(world)

    rollout_id = world.request()
    world.pass_minutes(30)
    waiting = world.rollout(rollout_id)
    lifted(world)
    world.pass_minutes(LOCK_WAIT_S / 60 + 15)

    assert waiting.phase is Phase.QUEUED
    assert waiting.because == f"an open incident holds back releases of {GROUP}"
    assert world.rollout(rollout_id).phase not in (Phase.QUEUED, Phase.DONE)


def test_a_lesser_incident_holds_back_nothing() -> None:
    world = RolloutWorld()
    alarmed(world, Cause.LATENCY)

    rollout_id = world.request()
    world.pass_minutes(5)

    assert incident(world).severity is Severity.WARNING
    assert world.rollout(rollout_id).phase is not Phase.QUEUED


def test_a_rollout_that_has_begun_goes_on() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    alarmed(world)

    world.restart(rollout_id)
    ended = world.finish(rollout_id)

    assert ended.phase is Phase.DONE
    assert ended.outcome is not RolloutOutcome.REFUSED


def test_an_incident_that_stays_open_refuses_the_rollout_in_the_end() -> None:
    world = RolloutWorld(replace(rules(), give_up_after_s=3600))
    alarmed(world)

    ended = world.finish(world.request(), 120)

    assert ended.outcome is RolloutOutcome.REFUSED
    assert ended.because == f"It was waited for in vain: an open incident holds back releases of {GROUP}."


def test_in_observe_an_incident_holds_back_nothing() -> None:
    world = RolloutWorld(mode=Mode.OBSERVE)
    alarmed(world)

    assert incident(world).mode is Mode.OBSERVE
    assert frozen_by(world.records, GROUP).incidents == ()


def test_a_version_that_was_taken_back_opens_an_incident_that_is_over_by_itself() -> None:
    world = RolloutWorld()
    world.traffic.rates[CANDIDATE] = 0.03

    world.finish(world.request())

    found = incident(world)
    (seen,) = found.signals
    assert (seen.kind, seen.cause, seen.raised) == (SignalKind.ROLLOUT, Cause.ROLLOUT, False)
    assert (found.severity, found.tier) == (Severity.WARNING, Tier.STANDARD)
    assert found.quiet_since
    assert found.rollback is None
    assert "Version 7: taken back, since it was worse." in found.summary
    assert frozen_by(world.records, GROUP).incidents == ()


def held(world: RolloutWorld) -> RolloutId:
    """A rollout whose return fails: the endpoint is on hold."""
    world.traffic.rates[CANDIDATE] = 0.05
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.RETURNING)
    for _ in range(20):
        world.endpoints.refuse("no capacity for ml.m5.large")
    world.finish(rollout_id)
    return rollout_id


def test_a_return_that_failed_is_urgent_and_clearing_the_hold_clears_it() -> None:
    world = RolloutWorld()
    rollout_id = held(world)
    before = incident(world)

    record_decision(ClearHold(rollout_id, CHEN, TEAM, CHANNEL, "put right", world.clock.now()), world.deciding)
    world.work()

    assert before.severity is Severity.CRITICAL
    assert [seen.raised for seen in before.signals] == [True]
    assert frozen_by(world.records, GROUP).incidents == (before.id,)
    assert [seen.raised for seen in incident(world).signals] == [False]


def test_a_promotion_clears_what_an_earlier_rollout_has_left_and_nothing_else() -> None:
    world = RolloutWorld()
    for source, kind in {"rollout/earlier": SignalKind.ROLLOUT, "monitor/data": SignalKind.MONITOR}.items():
        signal = a_signal(source, world.clock.now(), endpoint=ENDPOINT, kind=kind, cause=Cause.DATA_QUALITY)
        take_signal(signal, world.taking_signals)

    ended = world.finish(world.request())

    assert ended.outcome is RolloutOutcome.PROMOTED
    raised = {seen.source: seen.raised for seen in incident(world).signals}
    assert raised == {"rollout/earlier": False, "monitor/data": True}
