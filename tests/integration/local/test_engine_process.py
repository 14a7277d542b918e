"""The engine as a process, and the assertions that guard the patches."""

import subprocess
import sys
import time
import types
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from local.engine.patches import expected
from local.engine.process import free_port

_ROOT = Path(__file__).resolve().parents[3]


def test_the_engine_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    port = free_port()
    code = (
        "import os, pathlib, signal; from local.engine.process import Engine; "
        f"Engine(pathlib.Path({str(tmp_path)!r}), port={port}).start(); os.kill(os.getpid(), signal.SIGKILL)"
    )

    subprocess.run([sys.executable, "-c", code], cwd=_ROOT, check=False)

    assert _is_gone_within(port, seconds=10)


def _is_gone_within(port: int, *, seconds: float) -> bool:
    for _ in range(int(seconds * 10)):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=1).close()  # http on loopback
        except (urllib.error.URLError, ConnectionError):
            return True
        time.sleep(0.1)
    return False


def test_a_missing_name_stops_the_engine_with_the_version_in_the_message() -> None:
    module = types.ModuleType("ministack.changed")

    with pytest.raises(expected.PatchMismatch, match=r"ministack 1\.5\.33: ministack\.changed\.gone is gone"):
        expected.replace(module, "gone", None)


def test_other_parameters_stop_the_engine() -> None:
    module = types.ModuleType("ministack.changed")
    module.__dict__["there"] = lambda a, b: a + b

    with pytest.raises(expected.PatchMismatch, match=r"takes \(a b\), not \(a\)"):
        expected.replace(module, "there", None, parameters="a")


def test_another_source_text_stops_the_engine() -> None:
    with pytest.raises(expected.PatchMismatch, match="0 times"):
        expected.substituted("text", "passage", "new", where="script")
