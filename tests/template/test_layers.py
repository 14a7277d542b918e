"""The layers are made from the lock, and hold the models of exactly those AWS services that the code calls."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.template.translation import ROOT

DEPS = ROOT / "layers/deps"
PRODUCT = [ROOT / "layers/control/python", ROOT / "functions"]


def _uv() -> str:
    ours = ROOT / ".tools/bin/uv"
    found = os.environ.get("UV") or (str(ours) if ours.exists() else shutil.which("uv"))
    if not found:
        pytest.skip("no uv here")
    return found


def test_the_layers_requirements_are_those_of_the_lock() -> None:
    command = [_uv(), "export", "--quiet", "--frozen", "--offline", "--no-dev", "--no-emit-project", "--no-header"]

    exported = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout

    assert (DEPS / "requirements.txt").read_text() == exported, "run: make requirements"


def test_every_requirement_is_pinned_by_hash() -> None:
    lines = (DEPS / "requirements.txt").read_text().splitlines()
    names = [line for line in lines if re.match(r"\w", line)]

    assert all(re.match(r"[\w.-]+==[\w.]+( ;.*)? \\", line) for line in names)
    assert sum("--hash=sha256:" in line for line in lines) >= len(names)


def _clients_made() -> set[str]:
    """First arguments of calls named `client` or `create_client` in what runs as a function."""
    found = set()
    for path in (path for root in PRODUCT for path in root.rglob("*.py") if "cli" not in path.parts):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name.lstrip("_") in {"client", "create_client"}:
                    found.add(str(node.args[0].value))
    return found


def test_the_layer_keeps_the_models_of_the_services_that_the_code_calls_and_no_other() -> None:
    kept = set((DEPS / "services.txt").read_text().split())

    assert kept == _clients_made()


@pytest.mark.slow
def test_the_built_layer_serves_every_client_and_library_that_the_product_uses(tmp_path: Path) -> None:
    target = tmp_path / "python"
    services = (DEPS / "services.txt").read_text().split()
    environment = {**os.environ, "UV": _uv()}
    subprocess.run([sys.executable, DEPS / "build.py", "--platform", "host", target], check=True, env=environment)
    program = (
        f"import sys; sys.path[:] = [p for p in sys.path if 'site-packages' not in p]; sys.path.insert(0, {str(target)!r})\n"
        "import aws_lambda_powertools, boto3, pydantic, slack_sdk, yaml\n"
        f"[boto3.client(name, region_name='us-east-1') for name in {services!r}]\n"
    )

    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert sum(path.stat().st_size for path in target.rglob("*") if path.is_file()) <= 60_000_000
