"""Somebody decides around Sluice between its people's decision and the end of the release."""

import pytest

from sluice.model.approval import ApprovalStatus
from sluice.model.package import RegistryStatus
from sluice.model.release import Answer, Outcome
from sluice.usecases.conclude_release import Ending, conclude_release
from tests.packages import BEN, CHEN, a_policy
from tests.world import World

PENDING, REJECTED = RegistryStatus.PENDING, RegistryStatus.REJECTED


def decided() -> tuple[World, Ending]:
    """The people have approved; the execution is about to look whether the package is pending still."""
    world = World(a_policy())
    world.register()
    world.work()
    world.vote(BEN)
    world.vote(CHEN)
    [run] = world.runs.values()
    answer = world.approval.answer
    assert isinstance(answer, Answer)
    return world, Ending(run.release, answer, run.gates_ref)


@pytest.mark.parametrize("event_comes", ["before", "after"])
def test_what_was_set_back_before_the_end_is_asked_about_anew(event_comes: str) -> None:
    """The execution found it Rejected and went to its end; Sluice has set it back to pending meanwhile."""
    world, ending = decided()
    world.edit(status=REJECTED, approval_description="not this one")
    world.event(status_changed=True)
    if event_comes == "before":
        world.event(status_changed=True)

    concluded = conclude_release(ending, world.concluding)
    if event_comes == "after":
        world.event(status_changed=True)
    world.runs.clear()
    world.reconcile()
    world.work()

    assert (concluded.outcome, world.status) == (Outcome.DECIDED_ELSEWHERE, PENDING)
    assert (world.package.generation, world.approval.generation) == (2, 2)
    assert world.approval.status is ApprovalStatus.OPEN


def test_what_somebody_set_back_themselves_before_the_end_is_asked_about_anew() -> None:
    world, ending = decided()
    world.edit(status=PENDING, approval_description="let us wait")
    world.event(status_changed=True)

    conclude_release(ending, world.concluding)
    world.runs.clear()
    world.reconcile()
    world.work()

    assert (world.package.generation, world.approval.status) == (2, ApprovalStatus.OPEN)
