"""How long is a cold start, from import to ready, against an ordinary install of boto3 with one client?

Whole processes in pairs, medians. A function is ready when its module is imported and everything that its source
asks of `wiring` and `worlds` is made. Its layers are built by the recipe of the real ones, for this machine; like in
Lambda, nothing writes bytecode while it runs. Only the ratio means something on another machine.
"""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from local.stack import load  # noqa: E402  # the path is set first

BUILD = ROOT / ".build/bench"
ORDINARY, LAYER, CONTROL = BUILD / "ordinary", BUILD / "layer/python", BUILD / "control"
ROUNDS = int(os.environ.get("ROUNDS", "11"))
# Somebody waits for the Slack entry; a look at a bad version must not wait for its reader.
LIMITS = {"slack_interactions": 1.10, "judge_canary": 1.10}
LIMIT = 1.40
LIMIT_MB = 60.0
CONTEXT = (
    "class context: invoked_function_arn = 'arn:aws:lambda:us-east-1:111122223333:function:measured'\n"
    "event = {'Records': []}"
)
"""What Lambda would hand over, as far as a handler asks `wiring` with it."""
ROOMS = ("wiring", "worlds")
BASELINE = "import boto3; boto3.client('dynamodb')"


def main() -> int:
    """Print one JSON line a function; 1 when a figure is missed."""
    build()
    functions = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
    lines = [line_of(name, ratio) for name, ratio in ratios(functions).items()]
    print(*map(json.dumps, lines), sep="\n")
    return 0 if all(line["reached"] for line in lines) else 1


def ratios(functions: list[str]) -> dict[str, float]:
    """Medians over the rounds; each run of a function is compared with a run of the baseline right before it."""
    taken: dict[str, list[float]] = {name: [] for name in functions}
    for number in range(ROUNDS + 1):
        for name, pairs in taken.items():
            baseline = measure("")
            ratio = measure(name) / baseline
            if number:  # the first round warms the file cache
                pairs.append(ratio)
    return {name: median(pairs) for name, pairs in taken.items()}


def build() -> None:
    """The two layers by their own recipes, and boto3 as a user would install it."""
    uv = os.environ.get("UV") or str(ROOT / ".tools/bin/uv")
    recipe = [sys.executable, str(ROOT / "layers/deps/build.py"), "--platform", "host", str(LAYER)]
    subprocess.run(recipe, check=True, env={**os.environ, "UV": uv})
    subprocess.run(
        ["make", "--silent", "build-ControlLayer", f"ARTIFACTS_DIR={CONTROL}"], check=True, cwd=ROOT / "layers/control"
    )
    pins = [f"{name}=={version_of(name)}" for name in ("boto3", "botocore")]
    install = [
        uv,
        "pip",
        "install",
        "--quiet",
        "--compile-bytecode",
        "--python",
        sys.executable,
        "--target",
        str(ORDINARY),
    ]
    subprocess.run([*install, *pins], check=True)


def version_of(name: str) -> str:
    """The version that the layer pins."""
    lines = (ROOT / "layers/deps/requirements.txt").read_text().splitlines()
    return next(line.split("==")[1].rstrip(" \\") for line in lines if line.startswith(f"{name}=="))


def measure(name: str) -> float:
    """Seconds of one whole process: a function's name, or nothing for the baseline."""
    paths = [ROOT / "functions" / name, LAYER, CONTROL / "python"] if name else [ORDINARY]
    environment = {
        **(variables_of(name) if name else {}),
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",  # pragma: allowlist secret
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    # Without site and user packages, and without writing bytecode.
    command = [sys.executable, "-S", "-s", "-B", "-c", program_of(name) if name else BASELINE]
    started = perf_counter()
    subprocess.run(command, check=True, env=environment, cwd=BUILD)
    return perf_counter() - started


def program_of(name: str) -> str:
    """Import the handler and make what it asks of `wiring` and `worlds`, as its first event would."""
    tree = ast.parse((ROOT / "functions" / name / "app.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _asks_wiring(node.func)]
    return "\n".join(["from app import *", CONTEXT, *dict.fromkeys(map(ast.unparse, calls))])


def _asks_wiring(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id in ROOMS


@cache
def variables_of(name: str) -> dict[str, str]:
    """The environment that the template gives to a function, with stand-ins for what is not known before deployment."""
    template = load(ROOT / "template.yaml")
    resources = [resource.get("Properties", {}) for resource in template["Resources"].values()]
    (properties,) = [given for given in resources if given.get("CodeUri") == f"functions/{name}"]
    given: Mapping[str, Any] = {
        **template["Globals"]["Function"]["Environment"]["Variables"],
        **properties["Environment"]["Variables"],
    }
    return {key: value if isinstance(value, str) else "https://example.invalid/" for key, value in given.items()}


def line_of(name: str, ratio: float) -> dict[str, Any]:
    """The figures of one function beside what they should be."""
    limit, size = LIMITS.get(name, LIMIT), megabytes(ROOT / "functions" / name, LAYER, CONTROL)
    return {
        "benchmark": "cold_start",
        "function": name,
        "ratio": round(ratio, 2),
        "limit_ratio": limit,
        "unzipped_mb": round(size, 1),
        "limit_mb": LIMIT_MB,
        "rounds": ROUNDS,
        "reached": ratio <= limit and size <= LIMIT_MB,
    }


def megabytes(*folders: Path) -> float:
    """Size of all files below some folders."""
    return sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file()) / 1e6


if __name__ == "__main__":
    sys.exit(main())
