"""`Executions` and `Waiting` over Step Functions."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sluice.adapters.aws_errors import code_of, translated

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_NOBODY_WAITS = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})


class ReleaseExecutions:
    """Starts executions of one state machine."""

    def __init__(self, client: "SFNClient", machine_arn: str) -> None:
        self._client = client
        self._machine_arn = machine_arn

    def start(self, name: str, release: Mapping[str, Any]) -> None:
        """Start once: a name stays used for 90 days, so that a second start is refused by Step Functions itself."""
        with translated("StartExecution"):
            try:
                self._client.start_execution(
                    stateMachineArn=self._machine_arn, name=name, input=json.dumps(release, sort_keys=True)
                )
            except ClientError as error:
                if code_of(error) != "ExecutionAlreadyExists":
                    raise


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
