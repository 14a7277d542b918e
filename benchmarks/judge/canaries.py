"""Canaries recorded elsewhere: one JSON object a line, one value a minute, as `benchmarks judge --input` reads them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sluice.model.judging import MetricReading, Minutes


class Unreadable(Exception):
    """A line that is no canary, and why."""


@dataclass(frozen=True, slots=True)
class Canary:
    """One recorded canary."""

    id: str | int
    reading: MetricReading


def document_of(line: bytes) -> Any:
    """The JSON of a line, whatever it holds."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as wrong:
        raise Unreadable(f"not JSON: {wrong}") from wrong


def canary_of(document: Any) -> Canary:
    """The canary that a line holds; Unreadable says what is wrong with it."""
    whole = _object(document, "the line")
    if id_of(whole) is None:
        raise Unreadable("id is missing, or neither a text nor a whole number")
    baseline, candidate = _variant(whole, "baseline"), _variant(whole, "canary")
    lengths = len(baseline.requests), len(candidate.requests)
    if lengths[0] != lengths[1]:
        raise Unreadable(f"baseline has {lengths[0]} minutes and canary {lengths[1]}: they must be the same minutes")
    history = None if whole.get("history") is None else _variant(whole, "history")
    return Canary(id_of(whole) or "", MetricReading(baseline, candidate, history))


def id_of(document: Any) -> str | int | None:
    """The id that an answer to the document carries; None where it has none."""
    found = document.get("id") if isinstance(document, Mapping) else None
    return found if isinstance(found, str | int) and not isinstance(found, bool) else None


def _object(found: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise Unreadable(f"{name} is not a JSON object")
    return found


def _variant(whole: Mapping[str, Any], name: str) -> Minutes:
    variant = _object(whole.get(name), name)
    requests, errors = (_series(variant, name, field) for field in ("requests", "errors"))
    if len(requests) != len(errors):
        raise Unreadable(f"{name} has {len(requests)} minutes of requests and {len(errors)} of errors")
    for minute, (count, failed) in enumerate(zip(requests, errors, strict=True), start=1):
        if count is not None and failed is not None and failed > count:
            raise Unreadable(f"{name} has {failed} errors in {count} requests in minute {minute}")
    return Minutes(requests, errors)


def _series(variant: Mapping[str, Any], name: str, field: str) -> tuple[int | None, ...]:
    values = variant.get(field)
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise Unreadable(f"{name}.{field} is not a list")
    return tuple(_count(value, f"{name}.{field}", minute) for minute, value in enumerate(values, start=1))


def _count(value: Any, name: str, minute: int) -> int | None:
    if value is None:
        return None
    # Not a number and infinity leave no whole remainder either.
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1 != 0 or value < 0:
        raise Unreadable(f"{name} has {value!r} in minute {minute}: a count is a whole number from 0, or null")
    return int(value)
