"""docs/events.md leads to the code that really reacts: it agrees with the template, the state machine and the code."""

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest
from moto.events.models import EventPattern

from sluice.model.commands import Command
from tests.event_samples import ROOT, files, sample
from tests.template.event_routes import Way, folder, http_routes, ways
from tests.template.translation import MACHINES, logical_id, of_type, source

PAGE = ROOT / "docs/events.md"
CODE = ROOT / "layers/control/python/sluice"
COMMANDS = {cls.__name__ for cls in get_args(Command.__value__)}

_LINK = re.compile(r"\[[^\]]+\]\(([^)]+)\)")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: the first name in its event, and its other cells."""

    event: str
    cells: tuple[str, ...]

    @property
    def named(self) -> str:
        """What stands in quotes in the first cell."""
        return _quoted(self.event)


def _quoted(cell: str) -> str:
    found = re.search(r"`([^`]+)`", cell)
    return found[1] if found else ""


def _linked(cell: str) -> str:
    """The file that a cell links to, from the root of the repository."""
    found = _LINK.search(cell)
    return found[1].removeprefix("../") if found else ""


def _table(heading: str) -> list[Row]:
    section = PAGE.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [Row(first, tuple(rest)) for first, *rest in cells]


INCOMING = _table("What comes in")
OUTGOING = _table("What goes out")
STEPS = {
    f"{what.split()[-1]}.asl.json": _table(f"The steps of {what}")
    for what in ("a release", "a rollout", "a rollback", "an incident")
}


def _way(row: Row) -> Way:
    through, queue, function, _ = row.cells
    return Way(_quoted(through), _quoted(queue), _linked(function).removesuffix("/app.py"))


def test_the_ways_in_are_those_of_the_template() -> None:
    assert {_way(row) for row in INCOMING} == ways()


@pytest.mark.parametrize("row", [r for r in INCOMING if "Rule" in r.cells[0]], ids=lambda r: r.named)
def test_a_rule_is_named_by_the_event_that_it_matches(row: Row) -> None:
    pattern = of_type("AWS::Events::Rule")[_way(row).through]["EventPattern"]

    assert pattern["detail-type"] == [row.named]


def test_every_http_route_has_its_row() -> None:
    rows = {row.named: _way(row) for row in INCOMING if row.named.startswith("POST ")}

    assert rows == http_routes()


@pytest.mark.parametrize("row", [r for r in INCOMING if r.event.startswith("every ")], ids=lambda r: r.event)
def test_a_schedule_is_named_by_its_time(row: Row) -> None:
    expression = of_type("AWS::Scheduler::Schedule")[_way(row).through]["ScheduleExpression"]

    period = row.event.removeprefix("every ")

    assert expression in (f"rate({period})", f"rate(1 {period})")


@pytest.mark.parametrize("row", [r for r in INCOMING if "Source" in r.cells[0]], ids=lambda r: r.named)
def test_a_stream_is_named_by_its_table(row: Row) -> None:
    mapping = of_type("AWS::Lambda::EventSourceMapping")[_way(row).through]

    inserts_only = '"eventName":["INSERT"]' in json.dumps(mapping.get("FilterCriteria", {})).replace("\\", "")

    assert logical_id(mapping["EventSourceArn"]) == row.named
    assert inserts_only == row.event.startswith("a new item")


def test_every_command_has_its_row() -> None:
    rows = [row.named for row in INCOMING if _way(row) == Way("", "DecisionsQueue", "functions/record_decision")]

    assert sorted(rows) == sorted(COMMANDS)


@pytest.mark.parametrize("row", [r for r in INCOMING if r.named in COMMANDS], ids=lambda r: r.named)
def test_a_command_is_made_where_its_row_says_and_carried_out_by_the_use_case_it_names(row: Row) -> None:
    sender, _, _, follows = row.cells

    made = {_called(node) for node in ast.walk(ast.parse((ROOT / _linked(sender)).read_text()))}

    assert row.named in made
    assert re.search(rf"/usecases/(\w+/)?{_carried_out_by()[row.named]}\.py$", _linked(follows))


@pytest.mark.parametrize("row", [*INCOMING, *(row for rows in STEPS.values() for row in rows)], ids=lambda r: r.event)
def test_the_function_of_a_row_calls_the_use_case_it_names(row: Row) -> None:
    *_, function, follows = row.cells
    reached = _imported(ROOT / _linked(function))
    use_case = _linked(follows).removeprefix("layers/control/python/").removesuffix(".py").replace("/", ".")

    if row.named in COMMANDS or _way_of_commands(row):
        reached = _imported(CODE / "usecases/record_decision.py")

    assert use_case in reached


def _way_of_commands(row: Row) -> bool:
    """Whether a row is about the function that does what it is told, and so reaches everything by one use case."""
    return "[record_decision]" in " ".join(row.cells)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda path: path.name)
def test_the_steps_are_the_functions_of_the_state_machine(machine: Path) -> None:
    resources = source()["Resources"].values()
    (properties,) = [
        r["Properties"] for r in resources if r.get("Properties", {}).get("DefinitionUri", "").endswith(machine.name)
    ]
    substitutions = properties["DefinitionSubstitutions"]
    folders = {f"${{{name}}}": folder(logical_id(arn)) for name, arn in substitutions.items()}
    states = json.loads(machine.read_text())["States"].items()

    steps = {name: folders.get(_function_named(state)) for name, state in states if _function_named(state) in folders}

    assert {row.named: _linked(row.cells[0]).removesuffix("/app.py") for row in STEPS[machine.name]} == steps


def test_what_goes_out_is_what_has_a_sample_and_a_schema() -> None:
    schema = {variant["title"] for variant in sample("domain/schema.json")["oneOf"]}

    assert [row.named for row in OUTGOING] == sorted(schema)
    assert [f"domain/{row.named}.json" for row in OUTGOING] == [f for f in files() if f.startswith("domain/")]


@pytest.mark.parametrize("row", OUTGOING, ids=lambda r: r.named)
def test_an_event_is_emitted_where_its_row_says(row: Row) -> None:
    code = (ROOT / _linked(row.cells[1])).read_text()

    assert f'"{row.named}"' in code
    assert "domain_event(" in code


def test_the_rule_on_the_page_matches_the_sample_it_speaks_of() -> None:
    (pattern,) = re.findall(r"```json\n(.*?)\n```", PAGE.read_text(), re.DOTALL)

    matched = [f for f in files() if _matches(json.loads(pattern), sample(f))]

    assert matched == ["domain/ReleaseApproved.json"]


def test_every_link_leads_to_a_file() -> None:
    links = [link for link in _LINK.findall(PAGE.read_text()) if not link.startswith("http")]

    missing = [link for link in links if not (PAGE.parent / link).exists()]

    assert links
    assert missing == []


def _matches(pattern: dict[str, Any], event: Any) -> bool:
    matches: bool = EventPattern(None, pattern).matches_event(event)
    return matches


def _function_named(state: dict[str, Any]) -> str:
    """The substitution that stands for the function of a task, whether it is called directly or with a token."""
    named = re.search(r"\$\{\w+FunctionArn\}", json.dumps(state))
    return named[0] if named else ""


def _called(node: ast.AST) -> str:
    return getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""


def _imported(path: Any) -> set[str]:
    """Modules that a file takes names from, wherever the import stands."""
    nodes = ast.walk(ast.parse(path.read_text()))
    return {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}


def _carried_out_by() -> dict[str, str]:
    """The use case that `record_decision` calls for each command."""
    tree = ast.parse((CODE / "usecases/record_decision.py").read_text())
    cases = [case for node in ast.walk(tree) if isinstance(node, ast.Match) for case in node.cases]
    return {
        case.pattern.cls.id: _called(case.body[0].value)
        for case in cases
        if isinstance(case.pattern, ast.MatchClass)
        and isinstance(case.pattern.cls, ast.Name)
        and isinstance(case.body[0], ast.Expr)
    }
