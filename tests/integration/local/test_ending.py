"""How `make local` ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from local.cloud import ROOT


def started(state: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "local", "--state", str(state)]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


def test_interrupted_while_it_boots_it_ends_without_a_traceback(tmp_path: Path) -> None:
    process = started(tmp_path / "state")
    assert process.stderr is not None

    for line in process.stderr:
        if line.startswith("starting Slack"):
            process.send_signal(signal.SIGINT)
            break
    rest = process.communicate(timeout=30)[1]

    assert rest.splitlines()[-1] == "stopped"
    assert "Traceback" not in rest
    assert process.returncode == 130


def test_a_folder_that_holds_other_files_is_named_and_nothing_begins(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")

    process = started(tmp_path)
    told = process.communicate(timeout=30)[1]

    assert told == f"{tmp_path} holds files that are not of an embedded cloud; name another folder\n"
    assert process.returncode == 1
