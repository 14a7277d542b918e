"""AWS that does not answer for minutes is no verdict on a version: nothing that is right is taken back for it."""

import pytest

from sluice.core.rollout.configs import CANDIDATE
from sluice.errors import PermanentFailure, SluiceError, TransientFailure
from sluice.model.endpoint import ScalingSeen
from sluice.model.ids import RolloutId
from sluice.model.rollout import Phase, RolloutOutcome
from sluice.model.rollout_rules import Target
from sluice.usecases.rollout.acting import CHANGE_S
from tests.machine import definition
from tests.rollouts import ENDPOINT, PRODUCTION, ROLE, SERVING, RolloutWorld, rules

THROTTLED = TransientFailure("ThrottlingException")
SCALED = ScalingSeen(f"endpoint/{ENDPOINT}/variant/{PRODUCTION}", 2, 20)
LARGER = rules(target=Target(ENDPOINT, PRODUCTION, execution_role=ROLE, instance_type="ml.m6i.large", instances=2))


def _scaled(phase: Phase, *, step: int = 0, rate: float = 0.01) -> tuple[RolloutWorld, RolloutId]:
    world = RolloutWorld(LARGER)
    world.scaling.targets[ENDPOINT, PRODUCTION] = SCALED
    world.traffic.rates[CANDIDATE] = rate
    rollout_id = world.request()
    world.await_phase(rollout_id, phase, step=step)
    return world, rollout_id


def _go_without_answers(world: RolloutWorld, port: str) -> None:
    getattr(world, port).down = THROTTLED
    world.pass_minutes(15)
    getattr(world, port).down = None


def _incidents(world: RolloutWorld) -> list[tuple[object, object]]:
    return [(d["cause"], d["severity"]) for event, d in world.bus.events if event == "IncidentOpened"]


@pytest.mark.parametrize("port", ["endpoints", "scaling"])
def test_a_promotion_outlasts_a_quarter_of_an_hour_without_answers(port: str) -> None:
    """Six repeats in two minutes, and what served all traffic already was taken back; longer, and it was held."""
    world, rollout_id = _scaled(Phase.PROMOTING, step=1)
    _go_without_answers(world, port)

    ended = world.finish(rollout_id)

    assert (ended.outcome, ended.unscaled) == (RolloutOutcome.PROMOTED, False)
    assert world.seen.config == ended.final_config
    assert world.scaling.targets[ENDPOINT, PRODUCTION] == SCALED
    assert _incidents(world) == []


@pytest.mark.parametrize("phase, step", [(Phase.PREPARING, 0), (Phase.SHIFTING, 1)])
def test_a_step_outlasts_it_too(phase: Phase, step: int) -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, phase, step=step)
    _go_without_answers(world, "endpoints")

    assert world.finish(rollout_id).outcome is RolloutOutcome.PROMOTED


@pytest.mark.parametrize("port", ["endpoints", "scaling"])
def test_a_return_outlasts_it_without_a_hold(port: str) -> None:
    """Five minutes, and the endpoint was on hold with a critical incident, though it served well."""
    world, rollout_id = _scaled(Phase.RETURNING, rate=0.05)
    _go_without_answers(world, port)

    ended = world.finish(rollout_id)

    assert (ended.outcome, world.seen.config, world.endpoint.hold) == (RolloutOutcome.RETURNED, SERVING, "")
    assert world.scaling.targets[ENDPOINT, PRODUCTION] == SCALED


@pytest.mark.parametrize(
    "failure", [THROTTLED, PermanentFailure("PutScalingPolicy: AccessDenied")], ids=["throttled", "denied"]
)
def test_scaling_that_cannot_be_put_back_is_told_and_takes_nothing_back(failure: SluiceError) -> None:
    world, rollout_id = _scaled(Phase.PROMOTING, step=1)
    world.scaling.down = failure

    ended = world.finish(rollout_id)

    assert (ended.outcome, world.seen.config) == (RolloutOutcome.PROMOTED, ended.final_config)
    assert ended.unscaled
    assert str(failure) in ended.because
    assert _incidents(world) == [("rollout", "warning")]


def test_a_return_without_its_scaling_is_a_return() -> None:
    world, rollout_id = _scaled(Phase.RETURNING, rate=0.05)
    world.scaling.down = PermanentFailure("RegisterScalableTarget: AccessDenied")

    ended = world.finish(rollout_id)

    assert (ended.outcome, ended.returned, ended.unscaled) == (RolloutOutcome.RETURNED, True, True)
    assert world.endpoint.hold == ""
    assert _incidents(world) == [("rollout", "warning")]


@pytest.mark.parametrize("update_s", [300, 70 * 60, 80 * 60])
@pytest.mark.parametrize(
    "phase, rate, outcome",
    [(Phase.PROMOTING, 0.01, RolloutOutcome.PROMOTED), (Phase.RETURNING, 0.05, RolloutOutcome.RETURNED)],
)
def test_hours_without_scaling_after_a_long_update_end_well_and_say_so(
    phase: Phase, rate: float, outcome: RolloutOutcome, update_s: int
) -> None:
    """A slow update left too few tries for the wait: what served well was taken back, or held with a critical incident."""
    step = 1 if phase is Phase.PROMOTING else 0
    world, rollout_id = _scaled(Phase.STEP, step=step, rate=rate)
    world.endpoints.takes_s = update_s
    world.await_phase(rollout_id, phase, step=step)
    world.pass_minutes(5, until=lambda: world.seen.pending_config is not None)
    world.scaling.down = THROTTLED

    ended = world.finish(rollout_id, 12 * 60)

    assert (ended.outcome, ended.unscaled, world.endpoint.hold) == (outcome, True, "")
    assert world.seen.config == (ended.final_config if outcome is RolloutOutcome.PROMOTED else SERVING)
    assert "Whether it scales as before is not known" in ended.because


@pytest.mark.parametrize("state", ["Promote", "CompleteGuarded", "RestoreLastKnownGood"])
def test_the_machine_looks_at_a_change_for_longer_than_anything_is_waited_for_in_it(state: str) -> None:
    [poll] = [r for r in definition("rollout")["States"][state]["Retry"] if r["ErrorEquals"] == ["EndpointSettling"]]
    waits = [poll["IntervalSeconds"] * poll["BackoffRate"] ** n for n in range(poll["MaxAttempts"])]

    looked_for_s = sum(min(wait, poll["MaxDelaySeconds"]) for wait in waits)

    assert looked_for_s >= CHANGE_S + 5 * 60


def test_a_promotion_after_a_long_update_does_not_run_out_of_tries_waiting_for_requests() -> None:
    world, rollout_id = _scaled(Phase.STEP, step=1)
    world.endpoints.takes_s = 84 * 60
    world.await_phase(rollout_id, Phase.PROMOTING, step=1)
    world.pass_minutes(60)
    world.traffic.silent.add(PRODUCTION)

    ended = world.finish(rollout_id, 12 * 60)

    assert (ended.outcome, world.seen.config) == (RolloutOutcome.PROMOTED, ended.final_config)


@pytest.mark.parametrize("port", ["endpoints", "registry", "quotas", "scaling"])
def test_a_rollout_waits_to_begin_while_aws_does_not_answer(port: str) -> None:
    """Two minutes of it, and the version had failed without ever having been deployed."""
    world = RolloutWorld()
    getattr(world, port).down = THROTTLED
    rollout_id = world.request()
    world.pass_minutes(10)
    getattr(world, port).down = None

    assert world.finish(rollout_id).outcome is RolloutOutcome.PROMOTED


def test_a_rollout_that_could_never_begin_ends_and_gives_the_endpoint_back() -> None:
    world = RolloutWorld(rules(give_up_after_s=2 * 3600))
    world.quotas.down = THROTTLED
    rollout_id = world.request()

    ended = world.finish(rollout_id, 180)

    assert (ended.outcome, world.endpoint.holder) == (RolloutOutcome.FAILED, None)
    assert world.endpoints.effects == []


def test_an_end_that_may_not_delete_what_it_made_gives_the_endpoint_back_and_says_so() -> None:
    """The lock was kept, and one execution after the other died of the same refusal."""
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP, step=1)
    world.alarms.down = PermanentFailure("DeleteAlarms: AccessDenied")

    ended = world.finish(rollout_id)

    assert (ended.outcome, ended.leftovers, world.endpoint.holder) == (RolloutOutcome.PROMOTED, False, None)
    assert "deleted by hand. DeleteAlarms: AccessDenied" in ended.because


def test_what_is_left_and_may_not_be_deleted_is_left_for_good_and_told() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP, step=1)
    world.alarms.down = THROTTLED
    world.finish(rollout_id)
    world.alarms.down = PermanentFailure("DeleteAlarms: AccessDenied")

    world.restart(rollout_id)
    world.work()

    assert world.machines[-1].status == "SUCCEEDED"
    assert not world.rollout(rollout_id).leftovers
    assert "by hand" in world.rollout(rollout_id).because
