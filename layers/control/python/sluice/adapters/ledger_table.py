"""`LedgerReading` over DynamoDB."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sluice.adapters.aws_errors import translated
from sluice.adapters.record_items import marker_partition, record_of
from sluice.errors import PermanentFailure
from sluice.model.ledger import Head, LedgerRecord, Noted, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_HERE = "the table of entry keys"
_PAGE = 100


class DynamoLedger:
    """Reads the ledger table, and the control table's markers of entry keys."""

    def __init__(self, client: "DynamoDBClient", *, ledger_table: str, control_table: str) -> None:
        self._client = client
        self._ledger_table = ledger_table
        self._control_table = control_table

    def chains(self) -> frozenset[str]:
        """Names of all chains; reads through the whole table, since anything less could be deceived by a deletion."""
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._ledger_table, ProjectionExpression="pk", ConsistentRead=True
        )
        with translated("Scan"):
            return frozenset(item["pk"]["S"] for page in pages for item in page["Items"])

    def read(self, chain: str, *, after: int = 0) -> Iterator[LedgerRecord | Unreadable]:
        """Records by number; asks once more behind the last one, so that whoever compares never sees an older table."""
        while True:
            with translated("Query"):
                answer = self._client.query(
                    TableName=self._ledger_table,
                    KeyConditionExpression="pk = :chain AND sk > :after",
                    ExpressionAttributeValues={":chain": {"S": chain}, ":after": {"N": str(after)}},
                    ConsistentRead=True,
                )
            if not answer["Items"]:
                return
            yield from (record_of(item) for item in answer["Items"])
            after = int(answer["Items"][-1]["sk"]["N"])

    def newest_first(self, chain: str) -> Iterator[LedgerRecord | Unreadable]:
        """Records from the newest one back, a page at a time: whoever has enough of them reads no more."""
        before: dict[str, Any] = {}
        while True:
            with translated("Query"):
                answer = self._client.query(
                    TableName=self._ledger_table,
                    KeyConditionExpression="pk = :chain",
                    ExpressionAttributeValues={":chain": {"S": chain}},
                    ScanIndexForward=False,
                    Limit=_PAGE,
                    ConsistentRead=True,
                    **before,
                )
            yield from (record_of(item) for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            before = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def newest_marker(self, chain: str) -> Noted | None:
        """The marker with the highest number."""
        newest: Head | None = None
        for head in self._markers(chain):
            if newest is None or head.seq > newest.seq:
                newest = head
        return None if newest is None else Noted(newest, _HERE)

    def _markers(self, chain: str) -> Iterator[Head]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._control_table,
            KeyConditionExpression="pk = :partition",
            ExpressionAttributeValues={":partition": {"S": marker_partition(chain)}},
            ExpressionAttributeNames={"#hash": "hash"},
            ProjectionExpression="sk, seq, #hash",
            ConsistentRead=True,
        )
        with translated("Query"):
            for page in pages:
                yield from (_marked(item) for item in page["Items"])


def _marked(item: Mapping[str, Any]) -> Head:
    try:
        return Head(int(item["seq"]["N"]), item["hash"]["S"])
    except (KeyError, ValueError) as error:
        raise PermanentFailure(f"a marker of a ledger entry was tampered with: {item}"[:500]) from error
