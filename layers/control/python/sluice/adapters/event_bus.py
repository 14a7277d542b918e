"""`EventBus` over EventBridge."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sluice.adapters.aws_errors import translated
from sluice.errors import TransientFailure

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE = "sluice"


class SluiceBus:
    """Publishes Sluice's own events on its own bus."""

    def __init__(self, client: "EventBridgeClient", bus: str) -> None:
        self._client = client
        self._bus = bus

    def publish(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        """Publish one event; a refused entry comes back with HTTP 200, so the count of failures is what tells."""
        entry = {"EventBusName": self._bus, "Source": SOURCE, "DetailType": detail_type, "Detail": json.dumps(detail)}
        with translated("PutEvents"):
            answer = self._client.put_events(Entries=[entry])  # type: ignore[list-item]  # a dict of the right keys
        if answer["FailedEntryCount"]:
            failed = answer["Entries"][0]
            raise TransientFailure(f"PutEvents: {failed.get('ErrorCode')}: {failed.get('ErrorMessage')}")
