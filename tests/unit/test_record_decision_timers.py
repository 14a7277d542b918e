"""The time to decide: it runs from the delivery of the card, is told by timers, and never implies approval."""

import pytest

from sluice.errors import TransientFailure
from sluice.model.approval import ApprovalStatus, Choice, Mode, OnExpiry, Timing
from sluice.model.approval_commands import CardDelivered, Timer, TimerFired
from sluice.model.commands import from_json
from sluice.model.ids import Micros
from sluice.model.package import RegistryStatus
from sluice.usecases.record_decision import record_decision
from sluice.usecases.resume_release import timer_name
from tests.packages import BEN, CHANNEL, CHEN, DAY, a_policy
from tests.world import World

PENDING, REJECTED = RegistryStatus.PENDING, RegistryStatus.REJECTED
HOUR_S = 3600


def waiting(**policy: object) -> World:
    """A world whose card is delivered."""
    world = World(a_policy(**policy))
    world.register()
    world.work()
    return world


def deadline(world: World) -> Micros:
    """When the present approval expires."""
    assert world.approval.deadline is not None
    return world.approval.deadline


def test_timers_run_from_the_delivery_and_not_from_the_request() -> None:
    world = World(a_policy())
    world.chat.down = TransientFailure("chat.postMessage: ConnectionError")
    world.register()
    world.work()
    world.clock.advance(HOUR_S)
    assert (world.approval.deadline, world.timers.waiting) == (None, {})

    world.chat.down = None
    world.work()

    delivered = world.approval.delivered_at
    assert delivered is not None
    assert delivered >= world.approval.requested_at + HOUR_S * 1_000_000
    assert deadline(world) == delivered + DAY * 1_000_000
    assert {name.split("-", 1)[1]: timer.at - delivered for name, timer in world.timers.waiting.items()} == {
        "remind-1": 4 * HOUR_S * 1_000_000,
        "remind-2": 12 * HOUR_S * 1_000_000,
        "escalate-0": 20 * HOUR_S * 1_000_000,
        "expire-0": DAY * 1_000_000,
    }


def test_a_second_word_of_the_delivery_moves_no_deadline() -> None:
    world = waiting()
    first, timers = deadline(world), dict(world.timers.waiting)

    record_decision(CardDelivered(world.approval.id, Micros(first + 5)), world.deciding)

    assert (deadline(world), world.timers.waiting) == (first, timers)
    assert world.kinds().count("ApprovalDelivered") == 1


def test_timers_that_could_not_be_set_are_set_by_the_repeat() -> None:
    world = World(a_policy())
    world.register()
    world.run_executions()
    world.deliver()
    [delivered] = world.queue.take()
    world.timers.fail(TransientFailure("CreateSchedule: ThrottlingException"))

    with pytest.raises(TransientFailure):
        record_decision(from_json(delivered), world.deciding)
    record_decision(from_json(delivered), world.deciding)

    assert len(world.timers.waiting) == 4


def test_a_reminder_goes_out_once_however_often_its_timer_fires() -> None:
    world = waiting()
    world.pass_time(4 * HOUR_S + 60)

    for _ in range(3):
        record_decision(TimerFired(world.approval.id, Timer.REMIND, 1), world.deciding)
    world.work()

    assert sum("still waits for a decision" in text for text in world.chat.texts(CHANNEL)) == 1
    assert (world.approval.reminded, world.kinds().count("ApproversReminded")) == (1, 1)


def test_a_late_first_reminder_after_the_second_says_nothing() -> None:
    world = waiting()

    record_decision(TimerFired(world.approval.id, Timer.REMIND, 2), world.deciding)
    record_decision(TimerFired(world.approval.id, Timer.REMIND, 1), world.deciding)

    assert (world.approval.reminded, world.kinds().count("ApproversReminded")) == (2, 1)


def test_escalation_reaches_the_channel_and_each_person_once() -> None:
    world = waiting()

    world.pass_time(20 * HOUR_S + 60)
    record_decision(TimerFired(world.approval.id, Timer.ESCALATE), world.deciding)
    world.work()

    assert [sum("Escalation" in text for text in world.chat.texts(where)) for where in (CHANNEL, "D0OLGA")] == [1, 1]
    assert world.approval.escalated


def test_a_schedule_nobody_wrote_escalates_to_the_channel_alone() -> None:
    timing = Timing(DAY, OnExpiry.REJECT, (), 60, ("schedule:ml-oncall",))
    world = waiting(timing=timing)

    world.pass_time(120)

    assert sum("Escalation" in text for text in world.chat.texts(CHANNEL)) == 1


@pytest.mark.parametrize("mode,on_expiry,status", [
    (Mode.ENFORCE, OnExpiry.REJECT, REJECTED),
    (Mode.ENFORCE, OnExpiry.KEEP_PENDING, PENDING),
    (Mode.RECOMMEND, OnExpiry.REJECT, PENDING),
    (Mode.OBSERVE, OnExpiry.REJECT, PENDING),
])  # fmt: skip
def test_expiry_has_the_policys_outcome_and_is_never_an_approval(
    mode: Mode, on_expiry: OnExpiry, status: RegistryStatus
) -> None:
    world = waiting(mode=mode, timing=Timing(DAY, on_expiry))
    world.vote(BEN)

    world.pass_time(DAY + 60)

    assert (world.status, world.approval.status) == (status, ApprovalStatus.EXPIRED)
    assert len(world.waiting.answers) == 1
    assert sum("expired without a decision" in text for text in world.chat.texts(CHANNEL)) == 2  # card and notice


@pytest.mark.parametrize("mode,steps", [
    (Mode.ENFORCE, ["*PendingManualApproval*"]),
    (Mode.RECOMMEND, ["*Rejected*", "*PendingManualApproval*"]),
])  # fmt: skip
def test_what_the_notice_of_an_expiry_advises_has_people_asked_again(mode: Mode, steps: list[str]) -> None:
    world = waiting(mode=mode)
    world.pass_time(DAY + 60)
    world.event()

    advice = next(text for shown in world.chat.messages.values() if "To ask again" in (text := repr(shown.blocks)))
    for step in steps:
        world.edit(status=RegistryStatus(step.strip("*")), approval_description="")
        world.event(status_changed=True)
    world.work()

    assert " and back to ".join(steps) in advice
    assert (world.approval.generation, world.approval.is_open) == (2, True)


def test_a_timer_that_fires_early_expires_nothing() -> None:
    world = waiting()
    world.clock.at = Micros(deadline(world) - 10)

    record_decision(TimerFired(world.approval.id, Timer.EXPIRE), world.deciding)

    assert world.approval.is_open


def test_an_expiry_that_fired_early_is_made_up_by_reconcile() -> None:
    world = waiting()
    world.clock.at = Micros(deadline(world) - 10)
    record_decision(TimerFired(world.approval.id, Timer.EXPIRE), world.deciding)
    world.timers.waiting.clear()

    world.clock.advance(600)
    world.reconcile()
    world.work()

    assert (world.status, world.outcomes()) == (REJECTED, ["expired"])


@pytest.mark.parametrize("timer", list(Timer))
def test_a_timer_of_a_closed_approval_does_nothing(timer: Timer) -> None:
    world = waiting()
    world.vote(BEN, Choice.REJECT)
    world.work()
    written, said = len(world.records.commits), dict(world.chat.messages)

    world.clock.advance(2 * DAY)
    record_decision(TimerFired(world.approval.id, timer, 1), world.deciding)
    world.work()

    assert (len(world.records.commits), world.chat.messages) == (written, said)


def test_an_expiry_twice_is_one_expiry() -> None:
    world = waiting()
    world.pass_time(DAY + 60)
    written = len(world.records.commits)

    record_decision(TimerFired(world.approval.id, Timer.EXPIRE), world.deciding)

    assert (len(world.records.commits), len(world.waiting.answers)) == (written, 1)


def test_a_vote_and_the_expiry_at_once_have_one_effect() -> None:
    """The person pressed in time; the timer is handled while the vote is being written."""
    world = waiting()
    world.vote(BEN)
    world.clock.at = Micros(deadline(world) - 50)
    pressed_at = world.clock.now()
    world.clock.advance(60)
    expire = TimerFired(world.approval.id, Timer.EXPIRE)
    world.meanwhile(lambda: record_decision(expire, world.deciding))

    world.vote(CHEN, pressed_at=pressed_at)
    world.work()

    assert (world.status, len(world.waiting.answers), world.outcomes()) == (REJECTED, 1, ["expired"])
    assert world.chat.told(CHEN)[-1].startswith("This approval is closed: expired.")


def test_nothing_expires_while_evidence_is_read_again_and_reconcile_makes_up_for_it() -> None:
    world = waiting()
    world.edit()
    world.event()
    world.deliver()
    [touched] = world.queue.take()
    record_decision(from_json(touched), world.deciding)
    world.clock.advance(DAY + 60)

    record_decision(TimerFired(world.approval.id, Timer.EXPIRE), world.deciding)
    still_open = world.approval.is_open
    world.work()
    world.clock.advance(600)
    world.reconcile()
    world.work()

    assert (still_open, world.outcomes()) == (True, ["expired"])


def test_after_the_outer_bound_the_card_is_closed_as_expired() -> None:
    world = waiting()
    [run] = world.runs.values()

    run.time_out()
    world.work()

    assert (world.outcomes(), world.approval.status, world.status) == (["expired"], ApprovalStatus.EXPIRED, PENDING)


def test_a_card_that_slack_took_before_its_time_to_decide_was_over_leaves_no_timer_in_the_past() -> None:
    """The word of the delivery came a day late: reminders are past, the expiry is due at once."""
    world = World(a_policy())
    world.register()
    world.run_executions()
    world.deliver()
    [delivered] = world.queue.take()
    world.clock.advance(2 * DAY)

    record_decision(from_json(delivered), world.deciding)

    [(name, timer)] = world.timers.waiting.items()
    assert name == timer_name(world.approval.id, Timer.EXPIRE)
    assert timer.at >= world.approval.requested_at + (2 * DAY + 60) * 1_000_000


@pytest.mark.parametrize("left_s,ahead_s", [(-1, 60), (0, 60), (59, 60), (60, 60), (61, 61)])
def test_no_timer_is_set_less_than_a_minute_ahead(left_s: int, ahead_s: int) -> None:
    """EventBridge Scheduler may refuse a moment that is past or present."""
    world = World(a_policy())
    world.register()
    world.run_executions()
    world.deliver()
    [delivered] = world.queue.take()
    now = Micros(delivered["delivered_at"] + (DAY - left_s) * 1_000_000)
    world.clock.at = now

    record_decision(from_json(delivered), world.deciding)

    [timer] = world.timers.waiting.values()
    assert (timer.at - now) // 1_000_000 == ahead_s
