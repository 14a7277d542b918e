"""What Lambda hands over from the ledger table's stream."""

from collections.abc import Mapping
from typing import Any

from sluice.adapters.record_items import record_of
from sluice.model.ledger import Arrived, Unreadable


def arrived_of(event: Mapping[str, Any]) -> list[Arrived]:
    """Every change of the batch in its order; whatever is not a new record arrives as unreadable."""
    return [_arrived(change) for change in event["Records"]]


def _arrived(change: Mapping[str, Any]) -> Arrived:
    image = change["dynamodb"]
    position = str(image["SequenceNumber"])
    try:
        if change["eventName"] == "INSERT":
            return Arrived(position, record_of(image["NewImage"]))
        # Nobody writes a ledger record twice: a change or a deletion is tampering and must not pass silently.
        chain, seq = image["Keys"]["pk"]["S"], int(image["Keys"]["sk"]["N"])
        return Arrived(position, Unreadable(seq, f"{change['eventName']} of a record in {chain}"))
    except (KeyError, TypeError, ValueError) as error:
        return Arrived(position, Unreadable(0, f"{type(error).__name__}: {error}"))
