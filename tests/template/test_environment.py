"""Each function is told by its environment what it reads, and nothing else."""

import ast
import re
from pathlib import Path

import pytest

from tests.template.translation import ROOT, source

PACKAGE = ROOT / "layers/control/python/sluice"
SERVERLESS = {n: r for n, r in source()["Resources"].items() if r["Type"] == "AWS::Serverless::Function"}
_VARIABLE = re.compile(r"[A-Z]+(_[A-Z]+)+")


def _definitions(path: Path) -> dict[str, ast.AST]:
    nodes = ast.parse(path.read_text()).body
    return {node.name: node for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}


WIRING = _definitions(PACKAGE / "wiring.py") | _definitions(PACKAGE / "worlds.py")
SETTINGS = {
    name: {ast.unparse(part.target).upper() for part in ast.walk(node) if isinstance(part, ast.AnnAssign)}
    for name, node in _definitions(PACKAGE / "settings.py").items()
}


def _read_by(node: ast.AST, seen: frozenset[str] = frozenset()) -> set[str]:
    """Variables that code names, and those that what it asks of `wiring` or `worlds` names."""
    read: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and _VARIABLE.fullmatch(part.value):
            read.add(part.value)
        name = _asked_for(part, within_wiring=bool(seen))
        read |= SETTINGS.get(name, set())
        if name in WIRING and name not in seen:
            read |= _read_by(WIRING[name], seen | {name})
    return read


def _asked_for(part: ast.AST, *, within_wiring: bool) -> str:
    """`NAME` of `wiring.NAME` or `worlds.NAME`, or of a plain NAME within `wiring` itself."""
    if isinstance(part, ast.Attribute) and ast.unparse(part.value) in {"wiring", "worlds"}:
        return part.attr
    return part.id if within_wiring and isinstance(part, ast.Name) else ""


@pytest.mark.parametrize("name", sorted(SERVERLESS))
def test_a_function_is_told_what_it_reads_and_nothing_else(name: str) -> None:
    properties = SERVERLESS[name]["Properties"]
    tree = ast.parse((ROOT / properties["CodeUri"] / "app.py").read_text())

    assert set(properties["Environment"]["Variables"]) == _read_by(tree)


def test_every_way_of_reading_is_seen() -> None:
    assert _read_by(ast.parse("wiring.dead_letters()")) == {"DEAD_LETTER_QUEUE_URL"}
    assert _read_by(ast.parse("wiring.records()")) == {"CONTROL_TABLE", "LEDGER_TABLE", "OUTBOX_TABLE"}
    assert _read_by(ast.parse("worlds.concluding()")) >= {"CONTROL_TABLE", "ARCHIVE_BUCKET", "SLACK_CHANNEL"}
