"""What every `Timers` must do, the fake as well as EventBridge Scheduler."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from sluice.adapters.timers import SchedulerTimers, TimerTarget
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.approval_commands import Timer, TimerFired
from sluice.model.command_json import to_json
from sluice.model.ids import ApprovalId, Micros
from sluice.ports import Timers
from sluice.usecases.resume_release import timer_name
from tests.approvals import NOW
from tests.fakes.timers import FakeTimers

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

APPROVAL = ApprovalId("f" * 32)
COMMAND = to_json(TimerFired(APPROVAL, Timer.ESCALATE))
NAME = timer_name(APPROVAL, Timer.ESCALATE)
TARGET = TimerTarget(
    group="sluice-timers",
    queue_arn="arn:aws:sqs:us-east-1:111122223333:decisions",
    role_arn="arn:aws:iam::111122223333:role/timers",
    dead_letter_arn="arn:aws:sqs:us-east-1:111122223333:timers-dead",
)


@pytest.fixture
def scheduler(moto: None) -> "EventBridgeSchedulerClient":
    client = boto3.client("scheduler", region_name="us-east-1")
    client.create_schedule_group(Name=TARGET.group)
    return client


@dataclass
class Store:
    """A `Timers`, and the names of those that are set."""

    timers: Timers
    names: Callable[[], list[str]]


def _fake() -> Store:
    fake = FakeTimers()
    return Store(fake, lambda: sorted(fake.waiting))


def _real(client: "EventBridgeSchedulerClient") -> Store:
    def names() -> list[str]:
        return sorted(s["Name"] for s in client.list_schedules(GroupName=TARGET.group)["Schedules"])

    return Store(SchedulerTimers(client, TARGET), names)


@pytest.fixture(params=["fake", "scheduler"])
def store(request: pytest.FixtureRequest) -> Store:
    return _fake() if request.param == "fake" else _real(request.getfixturevalue("scheduler"))


def test_a_timer_is_set_once_a_name(store: Store) -> None:
    for _ in range(2):
        store.timers.set(NAME, at=NOW, command=COMMAND)

    assert store.names() == [NAME]


def test_a_timer_is_taken_back(store: Store) -> None:
    store.timers.set(NAME, at=NOW, command=COMMAND)

    store.timers.cancel(NAME)

    assert store.names() == []


def test_a_timer_that_is_gone_can_be_taken_back_too(store: Store) -> None:
    store.timers.cancel(NAME)

    assert store.names() == []


@pytest.mark.parametrize("timer", list(Timer))
def test_every_name_is_one_that_scheduler_takes(store: Store, timer: Timer) -> None:
    name = timer_name(APPROVAL, timer, 20)

    store.timers.set(name, at=NOW, command=COMMAND)

    assert store.names() == [name]


@pytest.mark.parametrize("at,expression", [
    (NOW, "at(2026-05-28T20:26:40)"),
    (Micros(NOW + 1), "at(2026-05-28T20:26:41)"),
    (Micros(NOW + 1_000_000), "at(2026-05-28T20:26:41)"),
])  # fmt: skip
def test_a_schedule_fires_once_never_early_and_keeps_what_fails(
    scheduler: "EventBridgeSchedulerClient", at: Micros, expression: str
) -> None:
    expected: dict[str, Any] = {
        "Name": NAME,
        "GroupName": "sluice-timers",
        "ScheduleExpression": expression,
        "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "DELETE",
        "Target": {
            "Arn": TARGET.queue_arn,
            "RoleArn": TARGET.role_arn,
            "Input": f'{{"command": "TimerFired", "approval_id": "{APPROVAL}", "timer": "escalate", "number": 0}}',
            "DeadLetterConfig": {"Arn": TARGET.dead_letter_arn},
        },
    }
    with Stubber(scheduler) as stub:
        stub.add_response(
            "create_schedule", {"ScheduleArn": "arn:aws:scheduler:us-east-1:111122223333:schedule/g/n"}, expected
        )

        SchedulerTimers(scheduler, TARGET).set(NAME, at=at, command=COMMAND)

        stub.assert_no_pending_responses()


@pytest.mark.parametrize("code,kind", [
    ("ThrottlingException", TransientFailure),
    ("InternalServerException", TransientFailure),
    ("ValidationException", PermanentFailure),
    ("ResourceNotFoundException", PermanentFailure),
])  # fmt: skip
def test_a_timer_that_cannot_be_set_says_whether_to_try_again(
    scheduler: "EventBridgeSchedulerClient", code: str, kind: type[Exception]
) -> None:
    with Stubber(scheduler) as stub:
        stub.add_client_error("create_schedule", code, http_status_code=500 if code.startswith("Internal") else 400)

        with pytest.raises(kind, match=code):
            SchedulerTimers(scheduler, TARGET).set(NAME, at=NOW, command=COMMAND)
