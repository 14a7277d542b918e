"""The bodies of requests in AWS's JSON protocols, for whoever looks at one before its service does."""

import json
from typing import Any


def document_of(body: bytes) -> dict[str, Any]:
    """The document that a body holds; an empty one for anything else, which the service itself will refuse."""
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
