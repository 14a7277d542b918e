"""Builds the dependency layer: pinned wheels, cut down to what Sluice uses, with bytecode that is never checked.

Run by `sam build` for Lambda (`--platform aarch64`) and by the benchmarks for the host (`--platform host`), so that
what is measured is made by the same recipe. Run it by the Python that will run the layer: bytecode is its own.
"""

import argparse
import compileall
import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

from slim import slim

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
PYTHON_VERSION = "3.13"
# Lambda's Amazon Linux 2023 has glibc 2.34: wheels for anything older fit.
PIP_PLATFORMS = ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64")
UV_PLATFORM = "aarch64-manylinux_2_28"


def main() -> None:
    """Build into the directory that is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--platform", choices=("aarch64", "host"), required=True)
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    build(arguments.target, host=arguments.platform == "host")


def build(target: Path, *, host: bool) -> None:
    """Install, trim and precompile; `target` becomes `/opt/python` of the layer."""
    if sys.version_info[:2] != tuple(map(int, PYTHON_VERSION.split("."))):
        raise SystemExit(f"the layer's bytecode needs Python {PYTHON_VERSION}; this is {sys.version.split()[0]}")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    install(target, host=host)
    trim(target)
    precompile(target)


def install(target: Path, *, host: bool) -> None:
    """Install the pinned wheels, checked against their hashes; by uv where there is one, else by pip."""
    uv = os.environ.get("UV") or shutil.which("uv")
    command = _with_uv(uv, host=host) if uv else _with_pip(host=host)
    subprocess.run([*command, "--target", str(target), "--requirement", str(REQUIREMENTS)], check=True)


def _with_uv(uv: str, *, host: bool) -> list[str]:
    platform = [] if host else ["--python-platform", UV_PLATFORM]
    python = ["--python", sys.executable, "--python-version", PYTHON_VERSION]
    return [
        uv,
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "--only-binary",
        ":all:",
        *python,
        *platform,
    ]


def _with_pip(*, host: bool) -> list[str]:
    options = ["--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--no-compile"]
    platforms = [] if host else [option for name in PIP_PLATFORMS for option in ("--platform", name)]
    python = ["--python-version", PYTHON_VERSION, "--implementation", "cp"]
    return [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", *options, *python, *platforms]


def operations() -> dict[str, list[str]]:
    """What Sluice calls of AWS, by service; a test compares the list with the code."""
    called: dict[str, list[str]] = {}
    for line in (HERE / "operations.txt").read_text().splitlines():
        service, operation = line.split()
        called.setdefault(service, []).append(operation)
    return called


def trim(target: Path) -> None:
    """Drop what no function reads: other services and operations, resources, tests, scripts, packaging metadata."""
    data, called = target / "botocore" / "data", operations()
    for model in data.iterdir():
        if model.is_dir() and model.name not in called:
            shutil.rmtree(model)
    slim(data, called)
    for pattern in ("botocore/data/*/*/examples-1.json*", "**/*.pyi", "**/py.typed"):
        for path in target.glob(pattern):
            path.unlink()
    for pattern in ("boto3/data", "boto3/examples", "bin", "**/tests", "**/__pycache__"):
        for path in [p for p in target.glob(pattern) if p.is_dir()]:
            shutil.rmtree(path)
    for metadata in target.glob("*.dist-info"):
        _keep_licence(metadata, target / "licenses" / metadata.name.partition("-")[0])
        # Nothing that Sluice imports asks importlib.metadata for a version, and pydantic walks all of it for plugins.
        shutil.rmtree(metadata)


def _keep_licence(metadata: Path, where: Path) -> None:
    for path in metadata.rglob("*"):
        if path.is_file() and path.name.upper().startswith(("LICENSE", "LICENCE", "COPYING", "NOTICE")):
            where.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, where / path.name)


def precompile(target: Path) -> None:
    """Compile everything to bytecode that is used without a look at the source: a layer never changes."""
    compiled = compileall.compile_dir(
        target,
        quiet=1,
        stripdir=str(target),
        prependdir="/opt/python",
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if not compiled:
        raise SystemExit(f"some files under {target} do not compile")


if __name__ == "__main__":
    main()
