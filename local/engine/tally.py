"""What AWS would bill, counted while somebody wants to know: requests by caller and operation, functions that ran.

A DynamoDB write is counted in units of a kilobyte, twice as many within a transaction; the size of what UpdateItem
leaves is not seen here and taken as one.
"""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

_UNIT_BYTES = 1024
_WRITES = {"PutItem": 1, "UpdateItem": 1, "DeleteItem": 1, "TransactWriteItems": 2}


@dataclass
class Tally:
    """Counts since it was begun; `requests`, `metrics` and `write_units` by the caller's role."""

    requests: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    metrics: Counter[str] = field(default_factory=Counter)
    write_units: Counter[str] = field(default_factory=Counter)
    durations_ms: dict[str, dict[str, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    """Of each invocation, by function and by what called it: `aws:dynamodb`, `aws:sqs`, `aws:scheduler`, `direct`."""


_running: list[Tally] = []


def begin() -> None:
    """Count from now on, from nothing."""
    _running[:] = [Tally()]


def told() -> dict[str, Any]:
    """The counts so far."""
    tally = _running[0] if _running else Tally()
    return {
        "requests": tally.requests,
        "metrics": tally.metrics,
        "write_units": tally.write_units,
        "durations_ms": tally.durations_ms,
    }


def is_running() -> bool:
    """Whether somebody wants to know."""
    return bool(_running)


def requested(caller: str, operation: str, document: dict[str, Any]) -> None:
    """Count a request; `caller` is the ARN of a role or of its session."""
    for tally in _running:
        role = caller.partition("role/")[2].partition("/")[0] or caller
        tally.requests[role][operation] += 1
        tally.metrics[role] += sum("MetricStat" in q for q in document.get("MetricDataQueries", ()))
        tally.write_units[role] += _units(operation, document)


def invoked(function: str, event: Any, duration_ms: float) -> None:
    """Count a function that ran."""
    for tally in _running:
        tally.durations_ms[function][_source(event)].append(round(duration_ms, 1))


def _source(event: Any) -> str:
    asked = event if isinstance(event, dict) else {}
    records = asked.get("Records") or []
    if records:
        return str(records[0].get("eventSource", "direct"))
    return "aws:scheduler" if asked.get("scheduled") else "direct"  # what our schedules send


def _units(operation: str, document: dict[str, Any]) -> int:
    name = operation.rpartition(":")[2]
    factor = _WRITES.get(name, 0)
    parts = document.get("TransactItems", [{name: document}]) if factor else []
    return factor * sum(_size(given) for part in parts for given in part.values())


def _size(written: dict[str, Any]) -> int:
    return max(1, -(-len(json.dumps(written.get("Item", {}))) // _UNIT_BYTES))
