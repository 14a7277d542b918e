"""The real SAM CLI builds the stack and deploys it into the embedded cloud, as a user would into AWS."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.engine.process import Engine
from local.engine.settings import ACCOUNT_ID, REGION, SECRET
from tests.template.translation import ROOT, source

SAM = ROOT / "tools/sam/.venv/bin/sam"
STACK = "sluice-by-sam"

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.skipif(not SAM.exists(), reason="SAM is not synced: make setup"),
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("engine")) as running:
        yield running


def _sam(*arguments: str | Path, endpoint: str | None = None) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "AWS_ACCESS_KEY_ID": ACCOUNT_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": REGION,
        "SAM_CLI_TELEMETRY": "0",
        **({"AWS_ENDPOINT_URL": endpoint} if endpoint else {}),
        **({"UV": str(ROOT / ".tools/bin/uv")} if (ROOT / ".tools/bin/uv").exists() else {}),
    }
    command = [str(part) for part in (SAM, *arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("built")
    _sam("build", "--no-cached", "--build-dir", target)
    return target


@pytest.fixture(scope="module")
def deployed(engine: Engine, built: Path) -> dict[str, Any]:
    """The stack as CloudFormation describes it after `sam deploy` with the settings of samconfig.toml."""
    template = built / "template.yaml"
    config: list[str | Path] = ["--config-file", ROOT / "samconfig.toml", "--config-env", "default"]
    _sam("deploy", "--template-file", template, *config, "--stack-name", STACK, endpoint=engine.url)
    client = boto3.client(
        "cloudformation",
        endpoint_url=engine.url,
        region_name=REGION,
        aws_access_key_id=ACCOUNT_ID,
        aws_secret_access_key=SECRET,
    )
    stack: dict[str, Any] = dict(client.describe_stacks(StackName=STACK)["Stacks"][0])
    return stack


def test_the_build_holds_every_function_and_the_layers_for_arm(built: Path) -> None:
    functions = [n for n, r in source()["Resources"].items() if r["Type"] == "AWS::Serverless::Function"]

    assert [name for name in functions if not (built / name / "app.py").exists()] == []
    assert (built / "ControlLayer/python/sluice/wiring.py").exists()
    assert list((built / "DepsLayer/python").glob("pydantic_core/*aarch64*.so"))


@pytest.mark.parametrize("layer", ["ControlLayer", "DepsLayer"])
def test_every_module_of_a_layer_has_bytecode_that_is_never_checked(built: Path, layer: str) -> None:
    modules = list((built / layer / "python").rglob("*.py"))

    compiled = [module.parent / "__pycache__" / f"{module.stem}.cpython-313.pyc" for module in modules]
    flags = {int.from_bytes(path.read_bytes()[4:8], "little") for path in compiled}

    assert modules
    assert flags == {0b01}  # PEP 552: by hash, and not to be checked


def test_function_and_layers_fit_into_sixty_megabytes(built: Path) -> None:
    files = [path for layer in ("ControlLayer", "DepsLayer") for path in (built / layer).rglob("*") if path.is_file()]

    assert sum(path.stat().st_size for path in files) <= 60_000_000


def test_sam_deploys_the_stack_with_the_settings_of_the_repository(deployed: dict[str, Any]) -> None:
    outputs = {output["OutputKey"] for output in deployed["Outputs"]}

    assert deployed["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    assert outputs == set(source()["Outputs"])
