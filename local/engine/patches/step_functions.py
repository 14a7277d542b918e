"""Step Functions: waits on the simulated clock, expressions in TimeoutSeconds, heartbeats, failing token tasks.

Waits, retry intervals and the time a task token is waited for pass in simulated time. A plain task (a Lambda call) has
its TimeoutSeconds in real time, because the work it does takes real time: a jump of an hour must not end it.
"""

import json
import random
import re
import threading
import time
from contextvars import ContextVar, copy_context
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import stepfunctions as sfn

from local import clock
from local.engine.patches.expected import replace

_YEAR_S = 365 * 24 * 3600
"""A task without TimeoutSeconds waits as long as an execution may live."""

_START_DELAY_S = 0.15
"""ministack sleeps so long before the first state; nothing needs it."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_running: ContextVar[Any] = ContextVar("running_execution", default=None)
_retry_delay: ContextVar[float | None] = ContextVar("retry_delay", default=None)
_original: dict[str, Any] = {}


class _Time:
    """The module `time` as Step Functions sees it."""

    monotonic = staticmethod(time.monotonic)

    @staticmethod
    def time() -> float:
        """Simulated seconds since the epoch."""
        return clock.now()

    @staticmethod
    def sleep(seconds: float) -> None:
        """Sleep in simulated time, but start executions at once."""
        if seconds != _START_DELAY_S:
            clock.sleep(seconds)


def apply() -> None:
    """Put the simulated clock and AWS's behaviour in place of ministack's."""
    replace(sfn, "time", _Time)
    replace(sfn, "now_iso", _now_iso)
    replace(sfn, "_scaled_sleep", _sleep, parameters="seconds")
    replace(sfn, "_sleep_until", _sleep_until, parameters="iso_ts")
    replace(sfn, "_invoke_with_callback", _invoke_with_callback, parameters="resource input_data token state_def")
    replace(sfn, "_send_task_heartbeat", _send_task_heartbeat, parameters="data")
    _original["task"] = replace(sfn, "_execute_task", _execute_task, parameters="state_def raw_input execution ctx")
    _original["arguments"] = replace(
        sfn, "_apply_jsonata_arguments", _apply_jsonata_arguments, parameters="state_def raw_input ctx"
    )
    _original["retrier"] = replace(
        sfn, "_find_matching_retrier", _find_matching_retrier, parameters="retriers error retry_counts"
    )
    _original["start"] = replace(sfn, "_start_execution", _start_execution, parameters="data")
    _original["stop"] = replace(sfn, "_stop_execution", _stop_execution, parameters="data")
    for name in ("_send_task_success", "_send_task_failure"):
        _original[name] = replace(sfn, name, _once(name), parameters="data")


def _now_iso() -> str:
    return datetime.fromtimestamp(clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _sleep(seconds: float) -> None:
    # ministack cuts the delay of a retry at a minute before it sleeps; the delay that was found is slept instead.
    delay = _retry_delay.get()
    _retry_delay.set(None)
    clock.sleep(seconds if delay is None else delay)


def _sleep_until(iso_ts: str) -> None:
    clock.sleep(max(0.0, datetime.fromisoformat(iso_ts).timestamp() - clock.now()))


def _execute_task(state_def: Any, raw_input: Any, execution: Any, ctx: Any) -> Any:
    fields = {}
    for field in ("TimeoutSeconds", "HeartbeatSeconds"):
        if isinstance(state_def.get(field), str):
            fields[field] = sfn._jsonata_state_field(state_def, field, "number", raw_input, ctx)
        elif f"{field}Path" in state_def:
            fields[field] = sfn._resolve_path_or_ctx(state_def[f"{field}Path"], raw_input, ctx)
    mark = _running.set(execution)
    try:
        return _original["task"]({**state_def, **fields}, raw_input, execution, ctx)
    finally:
        _running.reset(mark)


def _apply_jsonata_arguments(state_def: Any, raw_input: Any, ctx: Any = None) -> Any:
    # A retry of a token task has a new token on AWS; the old one is dead.
    if ".waitForTaskToken" in state_def.get("Resource", "") and ctx["State"].get("RetryCount"):
        ctx["Task"] = {"Token": new_uuid()}
    return _original["arguments"](state_def, raw_input, ctx)


def _find_matching_retrier(retriers: Any, error: str, retry_counts: dict[int, int]) -> Any:
    """The matching retrier, its interval replaced by the delay that MaxDelaySeconds and JitterStrategy make of it."""
    retrier, index = _original["retrier"](retriers, error, retry_counts)
    if retrier is None:
        return retrier, index
    grown = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** retry_counts.get(index, 0)
    delay = min(grown, retrier.get("MaxDelaySeconds", grown))
    if retrier.get("JitterStrategy") == "FULL":
        delay *= random.random()  # noqa: S311  # spreads retries, guards nothing
    _retry_delay.set(delay)
    return {**retrier, "IntervalSeconds": delay, "BackoffRate": 1.0}, index


def _invoke_with_callback(resource: str, input_data: Any, token: str, state_def: Any) -> Any:
    answered = threading.Event()
    execution = _running.get()
    entry = {"event": answered, "result": None, "error": None, "beat_at": clock.now(), "execution": execution}
    sfn._task_tokens[token] = entry
    failed: list[Any] = []
    try:
        threading.Thread(
            target=copy_context().run, args=(_deliver, resource, input_data, answered, failed), daemon=True
        ).start()
        _await_answer(entry, state_def)
        if execution["status"] != "RUNNING":
            raise SystemExit  # stopped meanwhile: the thread ends, the execution keeps the status it was given
        if failed and entry["result"] is None and entry["error"] is None:
            raise failed[0]
    finally:
        sfn._task_tokens.pop(token, None)
    if entry["error"]:
        raise sfn._ExecutionError(entry["error"].get("Error", "TaskFailed"), entry["error"].get("Cause", ""))
    return json.loads(entry["result"]) if isinstance(entry["result"], str) else entry["result"]


def _deliver(resource: str, input_data: Any, answered: threading.Event, failed: list[Any]) -> None:
    # A task whose own call fails is over at once; on AWS nobody waits for a token that was never delivered.
    try:
        sfn._invoke_resource(resource.replace(".waitForTaskToken", ""), input_data)
    except sfn._ExecutionError as error:
        failed.append(error)
        answered.set()


def _await_answer(entry: Any, state_def: Any) -> None:
    deadline = clock.now() + float(state_def.get("TimeoutSeconds", _YEAR_S))
    beat = state_def.get("HeartbeatSeconds")
    while True:
        last = min(deadline, entry["beat_at"] + beat) if beat else deadline
        if clock.wait(entry["event"], max(0.0, last - clock.now())):
            return
        if clock.now() >= deadline:
            raise sfn._ExecutionError("States.Timeout", "")
        if beat and clock.now() >= entry["beat_at"] + beat:
            raise sfn._ExecutionError("States.HeartbeatTimeout", "")


def _start_execution(data: Any) -> Any:
    # AWS answers a repeated start with the running execution when name and input are the same.
    machine = str(data.get("stateMachineArn", ""))
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{data.get('name')}"
    running = sfn._executions.get(arn)
    if running and running["status"] == "RUNNING" and running["input"] == data.get("input", "{}"):
        return sfn.json_response({"executionArn": arn, "startDate": running["startDate"]})
    return _original["start"](data)


def _stop_execution(data: Any) -> Any:
    answer = _original["stop"](data)
    for entry in list(sfn._task_tokens.values()):
        if (entry.get("execution") or {}).get("executionArn") == data.get("executionArn"):
            entry["event"].set()
    return answer


def _send_task_heartbeat(data: Any) -> Any:
    entry = _waiting(data)
    if entry is None:
        return _gone(data)
    entry["beat_at"] = clock.now()
    return sfn.json_response({})


_answering = threading.Lock()


def _once(name: str) -> Any:
    """The first answer to a token counts; the next one is told that the task is over, as AWS does."""

    def answer(data: Any) -> Any:
        with _answering:
            return _gone(data) if _waiting(data) is None else _original[name](data)

    return answer


def _waiting(data: Any) -> Any:
    entry = sfn._task_tokens.get(data.get("taskToken"))
    return None if not entry or entry["event"].is_set() else entry


def _gone(data: Any) -> Any:
    if not _UUID.fullmatch(str(data.get("taskToken"))):
        return sfn.error_response_json("InvalidToken", "Invalid Token: 'Invalid token'", 400)
    message = "Task Timed Out: 'Provided task does not exist anymore'"
    return sfn.error_response_json("TaskTimedOut", message, 400)
