"""What no event told is found and mended, once, and what cannot be mended keeps nothing else from it."""

from dataclasses import fields, replace
from typing import Any

import pytest

from functions.reconcile import app
from sluice import wiring, worlds
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.approval import ApprovalStatus, Choice, Mode
from sluice.model.approval_commands import CardDelivered, EvidenceTouched, ResumeRelease, Timer, TimerFired
from sluice.model.commands import from_json
from sluice.model.commit import PLATFORM_CHAIN
from sluice.model.ids import Micros, PackageArn
from sluice.model.package import ModelPackage, RegistryStatus
from sluice.usecases.reconcile import Mended, owed_to
from sluice.usecases.record_decision import record_decision
from tests.approvals import HOUR, NOW, an_approval
from tests.fakes.deaths import Died, Life
from tests.fakes.registry import FakeRegistry
from tests.packages import ACCOUNT, ARN, BEN, CHANNEL, CHEN, DAY, REGION, a_package, a_policy
from tests.world import World

PENDING, APPROVED, REJECTED = RegistryStatus.PENDING, RegistryStatus.APPROVED, RegistryStatus.REJECTED


def waiting(mode: Mode = Mode.ENFORCE) -> World:
    """A world in which people are asked."""
    world = World(a_policy(mode=mode))
    world.register()
    world.work()
    return world


def notes(world: World) -> list[str]:
    """What reconcile has written down."""
    return [record.subject for record in world.records.entries(PLATFORM_CHAIN, "ReconcileMended")]


def test_where_nothing_is_amiss_nothing_is_written() -> None:
    world = waiting()
    written = len(world.records.commits)

    mended = world.reconcile()

    assert (mended, len(world.records.commits), world.queue.waiting) == (Mended(), written, [])


def test_a_package_whose_event_was_lost_is_admitted() -> None:
    world = World(a_policy(), package=a_package())

    mended = world.reconcile()
    world.work()

    assert (mended, world.approval.is_open, notes(world)) == (Mended(packages=1), True, [ARN.text])


def test_a_return_to_pending_whose_event_was_lost_is_asked_about() -> None:
    world = waiting()
    world.vote(BEN, Choice.REJECT)
    world.work()
    world.event()
    world.edit(status=PENDING, approval_description="again")

    world.reconcile()
    world.work()

    assert (world.package.generation, world.approval.is_open) == (2, True)


def test_a_decision_in_studio_whose_event_was_lost_is_set_back() -> None:
    world = waiting()
    world.edit(status=APPROVED, approval_description="fine")

    world.reconcile()

    assert (world.status, notes(world)) == (PENDING, [ARN.text])


def test_a_package_decided_before_enrolment_is_remembered_and_not_mended() -> None:
    world = World()
    world.govern(a_policy(), since=Micros(NOW + 10))
    world.registry.put(a_package(status=APPROVED))

    first, second = world.reconcile(), world.reconcile()

    assert (first, second, world.status, notes(world)) == (Mended(), Mended(), APPROVED, [])


def test_a_release_recorded_but_never_started_is_started() -> None:
    world = World(a_policy(), package=a_package())
    world.executions.fail(TransientFailure("StartExecution: ThrottlingException"))
    with pytest.raises(TransientFailure):
        world.event()

    too_soon = world.reconcile()
    world.clock.advance(180)
    mended = world.reconcile()

    assert (too_soon, mended, len(world.executions.started)) == (Mended(), Mended(starts=1), 1)
    assert world.reconcile() == Mended()


def test_a_release_never_started_whose_package_was_decided_meanwhile_gets_its_end() -> None:
    world = World(a_policy(mode=Mode.RECOMMEND), package=a_package())
    world.executions.fail(TransientFailure("StartExecution: ThrottlingException"))
    with pytest.raises(TransientFailure):
        world.event()
    world.edit(status=APPROVED, approval_description="fine")
    world.event(status_changed=True)

    world.clock.advance(180)
    world.reconcile()
    world.work()

    assert (world.outcomes(), world.reconcile()) == (["decided_elsewhere"], Mended())


def test_an_approval_past_its_deadline_whose_timer_was_lost_expires() -> None:
    world = waiting()
    world.timers.waiting.clear()
    world.clock.advance(DAY + 300)

    mended = world.reconcile()
    world.work()

    assert (mended, world.status, world.outcomes()) == (Mended(approvals=1), REJECTED, ["expired"])


def test_a_decision_that_was_recorded_but_never_handed_over_is() -> None:
    world = waiting()
    world.vote(BEN)
    world.waiting.fail(TransientFailure("SendTaskSuccess: ThrottlingException"))
    with pytest.raises(TransientFailure):
        world.vote(CHEN)

    world.clock.advance(180)
    mended = world.reconcile()
    world.work()

    assert (mended, world.status, world.outcomes()) == (Mended(approvals=1), APPROVED, ["approved"])


def test_a_delivered_card_whose_timers_were_never_set_gets_them() -> None:
    world = World(a_policy())
    world.register()
    world.run_executions()
    world.deliver()
    world.queue.take()  # the word of the delivery is lost
    posted_at = world.approval.posted_at
    assert posted_at is not None

    world.clock.advance(15 * 60)
    mended = world.reconcile()
    world.work()

    assert (mended, len(world.timers.waiting)) == (Mended(approvals=1), 4)
    assert world.approval.deadline == posted_at + DAY * 1_000_000


def test_a_card_that_slack_never_took_is_left_to_the_outbox() -> None:
    world = World(a_policy())
    world.chat.down = TransientFailure("chat.postMessage: ConnectionError")
    world.register()
    world.work()

    world.clock.advance(3600)

    assert (world.reconcile(), world.queue.waiting) == (Mended(), [])


def test_evidence_whose_second_reading_got_lost_is_read_at_the_deadline() -> None:
    world = waiting()
    world.edit()
    world.event()
    world.waiting.fail(TransientFailure("SendTaskSuccess: ThrottlingException"))
    with pytest.raises(TransientFailure):
        record_decision(EvidenceTouched(ARN.key, 1), world.deciding)
    for row in world.records.outbox.values():
        row.due_at = None  # and the command went to the dead letters

    world.clock.advance(DAY + 300)
    world.reconcile()
    world.work()
    world.clock.advance(300)
    world.reconcile()
    world.work()

    assert world.outcomes() == ["expired"]


@pytest.mark.parametrize("changes,owed", [
    ({}, TimerFired(an_approval().id, Timer.EXPIRE)),
    ({"on_hold": True}, EvidenceTouched(an_approval().package_arn, 2)),
    ({"deadline": None}, None),
    ({"deadline": None, "message_ts": "1.2", "posted_at": NOW}, CardDelivered(an_approval().id, NOW)),
    ({"status": ApprovalStatus.APPROVED, "answer": object(), "settled_at": NOW}, ResumeRelease(an_approval().id)),
    ({"status": ApprovalStatus.APPROVED, "answer": object(), "settled_at": NOW, "resumed": True}, None),
    ({"status": ApprovalStatus.SUPERSEDED}, None),
])  # fmt: skip
def test_what_an_approval_waits_for(changes: dict[str, Any], owed: object) -> None:
    assert owed_to(an_approval(**changes)) == owed


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_a_release_whose_execution_broke_gets_its_end_once(status: str) -> None:
    world = waiting()
    world.executions.broke = dict.fromkeys(world.executions.started, status)

    mended = world.reconcile()
    again = world.reconcile()

    assert (mended, again) == (Mended(executions=1), Mended())
    assert (world.package.concluded, world.package.outcome) == (True, "failed")
    assert world.approval.status is ApprovalStatus.SUPERSEDED


def test_a_broken_execution_of_a_generation_that_is_over_changes_nothing() -> None:
    world = waiting()
    world.vote(BEN, Choice.REJECT)
    world.work()
    world.executions.broke = dict.fromkeys(world.executions.started, "FAILED")

    assert world.reconcile().executions == 0
    assert world.package.outcome == "rejected"


def test_a_group_that_leaves_observe_is_asked_about_what_was_only_observed() -> None:
    world = waiting(Mode.OBSERVE)
    world.vote(BEN, Choice.REJECT)
    world.work()
    world.govern(a_policy(mode=Mode.ENFORCE))

    mended = world.reconcile()
    world.work()

    assert (mended, world.package.generation) == (Mended(packages=1), 2)
    assert world.approval.is_open


def test_what_cannot_be_mended_keeps_nothing_else_from_it_and_is_raised_at_the_end() -> None:
    world = World(a_policy())
    world.registry = _OneDenied(a_package(), replace(a_package(), arn=PackageArn.parse(ARN.text[:-1] + "8")))

    with pytest.raises(PermanentFailure, match="AccessDenied"):
        world.reconcile()

    assert [release["version"] for release in world.executions.started.values()] == [7]


class _OneDenied(FakeRegistry):
    """A registry in which version 8 may not be described."""

    def describe(self, arn: PackageArn) -> ModelPackage | None:
        if arn.version == 8:
            raise PermanentFailure("DescribeModelPackage: AccessDenied")
        return super().describe(arn)


def test_mending_twice_at_once_mends_once() -> None:
    world = World(a_policy(), package=a_package())
    world.meanwhile(world.reconcile)

    world.reconcile()
    world.work()

    assert (len(world.executions.started), world.kinds().count("ApprovalRequested")) == (1, 1)


def test_a_death_at_any_moment_of_reconcile_is_mended_by_the_next_run() -> None:
    world = World(a_policy(), package=a_package())
    life = world.revive()
    world.reconcile()

    for moment in range(1, life.lived + 1):
        world = World(a_policy(), package=a_package())
        world.revive(Life(ends_at=moment))
        with pytest.raises(Died):
            world.reconcile()
        world.revive()
        world.clock.advance(300)
        world.reconcile()
        world.work()

        assert (world.approval.is_open, len(world.executions.started)) == (True, 1)


def test_versions_of_long_ago_are_left_alone() -> None:
    world = World(a_policy(), package=a_package(created_at=Micros(NOW - 31 * 24 * HOUR)))

    assert world.reconcile() == Mended()


class _Context:
    invoked_function_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:reconcile"
    aws_request_id = "request-1"


def test_the_handler_tells_what_was_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(a_policy(), package=a_package())
    monkeypatch.setenv("SLACK_CHANNEL", CHANNEL)
    monkeypatch.setenv("HOME_REGION", REGION)
    for name in ("records", "registry", "executions", "clock", "endpoints"):
        monkeypatch.setattr(wiring, name, lambda name=name: getattr(world, name))
    monkeypatch.setattr(wiring, "command_queue", lambda: world.queue)
    monkeypatch.setattr(worlds, "concluding", lambda: world.concluding)
    monkeypatch.setattr(wiring, "rollout_executions", lambda: world.rollouts)
    monkeypatch.setattr(wiring, "incident_executions", lambda: world.incidents)
    monkeypatch.setattr(wiring, "rollback_executions", lambda: world.rollbacks)
    monkeypatch.setattr(wiring, "default_policy", lambda _: world.default)

    mended = app.handler({}, _Context())

    assert mended == {field.name: int(field.name == "packages") for field in fields(Mended)}


def test_every_command_it_sends_can_be_read() -> None:
    world = waiting()
    world.timers.waiting.clear()
    world.clock.advance(DAY + 300)

    world.reconcile()

    assert [from_json(message) for message in world.queue.sent[-1:]] == [TimerFired(world.approval.id, Timer.EXPIRE)]
