"""`Tokens` over DynamoDB."""

from typing import TYPE_CHECKING, Any

from sluice.adapters.aws_errors import translated
from sluice.model.ids import ApprovalId, Micros

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoTokens:
    """Keeps task tokens in a table of their own, without a stream."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def put(self, approval_id: ApprovalId, token: str, *, expires: Micros) -> None:
        """Keep the newest token of an approval: a task that is tried again brings a new one."""
        item: dict[str, Any] = {
            "pk": {"S": approval_id},
            "token": {"S": token},
            # DynamoDB's time to live wants whole seconds and deletes days late: it tidies up, it locks nothing.
            "expires": {"N": str(expires // 1_000_000)},
        }
        with translated("PutItem"):
            self._client.put_item(TableName=self._table, Item=item)

    def get(self, approval_id: ApprovalId) -> str | None:
        """The token, strongly consistent, or None."""
        with translated("GetItem"):
            answer = self._client.get_item(TableName=self._table, Key={"pk": {"S": approval_id}}, ConsistentRead=True)
        return answer["Item"]["token"]["S"] if "Item" in answer else None

    def forget(self, approval_id: ApprovalId) -> None:
        """Delete the token if it is there."""
        with translated("DeleteItem"):
            self._client.delete_item(TableName=self._table, Key={"pk": {"S": approval_id}})
