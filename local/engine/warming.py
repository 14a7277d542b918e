"""Functions started before anybody calls them, so that the first click in Slack does not wait for a cold start."""

import logging
import threading
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

_log = logging.getLogger("sluice.warming")


def start(document: dict[str, Any]) -> dict[str, Any]:
    """Start one environment of each function named in `functions`, in this order, behind the caller's back."""
    names = [str(name) for name in document["functions"]]
    found = [lambda_svc._get_func_record_for_ref(name) for name in names]
    ready = [(name, func) for func, _, name in found if func]
    threading.Thread(target=_warm, args=(ready,), daemon=True, name="warming").start()
    return {"warming": [name for name, _ in ready]}


def _warm(functions: list[tuple[str, Any]]) -> None:
    for name, func in functions:
        worker, _ = lambda_runtime.acquire_worker(name, func["config"], func["code_zip"], qualifier="$LATEST")
        try:
            lambda_runtime.ensure_spawned(worker)
        except RuntimeError as error:  # its first call will tell why to who waits for it
            _log.warning("%s did not start: %s", name, error)
        finally:
            lambda_runtime.release_worker(worker)
