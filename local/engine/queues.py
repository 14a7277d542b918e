"""Queues run on real time, since their consumers do; this makes the end of a visibility timeout come at once."""

import time
from typing import Any

from ministack.services import sqs


def redeliver(document: dict[str, Any]) -> dict[str, Any]:
    """Make the messages of `queue` (an ARN) that were received but not deleted visible again."""
    queue = sqs._queue_by_arn(document["queue"])
    if queue is None:
        raise ValueError(f"no queue {document['queue']}")
    now = time.time()
    hidden = [m for m in queue["messages"] if m["visible_at"] > now and m["receive_count"]]
    for message in hidden:
        message["visible_at"] = now
    return {"redelivered": len(hidden)}
