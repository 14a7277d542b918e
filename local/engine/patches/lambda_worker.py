"""Python functions: an exception's class is kept and ends no environment, time is simulated, webhooks stay here.

On AWS an exception answers with its class as `errorType` (what Retry and Catch compare with), and the execution
environment lives on. ministack reports every exception as `Runtime.HandlerError` and starts a new process. It also
waits up to 50 ms for log lines; here the worker ends its lines with a mark, so that nothing is waited for.
"""

import json
import queue
import time
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local import clock
from local.engine import tally
from local.engine.patches.expected import replace, substituted
from local.hooks import way

ERROR_KEY = "__sluice_error__"
"""Marks an answer that is an exception, on its way from the worker to `_execute_function_warm`."""

END_OF_LOG = "__sluice_end_of_log__"
"""Written to stderr by the worker after each invocation."""

_LOG_WAIT_S = 1.0
"""Longest wait for the mark: a worker that was killed never writes it."""

_INSTALL = "    _ms_install_invoke_depth()\n"
_INSTALL_CLOCK = (
    _INSTALL
    + f"""    import importlib.util
    _spec = importlib.util.spec_from_file_location("_sluice_simulated_clock", {clock.__file__!r})
    _clock = importlib.util.module_from_spec(_spec)
    sys.modules["_sluice_simulated_clock"] = _clock  # dataclasses look their module up by name
    _spec.loader.exec_module(_clock)
    try:
        import sluice.adapters.clock as _product_clock
    except ImportError:
        pass  # a function that is not ours has no clock to replace
    else:
        _product_clock.now_ns = _clock.now_ns
    try:
        import sluice.adapters.outgoing as _outgoing
    except ImportError:
        pass  # nor does it speak to webhooks
    else:
        _spec = importlib.util.spec_from_file_location("_sluice_way_out", {way.__file__!r})
        _way = importlib.util.module_from_spec(_spec)
        _spec.loader.exec_module(_way)
        _way.lead(_outgoing)
"""
)
_OK = r"""
            _real_stdout.write(json.dumps({"status": "ok", "result": result}) + "\n")
"""
_ERROR = r"""
            _real_stdout.write(json.dumps({"status": "error", "error": str(e), "trace": traceback.format_exc()}) + "\n")
"""
_OK_MARKED = rf"""
            _answer = json.dumps({{"status": "ok", "result": result}})
            print("{END_OF_LOG}", file=sys.stderr, flush=True)
            _real_stdout.write(_answer + "\n")
"""
_ERROR_KEPT = rf"""
            traceback.print_exc()
            _payload = {{"errorMessage": str(e), "errorType": type(e).__name__}}
            _payload["requestId"] = _ms_ctx.get("request_id", "")
            _payload["stackTrace"] = traceback.format_tb(e.__traceback__)
            print("{END_OF_LOG}", file=sys.stderr, flush=True)
            _real_stdout.write(json.dumps({{"status": "ok", "result": {{"{ERROR_KEY}": _payload}}}}) + "\n")
"""

_original: dict[str, Any] = {}


def apply() -> None:
    """Rewrite the worker's script and read its answers."""
    where = "lambda_runtime._PYTHON_WORKER_SCRIPT"
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    for old, new in ((_INSTALL, _INSTALL_CLOCK), (_OK, _OK_MARKED), (_ERROR, _ERROR_KEPT)):
        script = substituted(script, old, new, where=where)
    replace(lambda_runtime, "_PYTHON_WORKER_SCRIPT", script)
    replace(
        lambda_runtime.Worker,
        "_drain_stderr_bounded",
        _drain_to_mark,
        parameters="self first_line_wait idle_confirm hard_cap",
    )
    _original["warm"] = replace(
        lambda_svc, "_execute_function_warm", _execute_function_warm, parameters="func event request_id"
    )


def _drain_to_mark(self: Any) -> str:
    lines: list[str] = []
    deadline = time.monotonic() + _LOG_WAIT_S
    while time.monotonic() < deadline:
        try:
            line = self._stderr_queue.get(timeout=0.05)
        except queue.Empty:
            if self._proc is None:
                break
            continue
        if line == END_OF_LOG:
            break
        lines.append(line)
    return "\n".join(lines)


def _execute_function_warm(func: Any, event: Any, request_id: str) -> Any:
    begun = time.perf_counter()
    answer = _original["warm"](func, event, request_id)
    tally.invoked(_name(func), event, (time.perf_counter() - begun) * 1000)
    body = answer.get("body")
    if isinstance(body, dict) and ERROR_KEY in body:
        answer = {"body": body[ERROR_KEY], "error": True, "log": answer.get("log", "")}
    _keep_log(func, request_id, answer)
    return answer


def _keep_log(func: Any, request_id: str, answer: Any) -> None:
    folder = Path(_log_folder())
    with (folder / f"{_name(func)}.log").open("a") as handle:
        handle.write(f"--- {request_id} at {clock.now():.3f}\n{answer.get('log', '')}\n")
        if answer.get("error"):
            handle.write(f"!!! {json.dumps(answer.get('body'))}\n")


def _name(func: Any) -> str:
    return str((func.get("config") or func).get("FunctionName", "unknown"))


def _log_folder() -> str:
    from local.engine.settings import current  # set by the entry point before any function runs

    return str(current().function_logs)
