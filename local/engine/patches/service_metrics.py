"""Queues and state machines report to CloudWatch as on AWS; ministack lets functions do so alone."""

from typing import Any

from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import sqs
from ministack.services import stepfunctions as sfn

from local import clock
from local.engine import ticking
from local.engine.cloudwatch import publishing
from local.engine.patches.expected import replace

_MINUTE_S = 60
_COUNTED = {
    "RUNNING": "ExecutionsStarted",
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}
_original: dict[str, Any] = {}
_looked = [0]
_first_seen: dict[str, float] = {}
_busy: set[tuple[str, str, str]] = set()


def apply() -> None:
    """Count executions as they begin and end, and look at the queues every simulated minute."""
    _original["emit"] = replace(sfn, "_emit_execution_status_event", _emit, parameters="execution")
    ticking.each_tick(look_at_queues)


def look_at_queues() -> None:
    """Record the waiting messages of this minute; an empty queue reports once that it is empty, then no more."""
    minute = int(clock.now()) // _MINUTE_S
    if minute == _looked[0]:
        return
    _looked[0] = minute
    for (account, region, url), queue in list(sqs._queues._data.items()):
        place = (account, region, url)
        messages = list(queue["messages"])
        if messages or place in _busy:
            set_request_account_id(account)
            set_request_region(region)
            _report(queue, messages)
        (_busy.add if messages else _busy.discard)(place)


def _report(queue: dict[str, Any], messages: list[dict[str, Any]]) -> None:
    dimensions = {"QueueName": queue["name"]}
    now = clock.now()
    visible = [m for m in messages if m["visible_at"] <= sqs.time.time()]  # queues run on real time
    oldest = max((now - _first_seen.setdefault(m["id"], now) for m in messages), default=0.0)
    counts = {
        "ApproximateNumberOfMessagesVisible": float(len(visible)),
        "ApproximateNumberOfMessagesNotVisible": float(len(messages) - len(visible)),
    }
    for name, count in counts.items():
        publishing.record("AWS/SQS", name, count, "Count", dimensions)
    publishing.record("AWS/SQS", "ApproximateAgeOfOldestMessage", oldest, "Seconds", dimensions)


def _emit(execution: dict[str, Any]) -> None:
    if name := _COUNTED.get(execution.get("status", "")):
        machine = {"StateMachineArn": execution["stateMachineArn"]}
        publishing.record("AWS/States", name, 1.0, "Count", machine)
    _original["emit"](execution)
