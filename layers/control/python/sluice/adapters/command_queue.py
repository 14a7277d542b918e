"""`CommandQueue` and dead letters over SQS."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sluice.adapters.aws_errors import translated

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_REASON_CHARS = 1000


class SqsCommandQueue:
    """Sends commands to the decisions queue."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def send(self, command: Mapping[str, Any]) -> None:
        """Put one command on the queue."""
        with translated("SendMessage"):
            self._client.send_message(QueueUrl=self._url, MessageBody=json.dumps(command))


class DeadLetters:
    """Keeps what cannot be handled, whole, with the reason beside it in attributes named like EventBridge's own."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def put(self, body: str, *, error: Exception) -> None:
        """Put a message aside; it can be sent back to its queue with StartMessageMoveTask."""
        attributes = {"ERROR_CODE": type(error).__name__, "ERROR_MESSAGE": str(error)[:_REASON_CHARS] or "no reason"}
        with translated("SendMessage"):
            self._client.send_message(
                QueueUrl=self._url,
                MessageBody=body,
                MessageAttributes={k: {"DataType": "String", "StringValue": v} for k, v in attributes.items()},
            )
