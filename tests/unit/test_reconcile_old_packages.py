"""A package older than reconcile's list of packages is looked at by what is remembered of it, as long as it awaits."""

import pytest

from sluice.errors import TransientFailure
from sluice.model.approval import ApprovalStatus
from sluice.model.ids import Micros
from sluice.model.package import RegistryStatus
from sluice.usecases.reconcile import Mended
from tests.approvals import NOW
from tests.packages import BEN, CHEN, DAY, a_package, a_policy
from tests.world import World

MONTHS_AGO = Micros(NOW - 90 * DAY * 1_000_000)


def old() -> World:
    """A world with a package registered long ago, which becomes pending again only now."""
    return World(a_policy(), package=a_package(created_at=MONTHS_AGO))


def asked() -> World:
    """The same, with its card delivered."""
    world = old()
    world.event()
    world.work()
    return world


def test_an_old_package_that_nobody_remembers_is_not_listed() -> None:
    assert old().reconcile() == Mended()


def test_its_release_that_was_recorded_but_never_started_is_started() -> None:
    world = old()
    world.executions.fail(TransientFailure("StartExecution: ThrottlingException"))
    with pytest.raises(TransientFailure):
        world.event()
    world.clock.advance(180)

    assert world.reconcile() == Mended(starts=1)
    assert len(world.executions.started) == 1


def test_its_approval_expires_though_the_timer_was_lost() -> None:
    world = asked()
    world.timers.waiting.clear()
    world.clock.advance(DAY + 180)

    world.reconcile()
    world.work()

    assert (world.approval.status, world.outcomes()) == (ApprovalStatus.EXPIRED, ["expired"])


def test_its_decision_is_handed_over_though_nobody_did_when_it_was_made() -> None:
    world = asked()
    world.vote(BEN)
    world.waiting.fail(TransientFailure("SendTaskSuccess: ThrottlingException"))
    with pytest.raises(TransientFailure):
        world.vote(CHEN)
    world.clock.advance(180)

    world.reconcile()
    world.work()

    assert (world.status, world.outcomes()) == (RegistryStatus.APPROVED, ["approved"])


def test_a_decision_elsewhere_whose_event_was_lost_is_found_at_the_deadline_and_not_overwritten() -> None:
    world = asked()
    world.edit(status=RegistryStatus.APPROVED, approval_description="fine")
    world.timers.waiting.clear()
    world.clock.advance(DAY + 180)

    world.reconcile()
    world.work()

    assert (world.status, world.outcomes()) == (RegistryStatus.APPROVED, ["decided_elsewhere"])
    assert "RegistryStatusUnchanged" in world.kinds()
