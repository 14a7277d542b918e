"""The body of a request as an HTTP API hands it over (payload 2.0): the very bytes that were signed. Pure."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any


def raw_body(event: Mapping[str, Any], *, at_most: int) -> bytes | None:
    """The bytes of the body; None for what is larger than whoever speaks here sends, or is no body at all."""
    body = event.get("body")
    if not isinstance(body, str) or len(body) > 2 * at_most:
        return None
    if not event.get("isBase64Encoded"):
        return body.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return None


def header(event: Mapping[str, Any], name: str) -> str:
    """A header by its lower-case name; empty when it was not sent."""
    headers = event.get("headers")
    return str(headers.get(name, "")) if isinstance(headers, Mapping) else ""
