"""A list that reconcile cannot read, in whole or in part, keeps nothing else from being mended."""

import pytest

from sluice.errors import InvalidInput, TransientFailure
from sluice.model.approval import ApprovalStatus
from sluice.model.commit import Commit, RecordKey, Save
from sluice.model.ids import Micros
from tests.approvals import NOW
from tests.packages import DAY, a_policy
from tests.world import World


def overdue() -> World:
    """A world in which nobody decided in time and the timer was lost."""
    world = World(a_policy())
    world.register()
    world.work()
    world.clock.advance(DAY + 3600)
    return world


def test_an_approval_expires_though_the_registry_cannot_be_listed() -> None:
    world = overdue()
    world.registry.fail_next = TransientFailure("ListModelPackages: ThrottlingException")

    with pytest.raises(TransientFailure, match="ListModelPackages"):
        world.reconcile()
    world.work()

    assert world.approval.status is ApprovalStatus.EXPIRED


def test_an_approval_expires_though_one_before_it_cannot_be_read() -> None:
    world = overdue()
    broken = Save(RecordKey("approval", "broken"), 0, {"nonsense": True}, due_at=Micros(NOW - 1))
    world.records.commit(Commit(saves=(broken,)), at=NOW)

    with pytest.raises(InvalidInput):
        world.reconcile()
    world.work()

    assert world.approval.status is ApprovalStatus.EXPIRED
