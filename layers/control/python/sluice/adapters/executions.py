"""`Executions` and `Waiting` over Step Functions."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sluice.adapters.aws_errors import code_of, translated
from sluice.model.codec import decode
from sluice.model.ids import Micros
from sluice.model.release import BrokenExecution, Release

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.literals import ExecutionStatusType

_BROKEN: tuple["ExecutionStatusType", ...] = ("FAILED", "TIMED_OUT", "ABORTED")
_NOBODY_WAITS = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})


class MachineExecutions:
    """Starts executions of one state machine, and tells what became of them."""

    def __init__(self, client: "SFNClient", machine_arn: str) -> None:
        self._client = client
        self._machine_arn = machine_arn

    def start(self, name: str, given: Mapping[str, Any]) -> None:
        """Start once: a name stays used for 90 days, so that a second start is refused by Step Functions itself."""
        with translated("StartExecution"):
            try:
                self._client.start_execution(
                    stateMachineArn=self._machine_arn, name=name, input=json.dumps(given, sort_keys=True)
                )
            except ClientError as error:
                if code_of(error) != "ExecutionAlreadyExists":
                    raise

    def status(self, name: str) -> str | None:
        """RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED or PENDING_REDRIVE; None when there is no such execution."""
        arn = f"{self._machine_arn.replace(':stateMachine:', ':execution:')}:{name}"
        with translated("DescribeExecution"):
            try:
                return self._client.describe_execution(executionArn=arn)["status"]
            except ClientError as error:
                if code_of(error) != "ExecutionDoesNotExist":
                    raise
                return None

    def broken(self, *, since: Micros) -> Iterator[BrokenExecution]:
        """Executions that failed, timed out or were aborted since a moment, with the release that they were about."""
        with translated("ListExecutions"):
            for status in _BROKEN:
                yield from (BrokenExecution(self._release(arn), status) for arn in self._ended(status, since))

    def _ended(self, status: "ExecutionStatusType", since: Micros) -> Iterator[str]:
        pages = self._client.get_paginator("list_executions").paginate(
            stateMachineArn=self._machine_arn, statusFilter=status
        )
        for page in pages:
            for execution in page["executions"]:
                if execution["stopDate"].timestamp() * 1_000_000 >= since:
                    yield execution["executionArn"]

    def _release(self, arn: str) -> Release:
        return decode(Release, json.loads(self._client.describe_execution(executionArn=arn)["input"]))


class WaitingExecutions:
    """Answers task tokens."""

    def __init__(self, client: "SFNClient") -> None:
        self._client = client

    def resume(self, task_token: str, answer: Mapping[str, Any]) -> bool:
        """Hand over an answer; False when the token is spent, timed out or unknown."""
        with translated("SendTaskSuccess"):
            try:
                self._client.send_task_success(taskToken=task_token, output=json.dumps(answer))
            except ClientError as error:
                if code_of(error) not in _NOBODY_WAITS:
                    raise
                return False
        return True
