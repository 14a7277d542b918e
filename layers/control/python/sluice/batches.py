"""SQS batches: neighbours go on, what may work later is tried again, what never will goes aside with its reason."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Protocol

from sluice.errors import InvalidInput, PermanentFailure, TransientFailure
from sluice.telemetry import logger


class Aside(Protocol):
    """Where messages go that cannot be handled."""

    def put(self, body: str, *, error: Exception) -> None:
        """Keep a message with the reason."""
        ...


def handle_batch(event: Mapping[str, Any], handle: Callable[[Any], None], aside: Aside) -> dict[str, Any]:
    """Handle each message of a batch; answers in the form of ReportBatchItemFailures."""
    left = [record["messageId"] for record in event["Records"] if not _handled(record, handle, aside)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in left]}


def messages(event: Mapping[str, Any]) -> Iterator[Any]:
    """What the messages of a batch hold, but for those that are not JSON: for what is to be known of all beforehand."""
    for record in event["Records"]:
        with suppress(InvalidInput):
            yield _parsed(record["body"])


def _handled(record: Mapping[str, Any], handle: Callable[[Any], None], aside: Aside) -> bool:
    """Whether a message is done with.

    A defect keeps its own message on the queue, which ends in the dead letters and their alarm: raised, it would take
    the rest of the batch there with it.
    """
    message_id = record["messageId"]
    try:
        _handle_or_put_aside(message_id, record["body"], handle, aside)
    except TransientFailure as error:
        logger().warning("message_tried_again", message_id=message_id, reason=str(error))
        return False
    except Exception:  # noqa: BLE001  # whatever it is, it is this message's and not its neighbours'
        logger().exception("message_failed", message_id=message_id)
        return False
    return True


def _handle_or_put_aside(message_id: str, body: str, handle: Callable[[Any], None], aside: Aside) -> None:
    try:
        handle(_parsed(body))
    except (InvalidInput, PermanentFailure) as error:
        logger().warning("message_put_aside", message_id=message_id, error=type(error).__name__, reason=str(error))
        aside.put(body, error=error)


def _parsed(body: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("the message is not JSON") from error
