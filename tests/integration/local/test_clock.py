"""The simulated clock, in one process and over processes."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local import clock

_ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def clock_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clock that stands still at 1000 s."""
    path = tmp_path / "clock.json"
    monkeypatch.setenv(clock.CLOCK_FILE, str(path))
    clock.create(path, scale=0.0, start_s=1000.0)
    return path


def test_without_a_file_the_time_is_real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(clock.CLOCK_FILE, raising=False)

    before, told, after = time.time_ns(), clock.now_ns(), time.time_ns()

    assert before <= told <= after


@pytest.mark.usefixtures("clock_file")
def test_a_clock_with_scale_zero_stands_still() -> None:
    assert clock.now() == clock.now() == 1000.0


@pytest.mark.usefixtures("clock_file")
def test_a_jump_is_added_and_told() -> None:
    assert clock.advance(3600) == 4600.0
    assert clock.now_ns() == 4600 * 10**9


@pytest.mark.usefixtures("clock_file")
def test_time_never_goes_back() -> None:
    with pytest.raises(ValueError, match="never goes back"):
        clock.advance(-1)


@given(steps=st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e4)), max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_is_changed_the_time_only_rises(clock_file: Path, steps: list[tuple[float, float]]) -> None:
    clock.create(clock_file, start_s=0.0)
    told = [clock.now()]

    for jump, factor in steps:
        clock.set_scale(factor)
        told.append(clock.now())
        told.append(clock.advance(jump))

    assert told == sorted(told)


@pytest.mark.usefixtures("clock_file")
def test_another_process_sees_a_jump() -> None:
    clock.advance(500)

    code = "from local import clock; print(clock.now())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=_ROOT, env=dict(os.environ), capture_output=True, text=True, check=True
    )

    assert float(done.stdout) == 1500.0


@pytest.mark.usefixtures("clock_file")
def test_a_jump_wakes_who_waits_and_an_event_wakes_at_once() -> None:
    answers: list[bool] = []
    never, soon = threading.Event(), threading.Event()
    waiting = [threading.Thread(target=lambda e=e: answers.append(clock.wait(e, 3600))) for e in (never, soon)]
    for thread in waiting:
        thread.start()

    soon.set()
    waiting[1].join(timeout=10)
    assert answers == [True]
    clock.advance(3600)
    waiting[0].join(timeout=10)

    assert answers == [True, False]
