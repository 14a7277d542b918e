"""The layers are made from the lock, and hold the models of exactly those AWS operations that the code calls."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape
from build import operations
from slim import slimmed_model

from tests.template.translation import ROOT

DEPS = ROOT / "layers/deps"
# botocore asks for the region of a bucket that answers from another one.
MADE_BY_BOTOCORE = {"head_bucket"}
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


def _constants_given_to(*names: str) -> set[str]:
    """First arguments of calls of these names in what runs as a function."""
    return {
        str(node.args[0].value)
        for node in _calls()
        if node.args and isinstance(node.args[0], ast.Constant) and _called(node).lstrip("_") in names
    }


def _calls() -> Iterator[ast.Call]:
    for path in (path for root in PRODUCT for path in root.rglob("*.py") if "cli" not in path.parts):
        yield from (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _methods_of_clients() -> set[str]:
    """Methods that are called on something named client, and the operations that are paged through."""
    receivers = {"client", "_client"}
    called = {
        node.func.attr
        for node in _calls()
        if isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Attribute | ast.Name)
        and (node.func.value.attr if isinstance(node.func.value, ast.Attribute) else node.func.value.id) in receivers
    }
    return (called - {"get_paginator"}) | _constants_given_to("get_paginator")


def _model(service: str) -> dict[str, Any]:
    session = botocore.session.get_session()
    model: dict[str, Any] = session.get_component("data_loader").load_service_model(service, "service-2")
    return model


def test_the_layer_keeps_the_services_that_the_code_has_clients_of_and_no_other() -> None:
    assert set(operations()) == _constants_given_to("client", "create_client")


def test_the_layer_keeps_the_operations_that_the_code_calls_and_no_other() -> None:
    kept = {xform_name(operation) for called in operations().values() for operation in called}

    assert kept == _methods_of_clients() | MADE_BY_BOTOCORE


@pytest.mark.parametrize("service", operations())
def test_a_slimmed_model_says_of_its_operations_what_botocores_says(service: str) -> None:
    full = _model(service)

    slimmed = slimmed_model(full, operations()[service])
    whole, cut = ServiceModel(full, service), ServiceModel(slimmed, service)

    assert cut.operation_names == sorted(operations()[service])
    for name in cut.operation_names:
        for part in ("input_shape", "output_shape"):
            assert _outline(getattr(cut.operation_model(name), part)) == _outline(
                getattr(whole.operation_model(name), part)
            )
        errors = [[e.name for e in model.operation_model(name).error_shapes] for model in (cut, whole)]
        assert errors[0] == errors[1]


def _outline(shape: Shape | None, above: tuple[str, ...] = ()) -> Any:
    """Names, types and wire settings of a shape and all that it holds; recursion is cut where a shape repeats."""
    if shape is None or shape.name in above:
        return None
    path = (*above, shape.name)
    inner: Any = None
    if isinstance(shape, StructureShape):
        inner = {name: _outline(member, path) for name, member in shape.members.items()}
    elif isinstance(shape, ListShape):
        inner = _outline(shape.member, path)
    elif isinstance(shape, MapShape):
        inner = (_outline(shape.key, path), _outline(shape.value, path))
    return (shape.name, shape.type_name, shape.serialization, shape.metadata, inner)


@pytest.mark.slow
def test_the_built_layer_serves_every_client_and_library_that_the_product_uses(tmp_path: Path) -> None:
    target = tmp_path / "python"
    command: list[str | Path] = [sys.executable, DEPS / "build.py", "--platform", "host", target]
    subprocess.run(command, check=True, env={**os.environ, "UV": _uv()})
    program = "\n".join(
        [
            f"import sys; sys.path[:0] = [{str(target)!r}]",
            "import aws_lambda_powertools, boto3, botocore.session, pydantic, slack_sdk, yaml",
            f"clients = [botocore.session.get_session().create_client(n, 'us-east-1') for n in {list(operations())!r}]",
            "print(*(client.meta.endpoint_url for client in clients))",
            "print(botocore.__file__)",
        ]
    )

    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    endpoints, where = done.stdout.splitlines()
    ordinary = [botocore.session.get_session().create_client(n, "us-east-1").meta.endpoint_url for n in operations()]
    assert endpoints.split() == ordinary
    assert Path(where).is_relative_to(target)
