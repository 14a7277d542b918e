"""Planned misbehaviour: SageMaker events lost or doubled, operations of any service that fail, endpoints that do."""

from dataclasses import dataclass
from typing import Any

from local.engine.sagemaker.endpoints import outcomes
from local.engine.sagemaker.errors import ApiError, invalid


@dataclass
class EventFault:
    """How often an event is sent: 0 loses it, 2 sends it twice; `times` counts events, None is for ever.

    `group` is the name of a group, or of an endpoint, a configuration or a model.
    """

    copies: int
    times: int | None = 1
    group: str = "*"


@dataclass
class OperationFault:
    """An operation, named as IAM does (`states:SendTaskSuccess`), answers with an error instead of doing its work.

    boto3 repeats throttling and server errors by itself: `times` counts its attempts too, None is for ever.
    """

    operation: str
    code: str
    times: int | None = 1
    message: str = "planned fault"


_events: list[EventFault] = []
_operations: list[OperationFault] = []


def plan(document: dict[str, Any]) -> None:
    """Add a fault.

    `{"event": {copies, times?, group?}}`, `{"operation": {operation, code, times?, message?}}` or
    `{"endpoint": {outcome, endpoint?, times?, reason?}}`, see `outcomes.Outcome`.
    """
    try:
        if "event" in document:
            _events.append(EventFault(**document["event"]))
        elif "operation" in document:
            _operations.append(OperationFault(**document["operation"]))
        elif "endpoint" in document:
            outcomes.plan(**document["endpoint"])
        else:
            raise invalid("a fault is an `event`, an `operation` or an `endpoint`")
    except TypeError as error:
        raise invalid(str(error)) from error


def planned() -> dict[str, Any]:
    """The faults that are still to come."""
    return {"events": [vars(f) for f in _events], "operations": [vars(f) for f in _operations]} | {
        "endpoints": outcomes.planned()
    }


def clear() -> None:
    """Behave again."""
    _events.clear()
    _operations.clear()
    outcomes.clear()


def copies_of_event(group: str) -> int:
    """How often to send the next event of a group."""
    for fault in _events:
        if fault.group in ("*", group):
            _count_down(fault, _events)
            return fault.copies
    return 1


def raise_planned(operation: str) -> None:
    """Raise the error planned for an operation, if there is one."""
    for fault in _operations:
        if fault.operation == operation:
            _count_down(fault, _operations)
            raise ApiError(fault.code, fault.message)


def _count_down(fault: Any, faults: list[Any]) -> None:
    if fault.times is not None:
        fault.times -= 1
        if fault.times <= 0:
            faults.remove(fault)
