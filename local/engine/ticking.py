"""The engine's ticker: what has to be looked at again and again, on whatever the simulated clock says."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

_LOOK_S = 0.05
"""Real time between two looks, short enough that a jump of the clock is followed at once."""

_log = logging.getLogger("sluice.ticking")
_acts: list[Callable[[], None]] = []


def each_tick(act: Callable[[], None]) -> None:
    """Let something be done at every look, in the order of these calls; the first call starts the ticker."""
    _acts.append(act)
    if len(_acts) == 1:
        threading.Thread(target=_run, daemon=True, name="ticker").start()


def _run() -> None:
    # One act that fails must not end the ticker; the pool hands its error over instead of raising it.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ticker") as pool:
        while True:
            time.sleep(_LOOK_S)
            for act in _acts:
                if error := pool.submit(act).exception():
                    _log.error("%s failed", act.__qualname__, exc_info=error)
