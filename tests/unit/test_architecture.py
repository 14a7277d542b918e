"""Imports go one way: functions -> wiring -> adapters, usecases -> ports, core -> model -> errors."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "layers/control/python/sluice"

# What a room may import of Sluice itself, besides its own neighbours.
ROOMS: dict[str, frozenset[str]] = {
    "errors": frozenset(),
    "model": frozenset({"errors"}),
    "core": frozenset({"model", "errors"}),
    "ports": frozenset({"core", "model", "errors"}),
    "usecases": frozenset({"ports", "core", "model", "errors"}),
    "settings": frozenset({"model", "errors"}),
    "telemetry": frozenset({"settings", "errors"}),
    "adapters": frozenset({"ports", "core", "model", "errors"}),
    "batches": frozenset({"telemetry", "model", "errors"}),
    "wiring": frozenset({"telemetry", "settings", "adapters", "usecases", "ports", "core", "model", "errors"}),
    "worlds": frozenset({"wiring", "usecases", "ports", "core", "model", "errors"}),
    "cli": frozenset({"wiring", "worlds", "settings", "adapters", "usecases", "ports", "core", "model", "errors"}),
}
# Rooms that decide: no AWS, no clock, no environment, no randomness, no files, no network, no logger.
PURE = ("core", "model")
IMPURE = frozenset(
    {
        *(
            "aws_lambda_powertools",
            "boto3",
            "botocore",
            "slack_sdk",
            "http",
            "socket",
            "ssl",
            "urllib.request",
            "urllib3",
        ),
        *("asyncio", "random", "secrets", "subprocess", "threading", "time", "uuid"),
        *("glob", "io", "logging", "os", "pathlib", "shutil", "tempfile"),
    }
)
IMPURE_CALLS = frozenset({"now", "today", "utcnow", "open", "input", "print"})
# What a layer without a caller of its own may use; anything else costs every cold start.
THIRD_PARTY = frozenset(
    {"aws_lambda_powertools", "boto3", "botocore", "pydantic", "pydantic_core", "slack_sdk", "urllib3", "yaml"}
)


def _modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return "/".join(parts)


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _imported_rooms(tree: ast.AST) -> set[str]:
    return {parts[1] for name in _imports(tree) if (parts := name.split("."))[0] == "sluice" and len(parts) > 1}


MODULES = {_name(path): path for path in _modules() if _name(path) != "__init__"}
PURE_MODULES = {name: path for name, path in MODULES.items() if _room(path) in PURE}
HANDLERS = {path.parent.name: path for path in sorted((ROOT / "functions").glob("*/app.py"))}


@pytest.mark.parametrize("name", MODULES)
def test_imports_point_from_the_edge_to_the_core(name: str) -> None:
    room = _room(MODULES[name])
    assert room in ROOMS, f"{room} is no room of the package"

    imported = _imported_rooms(ast.parse(MODULES[name].read_text()))

    assert imported <= ROOMS[room] | {room}


@pytest.mark.parametrize("name", HANDLERS)
def test_a_handler_makes_no_client_by_itself(name: str) -> None:
    tree = ast.parse(HANDLERS[name].read_text())

    assert not {n.split(".")[0] for n in _imports(tree)} & {"boto3", "botocore", "slack_sdk"}


@pytest.mark.parametrize("name", PURE_MODULES)
def test_decisions_know_no_aws_clock_environment_or_randomness(name: str) -> None:
    tree = ast.parse(PURE_MODULES[name].read_text())

    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }

    assert not [n for n in _imports(tree) if any(f"{n}.".startswith(f"{impure}.") for impure in IMPURE)]
    assert not called & IMPURE_CALLS


@pytest.mark.parametrize("name", MODULES)
def test_only_the_layers_own_dependencies_are_imported(name: str) -> None:
    roots = {n.split(".")[0] for n in _imports(ast.parse(MODULES[name].read_text()))}

    foreign = {root for root in roots if root not in sys.stdlib_module_names and not root.startswith("mypy_boto3")}

    assert foreign <= THIRD_PARTY | {"sluice"}


@pytest.mark.parametrize("path", [*MODULES.values(), *HANDLERS.values()], ids=lambda p: f"{p.parent.name}/{p.name}")
def test_importing_a_module_makes_no_client_and_reads_no_environment(path: Path) -> None:

    at_import = [
        node for node in ast.parse(path.read_text()).body if not isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    words = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for statement in at_import
        for node in ast.walk(statement)
        if isinstance(node, ast.Attribute | ast.Name)
    }

    assert not words & {"environ", "getenv", "client", "create_client", "resource"}


def test_the_product_does_not_know_the_embedded_cloud() -> None:
    product = [*MODULES.values(), *HANDLERS.values()]

    imported = {n.split(".")[0] for path in product for n in _imports(ast.parse(path.read_text()))}

    assert not imported & {"local", "ministack", "moto", "tests"}
