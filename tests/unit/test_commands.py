"""Each command of the decisions queue has a sample, and survives its way through the queue."""

import dataclasses
import json
from typing import Any, get_args

import pytest

from sluice.errors import InvalidInput
from sluice.model.approval import Choice
from sluice.model.approval_commands import CastVote, Timer, TimerFired
from sluice.model.command_json import to_json
from sluice.model.commands import Command, from_json
from tests.event_samples import files, sample

SAMPLES = [file for file in files() if file.startswith("commands/")]


def test_every_command_has_a_sample_named_after_it() -> None:
    commands = {cls.__name__ for cls in get_args(Command.__value__)}

    named = {(sample(file)["command"], file.removeprefix("commands/").split(".")[0].split("_")[0]) for file in SAMPLES}

    assert named == {(name, name) for name in commands}


def test_every_timer_has_a_sample() -> None:
    commands = [from_json(sample(file)) for file in SAMPLES]

    assert {c.timer for c in commands if isinstance(c, TimerFired)} == set(Timer)


@pytest.mark.parametrize("file", SAMPLES)
def test_a_command_comes_back_from_json_as_it_was(file: str) -> None:
    command = from_json(sample(file))

    again = from_json(json.loads(json.dumps(to_json(command))))

    assert again == command
    assert to_json(command) == sample(file)


@pytest.mark.parametrize("choice", Choice)
def test_every_choice_can_travel(choice: Choice) -> None:
    command = from_json(sample("commands/CastVote.json") | {"choice": choice.value})

    assert isinstance(command, CastVote)
    assert command.choice is choice


@pytest.mark.parametrize("file", SAMPLES)
def test_a_command_that_lacks_what_it_needs_is_refused(file: str) -> None:
    whole: dict[str, Any] = sample(file)
    needed = [f.name for f in dataclasses.fields(from_json(whole)) if f.default is dataclasses.MISSING]

    assert needed
    for name in needed:
        with pytest.raises(InvalidInput):
            from_json({k: v for k, v in whole.items() if k != name})


def test_fields_of_a_newer_version_are_passed_over() -> None:
    command = from_json(sample("commands/ResumeRelease.json") | {"added_later": [1]})

    assert to_json(command) == sample("commands/ResumeRelease.json")


@pytest.mark.parametrize(
    "message", [None, [], "ResumeRelease", {}, {"command": ["ResumeRelease"]}, {"command": "Approve"}], ids=repr
)
def test_what_is_no_command_is_refused(message: Any) -> None:
    with pytest.raises(InvalidInput, match="not a command"):
        from_json(message)
