"""`Timers` over EventBridge Scheduler."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sluice.adapters.aws_errors import code_of, translated
from sluice.model.ids import Micros

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient


@dataclass(frozen=True, slots=True)
class TimerTarget:
    """Where timers are kept and what they send to; all ARNs but the group's name."""

    group: str
    queue_arn: str
    role_arn: str
    dead_letter_arn: str


class SchedulerTimers:
    """One-off schedules that delete themselves after they fired."""

    def __init__(self, client: "EventBridgeSchedulerClient", target: TimerTarget) -> None:
        self._client = client
        self._target = target

    def set(self, name: str, *, at: Micros, command: Mapping[str, Any]) -> None:
        """Set a timer, to the second (`at()` takes no fractions, so it is rounded up: never early)."""
        with translated("CreateSchedule"):
            try:
                self._client.create_schedule(
                    Name=name,
                    GroupName=self._target.group,
                    ScheduleExpression=f"at({_whole_second(at)})",
                    ScheduleExpressionTimezone="UTC",
                    FlexibleTimeWindow={"Mode": "OFF"},
                    ActionAfterCompletion="DELETE",
                    Target={
                        "Arn": self._target.queue_arn,
                        "RoleArn": self._target.role_arn,
                        "Input": json.dumps(command),
                        "DeadLetterConfig": {"Arn": self._target.dead_letter_arn},
                    },
                )
            except ClientError as error:
                if code_of(error) != "ConflictException":
                    raise

    def cancel(self, name: str) -> None:
        """Delete a timer that may have fired already."""
        with translated("DeleteSchedule"):
            try:
                self._client.delete_schedule(Name=name, GroupName=self._target.group)
            except ClientError as error:
                if code_of(error) != "ResourceNotFoundException":
                    raise


def _whole_second(at: Micros) -> str:
    seconds = -(-at // 1_000_000)
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
