"""Sorting and paging of lists, with opaque tokens."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from local.engine.sagemaker.errors import invalid


def page(
    items: Sequence[dict[str, Any]], request: dict[str, Any], *, answer: str, default_size: int = 10
) -> dict[str, Any]:
    """One page of a sorted list, with the token of the next one."""
    size = int(request.get("MaxResults") or default_size)
    start = _start(request.get("NextToken"))
    result: dict[str, Any] = {answer: list(items[start : start + size])}
    if start + size < len(items):
        result["NextToken"] = base64.urlsafe_b64encode(f"from:{start + size}".encode()).decode()
    return result


def in_order(
    items: Sequence[dict[str, Any]], request: dict[str, Any], *, name: str, default_order: str
) -> list[dict[str, Any]]:
    """Sort by SortBy (Name or CreationTime) and SortOrder; equal times keep the order of creation."""
    field = name if request.get("SortBy") == "Name" else "CreationTime"
    descending = request.get("SortOrder", default_order) == "Descending"
    return sorted(items, key=lambda item: item.get(field, ""), reverse=descending)


def within(items: Sequence[dict[str, Any]], request: dict[str, Any], *, name: str) -> list[dict[str, Any]]:
    """Filter by NameContains, CreationTimeAfter and CreationTimeBefore."""
    contains = str(request.get("NameContains", "")).lower()
    after, before = request.get("CreationTimeAfter"), request.get("CreationTimeBefore")
    return [
        item
        for item in items
        if contains in str(item.get(name, "")).lower()
        and (after is None or item["CreationTime"] > after)
        and (before is None or item["CreationTime"] < before)
    ]


def _start(token: Any) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(str(token)).decode().removeprefix("from:"))
    except (binascii.Error, ValueError) as error:
        raise invalid("Invalid NextToken.") from error
