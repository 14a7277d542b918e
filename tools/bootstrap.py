"""Finds or installs uv and finds a Python that works, with the standard library of Python 3.11 alone.

Writes a fragment for the Makefile: which uv to call, and which interpreter to hand to it. Where no Python of the
wanted version is found, uv is left free to download one.
"""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools"
UV_VERSION = "0.13.9"
PYTHON_VERSION = (ROOT / ".python-version").read_text().strip()


def main(fragment: Path) -> None:
    """Write the fragment."""
    if sys.version_info < (3, 11):
        raise SystemExit(f"Sluice needs Python 3.11 or newer to set itself up; this is {sys.version.split()[0]}")
    uv, python = find_uv() or install_uv(), find_python()
    lines = [f"UV := {uv}"]
    if python:
        lines += [f"export UV_PYTHON := {python}", "export UV_PYTHON_DOWNLOADS := never"]
    print(f"[setup] uv: {uv}", f"[setup] Python {PYTHON_VERSION}: {python or 'uv will download it'}", sep="\n")
    fragment.parent.mkdir(exist_ok=True)
    fragment.write_text("\n".join(lines) + "\n")


def find_uv() -> str | None:
    """A uv of the pinned version, ours or the machine's."""
    candidates = [TOOLS / "bin" / "uv", shutil.which("uv")]
    return next((str(c) for c in candidates if c and f"uv {UV_VERSION}" in answer(str(c), "--version")), None)


def install_uv() -> str:
    """Install the pinned uv into a small environment of its own."""
    print(f"[setup] installing uv {UV_VERSION} into .tools")
    try:
        venv.create(TOOLS, with_pip=True)
    except subprocess.CalledProcessError as error:
        raise SystemExit("Python's venv module is incomplete here; on Debian: apt install python3-venv") from error
    pip = [str(TOOLS / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if subprocess.run([*pip, f"uv=={UV_VERSION}"], check=False).returncode:
        raise SystemExit(f"uv {UV_VERSION} could not be installed from the package index")
    return str(TOOLS / "bin" / "uv")


def find_python() -> str | None:
    """An interpreter of the wanted version that really starts: a pyenv shim may exist and exit with 127."""
    return next((found for c in candidate_pythons() if (found := executable_of(c))), None)


def candidate_pythons() -> Iterator[str]:
    """Where such an interpreter may be, the likeliest first."""
    yield sys.executable
    yield f"python{PYTHON_VERSION}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from (str(p) for p in sorted(pyenv.glob(f"versions/{PYTHON_VERSION}.*/bin/python{PYTHON_VERSION}")))


def executable_of(candidate: str) -> str | None:
    """The real path of an interpreter, None where it does not start or is of another version."""
    code = "import sys; print('%d.%d' % sys.version_info[:2], sys._base_executable)"
    version, _, path = answer(candidate, "-c", code).strip().partition(" ")
    return path if version == PYTHON_VERSION else None


def answer(*command: str) -> str:
    """What a command prints, nothing where it cannot be run."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
