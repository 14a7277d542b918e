"""`Records` over DynamoDB: one transaction a commit."""

import random
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from sluice.adapters.aws_errors import translated
from sluice.adapters.record_items import Part, Tables, Write, check_limits, record_key, stored_of, writes_of
from sluice.adapters.transaction import Outcome, submit
from sluice.core.ledger import genesis
from sluice.errors import PermanentFailure, StaleRecord, TransientFailure
from sluice.model.commit import Commit, RecordKey, Save, Stored
from sluice.model.ids import Micros
from sluice.model.ledger import Head

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Enough for 16 writers that start at once on one chain; 4 s of pauses in all on average, under a function's timeout.
_ATTEMPTS = 20
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.5


class DynamoRecords:
    """Remembers in the control table, proves in the ledger table, announces in the outbox table."""

    def __init__(
        self,
        client: "DynamoDBClient",
        control_table: str,
        ledger_table: str,
        outbox_table: str,
        *,
        pause: Callable[[int], None] | None = None,
    ) -> None:
        self._client = client
        self._tables = Tables(control_table, ledger_table, outbox_table)
        self._pause = pause or _jittered_pause

    def load(self, key: RecordKey) -> Stored | None:
        """Read one record, strongly consistent."""
        with translated("GetItem"):
            answer = self._client.get_item(TableName=self._tables.control, Key=record_key(key), ConsistentRead=True)
        return stored_of(answer["Item"]) if "Item" in answer else None

    def due(self, kind: str, *, before: Micros) -> Iterator[Stored]:
        """Records of a kind due before a moment, the earliest first, as far as the index has heard of them."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._tables.control,
            IndexName="due-index",
            KeyConditionExpression="due_kind = :kind AND due_at < :before",
            ExpressionAttributeValues={":kind": {"S": kind}, ":before": {"N": str(before)}},
        )
        with translated("Query"):
            for page in pages:
                yield from (stored_of(item) for item in page["Items"])

    def commit(self, commit: Commit, *, at: Micros) -> None:
        """Write all of a commit or nothing; see the port for what is repeated inside and what is raised."""
        rest = _without_repeats(commit)
        writes: list[Write] = []
        token, outcome = "", Outcome()
        for attempt in range(_ATTEMPTS):
            if attempt:
                self._pause(attempt)
            if not outcome.unknown:
                writes, token = self._writes(rest, at), str(uuid4())
            if not writes:
                return
            outcome = submit(self._client, writes, token=token)
            if outcome.done:
                return
            rest = _after_refusals(rest, outcome.refused)
        raise TransientFailure(f"commit given up after {_ATTEMPTS} attempts: {outcome.busy or 'ledger number taken'}")

    def _writes(self, commit: Commit, at: Micros) -> list[Write]:
        heads = {chain: self._head(chain) for chain in dict.fromkeys(e.chain for e in commit.entries)}
        writes = writes_of(commit, heads, at=at, tables=self._tables)
        check_limits(writes)
        return writes

    def _head(self, chain: str) -> Head:
        with translated("Query"):
            answer = self._client.query(
                TableName=self._tables.ledger,
                KeyConditionExpression="pk = :chain",
                ExpressionAttributeValues={":chain": {"S": chain}},
                ExpressionAttributeNames={"#hash": "hash"},
                ProjectionExpression="sk, #hash",
                ScanIndexForward=False,
                ConsistentRead=True,
                Limit=1,
            )
        for item in answer["Items"]:
            return Head(int(item["sk"]["N"]), item["hash"]["S"])
        return genesis(chain)


def _jittered_pause(attempt: int) -> None:
    longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**attempt)
    time.sleep(longest * random.random())  # noqa: S311  # spreads writers, guards nothing


def _without_repeats(commit: Commit) -> Commit:
    """The commit with each record, entry key and message once, since a transaction takes an item once."""
    if len({save.key for save in commit.saves}) < len(commit.saves):
        raise PermanentFailure("a commit saves one record twice")
    entries = {(entry.chain, entry.key): entry for entry in reversed(commit.entries)}
    messages = {message.id: message for message in reversed(commit.messages)}
    return replace(
        commit,
        entries=tuple(e for e in commit.entries if entries[e.chain, e.key] is e),
        messages=tuple(m for m in commit.messages if messages[m.id] is m),
    )


def _after_refusals(commit: Commit, refused: Collection[Write]) -> Commit:
    """The commit without what is already there; a taken ledger number leaves its entry in, for the next number."""
    for write in refused:
        if isinstance(write.of, Save):
            key = write.of.key
            raise StaleRecord(f"{key.kind}/{key.id} was written since version {write.of.expected_version}")
    there = [write.of for write in refused if write.part in (Part.MARKER, Part.MESSAGE)]
    return replace(
        commit,
        entries=tuple(e for e in commit.entries if not any(e is t for t in there)),
        messages=tuple(m for m in commit.messages if not any(m is t for t in there)),
    )
