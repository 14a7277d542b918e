"""The state machines: every task bounded, retried with jitter and caught; no payload in a log; no ARN written out."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.template.translation import MACHINES, of_type, source

MACHINES_BY_NAME = {path.name: path for path in MACHINES}


def _definition(path: Path) -> dict[str, Any]:
    definition: dict[str, Any] = json.loads(path.read_text())
    return definition


def _states(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in definition["States"].items():
        yield name, state
        for inner in [*state.get("Branches", []), *filter(None, [state.get("ItemProcessor")])]:
            yield from _states(inner)


TASKS = {
    f"{path.stem}/{name}": state
    for path in MACHINES
    for name, state in _states(_definition(path))
    if state["Type"] == "Task"
}
COMPENSATIONS = {
    f"{name.partition('/')[0]}/{catch['Next']}" for name, task in TASKS.items() for catch in task.get("Catch", [])
}
MACHINE_RESOURCES = {n: r for n, r in source()["Resources"].items() if r["Type"] == "AWS::Serverless::StateMachine"}


@pytest.mark.parametrize("name", sorted(TASKS))
def test_every_task_has_a_timeout(name: str) -> None:
    assert "TimeoutSeconds" in TASKS[name]


@pytest.mark.parametrize("name", sorted(TASKS))
def test_every_task_retries_named_errors_with_jitter_and_backoff(name: str) -> None:
    retries = [retry for retry in TASKS[name].get("Retry", []) if retry not in _polls(TASKS[name])]

    assert retries
    assert all(retry["JitterStrategy"] == "FULL" for retry in retries)
    assert all(1 <= retry["MaxAttempts"] <= 10 for retry in retries)
    assert all(retry["BackoffRate"] > 1 for retry in retries)
    # Only what others fall back on, and has nothing to fall back on itself, is repeated whatever the error is.
    assert name in COMPENSATIONS or not [retry for retry in retries if "States.ALL" in retry["ErrorEquals"]]


def _polls(task: dict[str, Any]) -> list[dict[str, Any]]:
    """Retries that are no retries: they look again at a change that is under way, one transition a look."""
    return [retry for retry in task.get("Retry", []) if retry["ErrorEquals"] == ["EndpointSettling"]]


@pytest.mark.parametrize("name", sorted(name for name in TASKS if _polls(TASKS[name])))
def test_a_change_under_way_is_looked_at_ever_less_often_and_for_hours_at_most(name: str) -> None:
    for poll in _polls(TASKS[name]):
        assert poll["BackoffRate"] > 1
        assert poll["IntervalSeconds"] <= poll["MaxDelaySeconds"] <= 60
        assert 30 * 60 <= poll["MaxAttempts"] * poll["MaxDelaySeconds"] <= 4 * 3600


@pytest.mark.parametrize("name", sorted(name for name in TASKS if name not in COMPENSATIONS))
def test_a_function_that_ran_out_of_time_or_died_is_called_again(name: str) -> None:
    repeated = {error for retry in TASKS[name]["Retry"] for error in retry["ErrorEquals"]}

    calls_a_function = not TASKS[name]["Resource"].startswith("arn:aws:states:::aws-sdk:")
    assert {"Sandbox.Timedout", "Lambda.Unknown"} <= repeated or not calls_a_function


@pytest.mark.parametrize("name", ["ConfirmPending", "ConfirmApproved"])
def test_the_look_before_the_change_needs_neither_the_key_of_a_model_card_nor_its_room(name: str) -> None:
    assert TASKS[f"release.asl/{name}"]["Arguments"]["IncludedData"] == "MetadataOnly"


@pytest.mark.parametrize("name", sorted(TASKS))
def test_every_task_catches_whatever_is_left(name: str) -> None:
    catches = TASKS[name].get("Catch", [])

    assert catches
    assert "States.ALL" in catches[-1]["ErrorEquals"]


@pytest.mark.parametrize("name", sorted(MACHINES_BY_NAME))
def test_a_machine_speaks_jsonata_only_and_names_no_arn_account_or_region(name: str) -> None:
    text = MACHINES_BY_NAME[name].read_text()

    assert _definition(MACHINES_BY_NAME[name])["QueryLanguage"] == "JSONata"
    assert not re.findall(r'"QueryLanguage": "JSONPath"', text)
    assert not re.findall(r"\d{12}", text)
    assert not re.findall(r"arn:aws[a-z-]*:lambda", text)


@pytest.mark.parametrize("name", sorted(MACHINE_RESOURCES))
def test_a_definition_and_its_substitutions_agree(name: str) -> None:
    properties = MACHINE_RESOURCES[name]["Properties"]
    definition = MACHINES_BY_NAME[Path(properties["DefinitionUri"]).name].read_text()

    assert set(re.findall(r"\$\{(\w+)\}", definition)) == set(properties["DefinitionSubstitutions"])


def test_every_definition_belongs_to_a_machine() -> None:
    used = {Path(resource["Properties"]["DefinitionUri"]).name for resource in MACHINE_RESOURCES.values()}

    assert used == set(MACHINES_BY_NAME)


@pytest.mark.parametrize("name", sorted(of_type("AWS::StepFunctions::StateMachine")))
def test_a_machine_is_logged_without_payloads_and_traced(name: str) -> None:
    machine = of_type("AWS::StepFunctions::StateMachine")[name]

    assert machine["LoggingConfiguration"]["Level"] == "ALL"
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False
    assert machine["TracingConfiguration"] == {"Enabled": True}
    assert machine["StateMachineType"] == "STANDARD"


@pytest.mark.parametrize("name", sorted(MACHINES_BY_NAME))
def test_choices_compare_and_route_by_name(name: str) -> None:
    choices = [n for n, state in _states(_definition(MACHINES_BY_NAME[name])) if state["Type"] == "Choice"]

    assert all(choice.startswith("Route") for choice in choices)
