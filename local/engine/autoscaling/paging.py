"""Pages of Application Auto Scaling's lists."""

import base64
import binascii
from typing import Any

from local.engine.sagemaker.errors import ApiError

_MOST = 50


def page(items: list[dict[str, Any]], request: dict[str, Any], answer: str) -> dict[str, Any]:
    """Up to 50 items, with the token of the next page."""
    size = min(int(request.get("MaxResults") or _MOST), _MOST)
    try:
        token = request.get("NextToken")
        start = int(base64.urlsafe_b64decode(token).decode()) if token else 0
    except (binascii.Error, ValueError) as error:
        raise ApiError("InvalidNextTokenException", "The next token supplied is invalid.") from error
    found: dict[str, Any] = {answer: items[start : start + size]}
    if start + size < len(items):
        found["NextToken"] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
    return found
