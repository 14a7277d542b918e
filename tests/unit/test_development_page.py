"""docs/development.md shows how a rollout is played in memory: what it shows runs."""

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs/development.md").read_text(encoding="utf-8")


def test_the_rollout_of_the_page_is_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

    exec(snippet, {})  # noqa: S102  # our own page

    assert capsys.readouterr().out.startswith("returned after ")
