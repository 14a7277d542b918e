"""What was published to SNS topics, kept so that it can be read: nobody here has a phone or a mailbox."""

import threading
from typing import Any

from local import clock

_MOST = 1000
_lock = threading.Lock()
_messages: list[dict[str, Any]] = []


def keep(topic_arn: str, subject: str, texts: dict[str, str], attributes: dict[str, str]) -> None:
    """Keep one message; of very many the newest."""
    message = {
        "at_s": clock.now(),
        "topic_arn": topic_arn,
        "subject": subject,
        "texts": texts,
        "attributes": attributes,
    }
    with _lock:
        _messages.append(message)
        del _messages[:-_MOST]


def told() -> dict[str, Any]:
    """Every message, the oldest first."""
    with _lock:
        return {"messages": list(_messages)}
