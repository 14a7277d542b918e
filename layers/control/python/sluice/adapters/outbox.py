"""`Outbox` over DynamoDB."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sluice.adapters.aws_errors import code_of, failure, translated
from sluice.adapters.record_items import PENDING
from sluice.errors import InvalidInput
from sluice.model.commit import Message, MessageKind
from sluice.model.ids import Micros
from sluice.model.outbox import PendingMessage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_REASON_CHARS = 1000
# Longer than anything repeats a message: its id, as long as it is there, keeps it from being sent twice.
_KEPT_S = 30 * 24 * 3600
_STILL_OURS = "#state = :pending AND attempts = :attempts"


class DynamoOutbox:
    """Reads what waits and records what became of it."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def pending(self, *, before: Micros) -> Iterator[PendingMessage]:
        """Messages due before a moment, the earliest first, as far as the index has heard of them."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="pending-index",
            KeyConditionExpression="pending = :waiting AND due_at < :before",
            ExpressionAttributeValues={":waiting": {"S": PENDING}, ":before": {"N": str(before)}},
        )
        with translated("Query"):
            for page in pages:
                yield from (pending_of(item) for item in page["Items"])

    def claim(self, pending: PendingMessage, *, until: Micros) -> PendingMessage | None:
        """Begin a delivery, unless another deliverer did since the message was read."""
        taken = PendingMessage(pending.message, pending.created_at, due_at=until, attempts=pending.attempts + 1)
        won = self._update(
            pending,
            "SET attempts = :next, due_at = :until",
            condition=_STILL_OURS,
            values={":next": {"N": str(taken.attempts)}, ":until": {"N": str(until)}},
        )
        return taken if won else None

    def mark_sent(self, claimed: PendingMessage, *, at: Micros) -> None:
        """Record the delivery, whoever has the message by now: it did arrive. The table forgets it 30 days later."""
        self._update(
            claimed,
            "SET #state = :sent, sent_at = :at, expires = :expires REMOVE pending, due_at",
            condition="attribute_exists(pk)",
            values={
                ":sent": {"S": "sent"},
                ":at": {"N": str(at)},
                ":expires": {"N": str(at // 1_000_000 + _KEPT_S)},
            },
        )

    def mark_failed(self, claimed: PendingMessage, *, due_at: Micros, reason: str) -> None:
        """Put the message back on the list for a later moment."""
        self._update(
            claimed,
            "SET due_at = :due, reason = :reason",
            condition=_STILL_OURS,
            values={":due": {"N": str(due_at)}, ":reason": {"S": reason[:_REASON_CHARS]}},
        )

    def mark_dead(self, claimed: PendingMessage, *, reason: str) -> None:
        """Take the message off the list for good."""
        self._update(
            claimed,
            "SET #state = :dead, reason = :reason REMOVE pending, due_at",
            condition=_STILL_OURS,
            values={":dead": {"S": "dead"}, ":reason": {"S": reason[:_REASON_CHARS]}},
        )

    def _update(self, of: PendingMessage, expression: str, *, condition: str, values: Mapping[str, Any]) -> bool:
        known = {":pending": {"S": "pending"}, ":attempts": {"N": str(of.attempts)}}
        needed = {name: value for name, value in known.items() if name in condition}
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"pk": {"S": of.message.id}},
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={**needed, **values},
            )
        except ClientError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                return False
            raise failure("UpdateItem", error) from error
        return True


def pending_of(item: Mapping[str, Any]) -> PendingMessage:
    """A waiting message from an item of the table or an image of its stream; raises InvalidInput for anything else."""
    try:
        return PendingMessage(
            message=Message(item["pk"]["S"], MessageKind(item["kind"]["S"]), json.loads(item["body"]["S"])),
            created_at=Micros(int(item["created_at"]["N"])),
            due_at=Micros(int(item["due_at"]["N"])),
            attempts=int(item["attempts"]["N"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"not a waiting message: {type(error).__name__}: {error}") from error
