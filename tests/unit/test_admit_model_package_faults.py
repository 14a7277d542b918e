"""Admission under deaths and in any order: the end is the same."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.model.package import RegistryStatus
from tests.fakes.deaths import Died, Life
from tests.packages import BEN, CHANNEL, CHEN, STUDIO, a_package, a_policy
from tests.world import World

PENDING, APPROVED, REJECTED = RegistryStatus.PENDING, RegistryStatus.APPROVED, RegistryStatus.REJECTED


def _registered() -> World:
    return World(a_policy(), package=a_package())


def _edited() -> World:
    world = _asked()
    world.edit(customer_metadata={"team": "fraud"})
    return world


def _decided_while_people_decide() -> World:
    world = _asked()
    world.edit(status=APPROVED, approval_description="fine")
    return world


def _decided_after_the_end() -> World:
    world = _asked()
    world.vote(BEN)
    world.vote(CHEN)
    world.work()
    world.event()
    world.edit(status=REJECTED, approval_description="no")
    return world


def _registered_as_approved() -> World:
    return World(a_policy(), package=a_package(status=APPROVED, last_modified_by=STUDIO))


def _asked() -> World:
    world = _registered()
    world.event()
    world.work()
    return world


def _end(world: World) -> tuple[Any, ...]:
    """What there is when everything has come to rest; that evidence is read once more is no effect."""
    world.event(status_changed=True)
    world.work()
    package = world.package
    return (
        world.status,
        sorted(world.executions.started),
        (package.status, package.generation, package.started, package.concluded),
        [kind for kind in world.kinds() if kind not in ("EvidenceTouched", "EvidenceCollected", "GatesChecked")],
        world.chat.texts(CHANNEL),
        [(status, words) for _, status, words in world.registry.sets],
    )


SCENES: list[Callable[[], World]] = [
    _registered,
    _edited,
    _decided_while_people_decide,
    _decided_after_the_end,
    _registered_as_approved,
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_a_death_at_any_moment_of_admission_changes_nothing_about_the_end(scene: Callable[[], World]) -> None:
    calm = scene()
    life = calm.revive()
    calm.event(status_changed=True)
    moments = life.lived
    end = _end(calm)

    for moment in range(1, moments + 1):
        world = scene()
        world.revive(Life(ends_at=moment))
        with pytest.raises(Died):
            world.event(status_changed=True)
        world.revive()
        world.event(status_changed=True)

        assert _end(world) == end, f"died at moment {moment} of {moments}"


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_what_died_is_found_by_reconcile_when_no_event_comes_again(scene: Callable[[], World]) -> None:
    for moment in count(1):
        world = scene()
        world.revive(Life(ends_at=moment))
        try:
            world.event(status_changed=True)
        except Died:
            pass
        else:
            return
        world.revive()
        world.clock.advance(600)
        world.reconcile()
        world.work()

        assert scene is _edited or world.status is PENDING
        assert all(run.step > 0 for run in world.runs.values())
        assert world.package.started


@given(order=st.lists(st.sampled_from(["event", "late event", "work", "edit"]), max_size=12))
def test_whatever_comes_in_whatever_order_there_is_one_release_and_one_open_card(order: list[str]) -> None:
    world = World(a_policy())
    world.register()

    for what in order:
        match what:
            case "event":
                world.event()
            case "late event":
                world.event(status_changed=True)
            case "work":
                world.work()
            case _:
                world.edit()
    world.event()
    world.work()

    assert (len(world.executions.started), world.package.generation, world.approval.is_open) == (1, 1, True)
