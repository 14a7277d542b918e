"""What a rollout does by itself in each mode: `enforce` acts, `recommend` asks, `observe` only tells."""

from dataclasses import replace

import pytest

from sluice.core.rollout.configs import CANDIDATE
from sluice.errors import InvalidInput, PermanentFailure
from sluice.model.approval import Mode
from sluice.model.commit import Commit
from sluice.model.endpoint import EndpointOwner, EndpointRecord, LastKnownGood, ScalingSeen, endpoint_id
from sluice.model.endpoint_event import EndpointEvent
from sluice.model.ids import RolloutId
from sluice.model.rollout import Phase, RolloutOutcome, WishKind
from sluice.usecases.remembering import keep, recall
from sluice.usecases.rollout.admit_endpoint_change import EndpointAction, EndpointAdmission, admit_endpoint_change
from tests.packages import ACCOUNT, ARN, GROUP, REGION
from tests.rollouts import ENDPOINT, PRODUCTION, SERVING, RolloutWorld, serving_config

THEIRS = "theirs-v7"


def test_recommend_asks_before_each_step_and_goes_on_when_a_person_agrees() -> None:
    world = RolloutWorld(mode=Mode.RECOMMEND)
    rollout_id = world.request()
    world.pass_minutes(120)
    first = world.rollout(rollout_id)
    world.press(rollout_id, WishKind.ADVANCE, "")
    world.pass_minutes(120)
    second = world.rollout(rollout_id)
    world.press(rollout_id, WishKind.ADVANCE, "")

    ended = world.finish(rollout_id)

    assert (first.phase, first.step, first.asked) == (Phase.STEP, 0, "advance")
    assert (second.phase, second.step, second.asked) == (Phase.STEP, 1, "promote")
    assert ended.outcome is RolloutOutcome.PROMOTED


def test_recommend_asks_before_it_takes_a_bad_version_back() -> None:
    world = RolloutWorld(mode=Mode.RECOMMEND)
    world.traffic.rates[CANDIDATE] = 0.05
    rollout_id = world.request()
    world.pass_minutes(60)
    asked = world.rollout(rollout_id)
    world.press(rollout_id, WishKind.ROLL_BACK, "agreed")

    ended = world.finish(rollout_id)

    assert (asked.phase, asked.asked) == (Phase.STEP, "roll_back")
    assert ended.outcome is RolloutOutcome.RETURNED


def test_observe_judges_what_others_deploy_before_against_after_and_touches_nothing() -> None:
    world = _observed()
    _others_deploy(world, [(PRODUCTION, "fraud-v7", 1.0)])

    ended = world.finish(_watched(world), 600)

    assert ended.outcome is RolloutOutcome.OBSERVED
    assert world.endpoints.effects == []
    assert ended.look is not None
    assert any("before_after" in m.caveats for m in ended.look.metrics)


def test_observe_says_that_it_would_have_taken_a_bad_version_back() -> None:
    world = _observed()
    world.traffic.rates[THEIRS] = 0.08
    _others_deploy(world, [(PRODUCTION, "fraud-v7", 1.0)])

    ended = world.finish(_watched(world), 600)

    assert ended.because.startswith("It would have been taken back.")
    assert world.endpoints.effects == []
    assert [d["reject"] for event, d in world.bus.events if event == "RolloutFinished"] == [False]


def test_observe_that_fails_still_touches_nothing() -> None:
    """Its way back gave the endpoint the scaling that the team had taken away meanwhile."""
    world = RolloutWorld(mode=Mode.OBSERVE)
    world.scaling.targets[ENDPOINT, PRODUCTION] = ScalingSeen(f"endpoint/{ENDPOINT}/variant/{PRODUCTION}", 2, 20)
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.WATCHING)
    world.scaling.targets.clear()
    world.metrics.down = PermanentFailure("GetMetricData: AccessDenied")

    ended = world.finish(rollout_id)

    assert (ended.outcome, world.endpoint.holder) == (RolloutOutcome.FAILED, None)
    assert world.scaling.targets == {}
    assert world.endpoints.effects == []


def test_observe_compares_two_variants_side_by_side() -> None:
    world = _observed()
    _others_deploy(world, [(PRODUCTION, "fraud-v6", 0.9), ("challenger", "fraud-v7", 0.1)])

    watched = _watched(world)

    assert world.rollout(watched).watched_variant == "challenger"
    assert world.finish(watched, 600).outcome is RolloutOutcome.OBSERVED


def test_a_deployment_that_comes_while_another_is_watched_is_judged_after_it() -> None:
    """Its event woke only the look of the one before, and nothing ever looked at it again."""
    world = _observed()
    _others_deploy(world, [(PRODUCTION, "fraud-v7", 1.0)])
    world.pass_minutes(5)
    _others_deploy(world, [(PRODUCTION, "fraud-v8", 1.0)], "theirs-v8")
    world.work()
    first = world.rollout(RolloutId(world.machines[0].input["rollout_id"]))

    mended = world.reconcile()
    _start_watching(world)
    second = RolloutId(world.machines[1].input["rollout_id"])

    assert (first.request.version, first.outcome) == (7, RolloutOutcome.OBSERVED)
    assert mended.endpoints == 1
    assert world.finish(second, 600).outcome is RolloutOutcome.OBSERVED
    assert world.rollout(second).request.version == 8


def test_a_deployment_that_no_event_told_of_is_found() -> None:
    world = _observed()
    _others_deploy(world, [(PRODUCTION, "fraud-v7", 1.0)], told_of=False)

    mended = [world.reconcile().endpoints, world.reconcile().endpoints]

    assert mended == [1, 0]
    assert len(world.rollouts.started) == 1


@pytest.mark.parametrize("model, watched", [("fraud-v6", 0), ("fraud-v7", 1)])
def test_what_served_before_is_remembered_though_its_configuration_is_deleted(model: str, watched: int) -> None:
    """The same package under another configuration counted as new once the one before was deleted."""
    world = _observed()
    del world.endpoints.configs[SERVING]

    _others_deploy(world, [(PRODUCTION, model, 1.0)])

    assert (len(world.machines), world.endpoint.served) == (watched, THEIRS)


def test_nothing_is_called_new_where_nobody_can_tell_what_served_before() -> None:
    world = _observed()
    known = recall(world.records, EndpointRecord, endpoint_id(REGION, ENDPOINT))
    assert known is not None
    forgotten = replace(known.value, served_packages=None)
    world.records.commit(Commit((keep(known, forgotten, known.id),)), at=world.clock.now())
    del world.endpoints.configs[SERVING]

    _others_deploy(world, [(PRODUCTION, "fraud-v7", 1.0)])
    _others_deploy(world, [(PRODUCTION, "fraud-v8", 1.0)], "theirs-again")

    [watched] = world.rollouts.started
    assert world.rollout(RolloutId(watched.removesuffix("-1"))).request.version == 8


def test_what_sluice_promoted_before_the_group_was_observed_is_nobody_elses_deployment() -> None:
    """What an earlier time of `observe` had seen serve was compared with it, and our own version was watched."""
    world = _observed()
    known = recall(world.records, EndpointRecord, endpoint_id(REGION, ENDPOINT))
    assert known is not None
    ours = replace(known.value, good=LastKnownGood("ours", ARN.text, 7, world.clock.now()))
    world.records.commit(Commit((keep(known, ours, known.id),)), at=world.clock.now())

    _others_deploy(world, [(PRODUCTION, "fraud-v7", 1.0)], "ours", told_of=False)

    assert [world.reconcile().endpoints, world.reconcile().endpoints] == [1, 0]
    assert world.endpoint.served == "ours"
    assert world.rollouts.started == {}


def test_an_endpoint_that_is_not_observed_or_is_watched_is_left_to_its_rollout() -> None:
    watched, enforced = _observed(), RolloutWorld()
    _others_deploy(watched, [(PRODUCTION, "fraud-v7", 1.0)])
    _own(enforced)
    for world in (watched, enforced):
        world.pass_minutes(5)

    assert [watched.reconcile().endpoints, enforced.reconcile().endpoints] == [0, 0]


def test_an_event_that_tells_nothing_new_starts_nothing() -> None:
    world = _observed()
    _others_deploy(world, [(PRODUCTION, "fraud-v7", 1.0)])

    again = _event(world)

    assert again.action is EndpointAction.IGNORE
    assert len(world.machines) == 1


def test_an_endpoint_of_nobodys_policy_is_left_alone() -> None:
    world = RolloutWorld(mode=Mode.OBSERVE)

    assert _event(world).action is EndpointAction.IGNORE


def test_a_deployment_of_another_groups_model_is_remembered_but_not_judged() -> None:
    world = _observed()
    world.endpoints.models["other"] = (ARN.text.replace(GROUP, "other-group"), {})
    _others_deploy(world, [(PRODUCTION, "other", 1.0)])

    assert world.machines == []


def test_in_enforce_a_change_by_somebody_else_wakes_the_look_that_waits() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    _own(world)
    world.await_phase(rollout_id, Phase.STEP)
    world.endpoints.takes_s = 330  # it ends between two looks
    world.endpoints.somebody_updates(ENDPOINT, {**serving_config(), "EndpointConfigName": "theirs"})
    world.pass_minutes(5.7)

    admitted = _event(world)
    world.work()

    assert admitted.action is EndpointAction.WAKE
    assert world.rollout(rollout_id).outcome is RolloutOutcome.DIVERGED


def test_an_event_that_was_forged_or_is_about_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput):
        EndpointEvent.parse({"source": "aws.sagemaker", "detail-type": "SageMaker Endpoint State Change", "detail": {}})


def _observed() -> RolloutWorld:
    world = RolloutWorld(mode=Mode.OBSERVE)
    world.endpoints.models["fraud-v6"] = (ARN.text[:-1] + "6", {})
    world.endpoints.models["fraud-v7"] = (ARN.text, {})
    world.endpoints.models["fraud-v8"] = (ARN.text[:-1] + "8", {})
    _own(world)
    assert _event(world).action is EndpointAction.REMEMBER
    return world


def _own(world: RolloutWorld) -> None:
    owner = EndpointOwner(ENDPOINT, GROUP)
    now = world.clock.now()
    world.records.commit(Commit((keep(None, owner, ENDPOINT, due_at=now),)), at=now)


def _others_deploy(
    world: RolloutWorld, variants: list[tuple[str, str, float]], config: str = THEIRS, *, told_of: bool = True
) -> None:
    ordinary = serving_config()["ProductionVariants"][0]
    told = [
        {**ordinary, "VariantName": name, "ModelName": model, "InitialVariantWeight": weight}
        for name, model, weight in variants
    ]
    world.endpoints.somebody_updates(ENDPOINT, {"EndpointConfigName": config, "ProductionVariants": told})
    world.pass_minutes(6)
    if told_of:
        _event(world)
    _start_watching(world)


def _start_watching(world: RolloutWorld) -> None:
    running = {run.name for run in world.machines}
    for name, given in world.rollouts.started.items():
        assert name.endswith("-1")
        if name not in running:
            world.start(RolloutId(given["rollout_id"]))


def _event(world: RolloutWorld) -> EndpointAdmission:
    told = EndpointEvent(ACCOUNT, REGION, ENDPOINT)
    return admit_endpoint_change(told, world.admitting_endpoints)


def _watched(world: RolloutWorld) -> RolloutId:
    (run,) = world.machines
    return RolloutId(run.input["rollout_id"])
