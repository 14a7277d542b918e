"""What runs is what people approved: a tag that was moved since brings another image, and is noticed before it serves."""

from dataclasses import replace

import pytest

from sluice.core.rollout.pledge import images_of, strange_image
from sluice.model.commit import Commit
from sluice.model.endpoint import EndpointSeen
from sluice.model.ids import RolloutId
from sluice.model.package import Container, RegistryStatus
from sluice.model.rollout import Phase, Rollout, RolloutOutcome
from sluice.usecases.remembering import recall
from sluice.usecases.rollout.remembered import save
from tests.approvals import NOW
from tests.packages import a_package
from tests.rollout_records import REQUEST
from tests.rollouts import SERVING, RolloutWorld

REPOSITORY = "111122223333.dkr.ecr.us-east-1.amazonaws.com/fraud"
APPROVED, OTHER = "sha256:" + "ab" * 32, "sha256:" + "cd" * 32
AS_APPROVED, MOVED = f"{REPOSITORY}@{APPROVED}", f"{REPOSITORY}@{OTHER}"


def container(image: str, digest: str | None = APPROVED) -> Container:
    return Container(image, digest, "s3://models/7")


@pytest.mark.parametrize(
    "named, runs, strange",
    [
        (container(f"{REPOSITORY}:7"), (AS_APPROVED,), False),
        (container(f"{REPOSITORY}:7"), (MOVED,), True),
        (container(f"{REPOSITORY}:7"), (), False),
        (container(f"{REPOSITORY}:7"), (f"{REPOSITORY}:7",), False),
        (container(f"{REPOSITORY}:7", None), (MOVED,), False),
        (container(AS_APPROVED), (MOVED,), False),
        (container(AS_APPROVED, None), (MOVED,), False),
    ],
)
def test_an_image_is_strange_where_a_tag_now_names_another_than_was_approved(
    named: Container, runs: tuple[str, ...], *, strange: bool
) -> None:
    """What was named by its digest cannot move, and what was never resolved cannot be compared."""
    request = replace(REQUEST, images=images_of(a_package(containers=(named,))))

    assert bool(strange_image(runs, request)) is strange


def _tagged(runs: str, variant: str) -> tuple[RolloutWorld, RolloutId]:
    """A version whose image is named by a tag, and what a variant of it runs once it is deployed."""
    world, package = RolloutWorld(), a_package(containers=(container(f"{REPOSITORY}:7"),))
    rollout_id = world.request(package=replace(package, status=RegistryStatus.APPROVED))
    known = recall(world.records, Rollout, rollout_id)
    assert known is not None
    request = replace(known.value.request, images=images_of(package))
    world.records.commit(Commit((save(replace(known.value, request=request), known, NOW),)), at=NOW)
    describe = world.endpoints.describe

    def resolved(name: str) -> EndpointSeen | None:
        seen = describe(name)
        if seen is None or seen.config == SERVING:
            return seen
        variants = tuple(replace(v, images=(runs,)) if v.name == variant else v for v in seen.variants)
        return replace(seen, variants=variants)

    world.endpoints.describe = resolved  # type: ignore[method-assign]  # what the fake does not know of
    return world, rollout_id


def test_a_version_whose_tag_was_moved_serves_nobody() -> None:
    """Only DescribeModelPackage was asked, which goes on telling the digest of the registration."""
    world, rollout_id = _tagged(MOVED, "candidate")

    ended = world.finish(rollout_id)

    assert (ended.outcome, ended.phase, world.seen.config) == (RolloutOutcome.WITHDRAWN, Phase.DONE, SERVING)
    assert "tag" in ended.because
    assert not [e for e in world.endpoints.effects if e.operation == "set_weights" and '"candidate": 10' in e.detail]


def test_a_tag_that_is_moved_before_the_promotion_is_noticed_then() -> None:
    world, rollout_id = _tagged(MOVED, "AllTraffic")

    ended = world.finish(rollout_id)

    assert (ended.outcome, ended.step, world.seen.config) == (RolloutOutcome.WITHDRAWN, 1, SERVING)


def test_a_version_that_runs_what_was_approved_is_promoted() -> None:
    world, rollout_id = _tagged(AS_APPROVED, "candidate")

    assert world.finish(rollout_id).outcome is RolloutOutcome.PROMOTED
