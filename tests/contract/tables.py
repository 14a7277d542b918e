"""The tables as the template makes them, for tests on an emulated DynamoDB."""

from typing import TYPE_CHECKING, Any

from sluice.adapters.record_items import Tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TOKENS_TABLE = "tokens"


def create_tables(client: "DynamoDBClient", *, suffix: str = "") -> Tables:
    """Create control, ledger, outbox and tokens; names end with the suffix."""
    tables = Tables(control=f"control{suffix}", ledger=f"ledger{suffix}", outbox=f"outbox{suffix}")
    _create(client, tables.control, {"pk": "S", "sk": "S"}, due_index={"due_kind": "S", "due_at": "N"})
    _create(client, tables.ledger, {"pk": "S", "sk": "N"})
    _create(client, tables.outbox, {"pk": "S"}, pending_index={"pending": "S", "due_at": "N"})
    _create(client, f"{TOKENS_TABLE}{suffix}", {"pk": "S"})
    return tables


def _create(client: "DynamoDBClient", name: str, keys: dict[str, str], **indexes: dict[str, str]) -> None:
    kinds = {**keys, **{attribute: kind for index in indexes.values() for attribute, kind in index.items()}}
    more: Any = {}
    if indexes:
        more["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index.replace("_", "-"),
                "KeySchema": _schema(index_keys),
                "Projection": {"ProjectionType": "ALL"},
            }
            for index, index_keys in indexes.items()
        ]
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": a, "AttributeType": k} for a, k in kinds.items()],  # type: ignore[typeddict-item]  # S and N
        KeySchema=_schema(keys),
        **more,
    )


def _schema(keys: dict[str, str]) -> Any:
    return [
        {"AttributeName": name, "KeyType": role}
        for name, role in zip(keys, ("HASH", "RANGE")[: len(keys)], strict=True)
    ]
