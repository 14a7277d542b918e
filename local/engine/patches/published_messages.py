"""SNS takes no subject that AWS would not take, and what is published can be read (`GET /_sluice/published`)."""

import json
from typing import Any

from ministack.services import sns

from local.engine import published
from local.engine.patches.expected import replace

_MOST_SUBJECT = 100
_original: dict[str, Any] = {}


def apply() -> None:
    """Wrap what every publication passes through."""
    _original["publish"] = replace(
        sns,
        "publish_internal",
        _publish,
        parameters="topic_arn message subject message_structure message_attributes message_group_id "
        "message_deduplication_id",
    )


def _publish(topic_arn: str, message: Any, subject: str = "", **told: Any) -> Any:
    if subject and not _is_subject(subject):
        raise sns.SnsPublishError("InvalidParameter", "Invalid parameter: Subject")
    structured = told.get("message_structure") == "json"
    if structured and "default" not in _texts(message):
        reason = "Invalid parameter: Message Structure - No default entry in JSON message body"
        raise sns.SnsPublishError("InvalidParameter", reason)
    result = _original["publish"](topic_arn, message, subject, **told)
    if result is not None:
        texts = _texts(message) if structured else {"default": str(message)}
        published.keep(topic_arn, subject, texts, _attributes(told.get("message_attributes") or {}))
    return result


def _is_subject(subject: str) -> bool:
    """As the API reference of Publish says: ASCII that begins with no space, without control characters."""
    return subject.isascii() and subject.isprintable() and len(subject) <= _MOST_SUBJECT and not subject[0].isspace()


def _texts(message: Any) -> dict[str, str]:
    try:
        found = json.loads(message) if isinstance(message, str) else message
    except ValueError:
        return {}
    return {k: v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}


def _attributes(attributes: dict[str, Any]) -> dict[str, str]:
    return {name: str(told.get("StringValue", told.get("Value", ""))) for name, told in attributes.items()}
