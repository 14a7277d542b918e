"""One simulated clock for the engine, the functions and the stand-ins: a small shared file and real time.

    sim_now = origin_sim + (real_now - origin_real) * scale

The file is named by SLUICE_CLOCK_FILE; without it the simulated time is the real one. Every reader looks at the file
anew, so that a change of scale or a jump is seen at once in every process. Standard library only: the functions'
worker loads this file by its path, before the product is imported.
"""

import fcntl
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

CLOCK_FILE = "SLUICE_CLOCK_FILE"
"""Environment variable that names the shared file."""

_SLICE_S = 0.02
"""Longest real sleep between two looks at the clock: a jump wakes a sleeper within this time."""


@dataclass(frozen=True)
class Origin:
    """What the file holds: a pair of moments that belong together (seconds since the epoch), and the scale."""

    sim_s: float
    real_s: float
    scale: float

    def at(self, real_s: float) -> float:
        """The simulated time at a real time."""
        return self.sim_s + (real_s - self.real_s) * self.scale


_REAL = Origin(0.0, 0.0, 1.0)
_seen: dict[str, tuple[tuple[int, int], Origin]] = {}


def create(path: Path, *, scale: float = 1.0, start_s: float | None = None) -> None:
    """Write a clock file that starts now, or at `start_s`, and make it the clock of this process and its children."""
    real = time.time()
    _write(path, Origin(real if start_s is None else start_s, real, scale))
    os.environ[CLOCK_FILE] = str(path)


def now() -> float:
    """The simulated time, in seconds since the epoch."""
    return _origin().at(time.time())


def now_ns() -> int:
    """The simulated time, in nanoseconds since the epoch."""
    origin = _origin()
    if origin is _REAL:
        return time.time_ns()
    return int(origin.at(time.time()) * 1_000_000) * 1000


def scale() -> float:
    """How many simulated seconds pass in a real one."""
    return _origin().scale


def set_scale(factor: float) -> None:
    """Let simulated time run `factor` times as fast from now on; 0 stops it."""
    _change(lambda o, real: Origin(o.at(real), real, factor))


def advance(seconds: float) -> float:
    """Jump forward and tell the new time; time never goes back."""
    if seconds < 0:
        raise ValueError("simulated time never goes back")
    _change(lambda o, _: replace(o, sim_s=o.sim_s + seconds))
    return now()


def sleep(seconds: float) -> None:
    """Sleep until that much simulated time has passed."""
    wait(threading.Event(), seconds)


def wait(event: threading.Event, seconds: float) -> bool:
    """Wait for an event at most that much simulated time; tells whether it was set."""
    deadline = now() + seconds
    while not event.is_set():
        left, factor = deadline - now(), scale()
        if left <= 0:
            return event.is_set()
        event.wait(min(_SLICE_S, left / factor) if factor > 0 else _SLICE_S)
    return True


def _origin() -> Origin:
    path = os.environ.get(CLOCK_FILE)
    if not path:
        return _REAL
    stat = os.stat(path)  # noqa: PTH116  # looked at on every reading of the time; a Path costs as much again
    mark = (stat.st_mtime_ns, stat.st_ino)
    seen = _seen.get(path)
    if seen is None or seen[0] != mark:
        seen = (mark, Origin(**json.loads(Path(path).read_text())))
        _seen[path] = seen
    return seen[1]


def _change(step: Callable[[Origin, float], Origin]) -> None:
    path = Path(os.environ[CLOCK_FILE])
    with _locked(path):
        _seen.pop(str(path), None)
        _write(path, step(_origin(), time.time()))


def _write(path: Path, origin: Origin) -> None:
    # A new file in place of the old one: readers see one or the other, never half of it.
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    fresh.write_text(json.dumps(asdict(origin)))
    fresh.replace(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.with_name(f"{path.name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
