"""A return that meets trouble: it is tried again, or the endpoint is held and somebody is called, within two minutes."""

from dataclasses import replace

import pytest

from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.endpoint import EndpointSeen, EndpointStatus
from sluice.model.governing import Mode
from sluice.model.package import Container, RegistryStatus
from sluice.model.response_rules import RollbackRules
from sluice.model.rollback import Decision, RollbackOutcome, RollbackPhase
from tests.fakes.serving import End
from tests.packages import ARN
from tests.rollbacks import RollbackWorld
from tests.rollouts import ENDPOINT, PRODUCTION

HELD, BACK = RollbackOutcome.HELD, RollbackOutcome.RECOVERED
MINUTE = 60_000_000
THROTTLED = TransientFailure("ThrottlingException: Rate exceeded")
DIGEST, OTHER = "sha256:" + "aa" * 32, "sha256:" + "bb" * 32


def _ends(world: RollbackWorld, *, calm_after: float = 15) -> RollbackOutcome | None:
    """Let the newest answer come to its end; where it got so far, the alarm goes quiet."""
    world.pass_minutes(calm_after, until=lambda: world.rollback.is_over)
    if not world.rollback.is_over:
        world.calm()
    return world.end_rollback().outcome


def test_a_silent_return_of_sagemaker_is_a_failure_and_is_not_tried_for_ever() -> None:
    world = RollbackWorld()
    updates = world.endpoints.count("update")
    world.endpoints.end_next(End.RETURNS, "no capacity for ml.m5.large")
    world.ring()

    assert _ends(world) is HELD
    assert "SageMaker went back to fraud-scoring-v8-f2. no capacity for ml.m5.large" in world.rollback.because
    assert world.endpoint.held_by[0] == world.rollback.id
    assert world.endpoint.holder is None
    assert world.endpoints.count("update") == updates + 1
    assert world.told("RollbackFailed")[-1]["reason"].startswith("SageMaker went back")


def test_a_failed_return_is_told_within_two_minutes() -> None:
    world = RollbackWorld()
    world.endpoints.end_next(End.RETURNS, "no capacity")
    world.ring()
    world.pass_minutes(4)
    back_at = world.clock.at + MINUTE

    _ends(world)

    assert world.clock.at < back_at + 2 * MINUTE
    ((_, text),) = world.notices()
    assert "nothing could be done safely" in text
    assert [e["outcome"] for kind, e in world.bus.events if kind == "RollbackFinished"] == ["held"]


def test_what_could_not_be_taken_back_is_not_rejected() -> None:
    world = RollbackWorld()
    world.endpoints.end_next(End.RETURNS, "no capacity")
    world.ring()

    _ends(world)

    assert world.status_of(8) is RegistryStatus.APPROVED
    assert (world.rollback.rejects, world.history[-1].rejected) == (False, False)


def test_a_return_that_failed_counts_as_one() -> None:
    world = RollbackWorld()
    world.endpoints.end_next(End.RETURNS, "no capacity")
    world.ring()

    _ends(world)

    assert world.production.returns == (world.rollback.intended_at,)
    assert [(each.version, each.until != 0) for each in world.history][-1] == (8, False)


@pytest.mark.parametrize("end", [End.FAILS, End.MIXED])
def test_an_endpoint_that_breaks_on_the_way_is_held(end: End) -> None:
    world = RollbackWorld()
    world.endpoints.end_next(end, "the container does not start")
    world.ring()

    assert _ends(world) is HELD
    assert "the container does not start" in world.rollback.because


def test_a_mix_that_somebody_else_left_is_mended_by_the_return() -> None:
    world = RollbackWorld()
    mix = replace(world.seen, status=EndpointStatus.UPDATE_ROLLBACK_FAILED)
    world.endpoints.endpoints[ENDPOINT].status = mix.status
    world.ring()

    assert _ends(world) is BACK
    assert world.seen.config == world.config_of(7)


@pytest.mark.parametrize("times", [1, 3, 4])
def test_throttling_is_waited_for(times: int) -> None:
    world = RollbackWorld()
    world.ring()
    world.endpoints.fail(*[THROTTLED] * times)

    assert _ends(world) is BACK


def test_throttling_that_does_not_end_holds_the_endpoint_within_two_minutes() -> None:
    world = RollbackWorld()
    begun = world.clock.at
    world.endpoints.down = THROTTLED
    world.ring()

    assert _ends(world, calm_after=2) is HELD
    assert world.clock.at <= begun + 2 * MINUTE
    assert "Nothing could be decided: TransientFailure: ThrottlingException" in world.rollback.because
    assert world.endpoint.held_by[0] == world.rollback.id


@pytest.mark.parametrize(
    "mode, outcome", [(Mode.OBSERVE, RollbackOutcome.RECORDED), (Mode.RECOMMEND, RollbackOutcome.ASKED)]
)
def test_outside_of_enforce_nothing_is_held_because_aws_does_not_answer(mode: Mode, outcome: RollbackOutcome) -> None:
    world = RollbackWorld(mode=mode)
    world.endpoints.down = THROTTLED
    world.ring()

    assert _ends(world, calm_after=2) is outcome
    assert world.endpoint.hold == ""


def test_an_aws_that_is_silent_while_the_update_runs_is_no_failure() -> None:
    world = RollbackWorld()
    world.ring()
    world.work()
    assert world.rollback.phase is RollbackPhase.RETURNING

    world.endpoints.down = THROTTLED
    world.pass_minutes(10)
    world.endpoints.down = None

    assert _ends(world) is BACK


@pytest.mark.parametrize("refusals, outcome", [(1, BACK), (2, BACK), (3, HELD)])
def test_no_room_is_tried_again_for_half_a_minute(refusals: int, outcome: RollbackOutcome) -> None:
    world = RollbackWorld()
    for _ in range(refusals):
        world.endpoints.refuse()
    world.ring()
    world.pass_minutes(2)

    assert world.rollback.is_over is (outcome is HELD)
    assert _ends(world) is outcome


def test_what_aws_refuses_for_good_holds_the_endpoint() -> None:
    world = RollbackWorld()
    world.ring()
    world.forget(world.config_of(7), model=True)
    world.endpoints.create_model = _refused  # type: ignore[method-assign]  # what IAM says

    assert _ends(world, calm_after=2) is HELD
    assert "iam:PassRole" in world.rollback.because


def _refused(*_: object, **__: object) -> None:
    raise PermanentFailure("CreateModel: AccessDeniedException: iam:PassRole")


@pytest.mark.parametrize("dies", [False, True])
def test_an_update_whose_answer_is_lost_is_made_once(*, dies: bool) -> None:
    world = RollbackWorld()
    updates = world.endpoints.count("update")
    world.endpoints.lose_answer()
    world.ring()
    world.work()
    if dies:
        world.runs_of_rollbacks.runs[f"{world.rollback.id}-1"].abort()
        world.restart_rollback()

    assert _ends(world) is BACK
    assert world.endpoints.count("update") == updates + 1


# Images


def test_a_version_whose_package_names_other_images_by_now_is_not_made_again() -> None:
    world = RollbackWorld()
    _ran(world, DIGEST)
    world.registry.put(
        replace(
            world.registry.packages[ARN.key],
            containers=(Container("fraud:latest", OTHER, "s3://models/7.tar.gz"),),
        )
    )
    world.forget(world.config_of(7), model=True)
    world.ring()

    assert _ends(world) is HELD
    assert "a tag was moved" in world.rollback.because
    assert world.seen.config == world.config_of(8)


def test_a_version_with_the_images_that_ran_is_made_again() -> None:
    world = RollbackWorld()
    _ran(world, DIGEST)
    package = world.registry.packages[ARN.key]
    world.registry.put(replace(package, containers=(Container("fraud:latest", DIGEST, "s3://models/7.tar.gz"),)))
    world.forget(world.config_of(7), model=True)
    world.ring()

    assert _ends(world) is BACK


def test_what_runs_another_image_than_before_is_held() -> None:
    world = RollbackWorld()
    _ran(world, DIGEST)
    _runs(world, f"fraud@{OTHER}")
    world.ring()

    assert _ends(world) is HELD
    assert "not what served before: the tag of its image was moved" in world.rollback.because


def test_what_runs_the_image_that_served_before_is_taken_as_it_is() -> None:
    world = RollbackWorld()
    _ran(world, DIGEST)
    _runs(world, f"fraud@{DIGEST}")
    world.ring()

    assert _ends(world) is BACK


def _runs(world: RollbackWorld, image: str) -> None:
    """SageMaker resolves the image of whatever serves to this one."""
    as_it_is = world.endpoints.as_it_is

    def resolved(name: str) -> EndpointSeen | None:
        seen = as_it_is(name)
        return seen and replace(seen, variants=tuple(replace(v, images=(image,)) for v in seen.variants))

    world.endpoints.as_it_is = resolved  # type: ignore[method-assign]  # what it shows, with an image


def _ran(world: RollbackWorld, digest: str) -> None:
    """What SageMaker resolved the image of version 7 to, when it served."""
    world.remember(7, images=(f"fraud@{digest}",))


# Requests


def test_a_version_that_serves_no_requests_where_there_were_some_is_not_said_to_be_verified() -> None:
    world = RollbackWorld()
    world.ring()
    world.pass_minutes(1)
    world.traffic.silent.add(PRODUCTION)

    outcome = _ends(world, calm_after=25)

    assert outcome is BACK
    assert world.rollback.verified is False
    assert "No request has been seen since" in world.rollback.because


def test_an_endpoint_without_requests_is_not_waited_for() -> None:
    world = RollbackWorld()
    world.traffic.requests = 0
    world.pass_minutes(70)
    world.ring()

    assert _ends(world, calm_after=7) is BACK
    assert world.rollback.verified is True


# The registry


def test_a_package_that_cannot_be_rejected_changes_nothing_about_the_return() -> None:
    world = RollbackWorld()
    world.refused["updateModelPackage"] = KeyError("AccessDenied")
    world.ring()

    assert _ends(world) is BACK
    assert "The package was not rejected" in world.rollback.because
    assert world.told("RegistryStatusUnchanged")[-1]["wanted"] == "Rejected"


def test_a_package_that_is_not_approved_any_more_is_left_as_it_is() -> None:
    world = RollbackWorld()
    key = ARN.key[:-1] + "8"
    world.ring()
    world.pass_minutes(3)
    world.registry.put(replace(world.registry.packages[key], status=RegistryStatus.PENDING))

    assert _ends(world) is BACK
    assert world.status_of(8) is RegistryStatus.PENDING


def test_a_package_that_waits_for_people_again_is_another_releases() -> None:
    world = RollbackWorld()
    world.await_people(8)
    world.ring()

    assert _ends(world) is BACK
    assert (world.status_of(8), world.rollback.rejects) == (RegistryStatus.APPROVED, False)


# Executions


def test_an_execution_that_was_replaced_does_nothing_more() -> None:
    world = RollbackWorld()
    world.ring()
    world.work()
    old = world.runs_of_rollbacks.runs[f"{world.rollback.id}-1"]

    world.restart_rollback()
    outcome = _ends(world)

    assert outcome is BACK
    assert old.status == "SUCCEEDED"
    assert old.state == "RollbackEnded"
    assert [e["outcome"] for kind, e in world.bus.events if kind == "RollbackFinished"] == ["recovered"]


def test_an_execution_that_died_in_recovery_is_taken_up_there() -> None:
    world = RollbackWorld(back=RollbackRules())
    updates = world.endpoints.count("update")
    world.ring()
    world.pass_minutes(20, until=lambda: world.rollback.phase is RollbackPhase.RECOVERING)
    world.runs_of_rollbacks.runs[f"{world.rollback.id}-1"].abort()

    world.restart_rollback()

    assert _ends(world) is BACK
    assert world.endpoints.count("update") == updates + 1


def test_a_rollback_that_ended_ends_no_second_time() -> None:
    world = RollbackWorld()
    world.ring()
    _ends(world)
    commits = len([r for r in world.ledger() if r.kind == "RollbackFinished"])

    world.restart_rollback()
    world.pass_minutes(2)

    assert len([r for r in world.ledger() if r.kind == "RollbackFinished"]) == commits
    assert world.rollback.decision is Decision.ROLL_BACK
