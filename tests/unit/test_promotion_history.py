"""What serves an endpoint is remembered at each promotion, with all that it takes to make it serve again."""

from collections.abc import Mapping
from typing import Any

from sluice.errors import TransientFailure
from sluice.model.endpoint import EndpointConfig
from sluice.model.production import KEPT, ProductionRecord, Served
from sluice.model.rollout import Phase, RolloutOutcome, WishKind
from sluice.usecases.remembering import recall
from tests.packages import ARN, CHEN, REGION
from tests.rollouts import ENDPOINT, ROLE, SERVING, RolloutWorld, serving_config

NEW = "fraud-scoring-v7-f1"


def _history(world: RolloutWorld) -> tuple[Served, ...]:
    known = recall(world.records, ProductionRecord, f"{REGION}/{ENDPOINT}")
    return () if known is None else known.value.served


def test_a_promoted_version_is_remembered_with_what_it_takes_to_make_it_again() -> None:
    world = RolloutWorld()
    rollout_id = world.request()

    world.finish(rollout_id)

    newest = _history(world)[-1]
    assert (newest.config, newest.package_arn, newest.version, newest.until) == (NEW, ARN.text, 7, 0)
    assert newest.document == world.endpoints.configs[NEW]
    assert newest.settings == {"ExecutionRoleArn": ROLE}
    assert newest.model == world.rollout(rollout_id).model
    assert newest.rollout_id == rollout_id
    assert newest.decided_by is None


def test_what_served_before_is_remembered_without_a_package_until_the_new_version_served_alone() -> None:
    world = RolloutWorld()

    world.finish(world.request())

    before, newest = _history(world)
    assert (before.config, before.package_arn, before.document) == (SERVING, "", serving_config())
    assert before.until == newest.since == world.seen.modified_at


def test_whoever_promoted_against_the_judge_is_remembered() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)

    world.press(rollout_id, WishKind.PROMOTE_NOW)
    world.finish(rollout_id)

    assert _history(world)[-1].decided_by == CHEN


def test_the_first_version_of_an_endpoint_is_all_its_history() -> None:
    world = RolloutWorld(first=True)

    world.finish(world.request())

    assert [each.config for each in _history(world)] == [NEW]


def test_a_version_that_came_back_is_no_history() -> None:
    world = RolloutWorld()
    world.traffic.rates["candidate"] = 0.2

    ended = world.finish(world.request())

    assert ended.outcome is RolloutOutcome.RETURNED
    assert _history(world) == ()


def test_what_others_put_there_in_between_has_its_place() -> None:
    world = RolloutWorld()
    world.finish(world.request())
    theirs: EndpointConfig = {**serving_config(), "EndpointConfigName": "by-hand"}
    world.endpoints.somebody_updates(ENDPOINT, theirs)
    world.pass_minutes(10)

    world.finish(world.request(8))

    found = [(each.config, each.package_arn != "", each.until != 0) for each in _history(world)]
    assert found == [
        (SERVING, False, True),
        (NEW, True, True),
        ("by-hand", False, True),
        ("fraud-scoring-v8-f2", True, False),
    ]


def test_only_the_newest_versions_are_kept() -> None:
    world = RolloutWorld()

    for version in range(7, 7 + KEPT + 1):
        world.finish(world.request(version))

    assert [each.version for each in _history(world)] == list(range(8, 8 + KEPT))


def test_the_end_of_a_rollout_does_not_wait_for_what_cannot_be_read() -> None:
    world = RolloutWorld()
    rollout_id = world.request()
    run = world.machines[-1]
    conclude = run.tasks["ConcludeRolloutFunctionArn"]

    def in_the_dark(event: Mapping[str, Any]) -> Any:
        world.endpoints.fail(*[TransientFailure("ThrottlingException")] * 3)
        return conclude(event)

    run.tasks = {**run.tasks, "ConcludeRolloutFunctionArn": in_the_dark}
    ended = world.finish(rollout_id)

    assert ended.outcome is RolloutOutcome.PROMOTED
    assert [each.config for each in _history(world)] == [SERVING, NEW]
    assert _history(world)[-1].document == world.endpoints.configs[NEW]
