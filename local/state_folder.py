"""The folder that a cloud keeps its things in: wiped at the start, but never somebody else's and never one in use."""

import json
import shutil
import urllib.error
import urllib.request
from pathlib import Path

_MARKS = ("clock.json", "engine.log")
"""Files by which a folder is known as that of an earlier cloud."""


class StateFolderRefused(RuntimeError):
    """The folder cannot be taken; the message says why."""


def prepare(folder: Path) -> None:
    """Make an empty folder of this one."""
    if folder.exists() and any(folder.iterdir()):
        if not any((folder / mark).exists() for mark in _MARKS):
            raise StateFolderRefused(f"{folder} holds files that are not of an embedded cloud; name another folder")
        if _is_in_use(folder / "outputs.json"):
            raise StateFolderRefused(f"an embedded cloud is running from {folder}; stop it or name another folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)


def _is_in_use(outputs: Path) -> bool:
    if not outputs.exists():
        return False
    endpoint = json.loads(outputs.read_text()).get("aws_endpoint_url", "")
    try:
        with urllib.request.urlopen(f"{endpoint}/_sluice/faults", timeout=2):  # noqa: S310  # http on loopback
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError, ValueError):
        return False
