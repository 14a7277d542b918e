"""Commands in the pages run as they are written, in the environment that `make` prepares."""

import re
import tomllib
from pathlib import Path

import pytest

from sluice.cli import DEFAULT_STACK

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "local/README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(r"(\S*)\b(?:python (?:-m|docs/)|sluice ledger )")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_command_is_written_with_the_environment_that_it_needs(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert {found.lstrip("(`") for found in COMMAND.findall(text)} <= {".venv/bin/"}
    assert "uv run" not in text


def test_the_command_line_looks_at_the_stack_that_plain_make_deploy_makes() -> None:
    configured = tomllib.loads((ROOT / "samconfig.toml").read_text())["default"]["deploy"]["parameters"]

    assert configured["stack_name"] == DEFAULT_STACK
    assert f"`{DEFAULT_STACK}`" in (ROOT / "docs/ledger.md").read_text(encoding="utf-8")
