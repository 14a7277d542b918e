"""The tools that know AWS: cfn-lint on what is written and on what it becomes, SAM's own validation, asl-validator."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.template.translation import MACHINES, ROOT, TEMPLATE, translated

BIN = Path(sys.executable).parent
SAM = ROOT / "tools/sam/.venv/bin/sam"
ASL_VALIDATOR = ROOT / "tools/asl/node_modules/.bin/asl-validator"


def _run(*command: str | Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
    }
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, env=environment, cwd=ROOT, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_cfn_lint_finds_nothing_in_the_template() -> None:
    _run(BIN / "cfn-lint", TEMPLATE)


def test_cfn_lint_finds_nothing_in_what_the_template_becomes(tmp_path: Path) -> None:
    path = tmp_path / "translated.json"
    path.write_text(json.dumps(translated()))

    _run(BIN / "cfn-lint", path)


@pytest.mark.slow
def test_cfn_lint_finds_a_reference_to_nothing_in_a_policy_after_translation(tmp_path: Path) -> None:
    """Linting the source alone misses it."""
    path = tmp_path / "translated.json"
    path.write_text(json.dumps(translated()).replace('"Ref": "ArchiveBucket"', '"Ref": "ArchivBucket"'))

    with pytest.raises(AssertionError, match="ArchivBucket"):
        _run(BIN / "cfn-lint", path)


@pytest.mark.skipif(not SAM.exists(), reason="SAM is not synced: make setup")
def test_sam_validates_the_template() -> None:
    _run(SAM, "validate", "--lint", "--template", TEMPLATE)


@pytest.mark.skipif(not ASL_VALIDATOR.exists(), reason="asl-validator is not installed: make setup")
@pytest.mark.parametrize("path", MACHINES, ids=lambda path: path.name)
def test_asl_validator_accepts_the_machine(path: Path) -> None:
    node = shutil.which("node", path=f"{BIN}{os.pathsep}{os.environ['PATH']}")
    assert node is not None

    _run(node, ASL_VALIDATOR, "--json-path", path)
