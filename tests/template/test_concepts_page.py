"""docs/concepts.md draws the state machine of a rollout: every task of it, and no way that it does not have."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from tests.machine import ROOT, definition

PICTURE = re.findall(r"```mermaid\n(.*?)```", (ROOT / "docs/concepts.md").read_text(), re.DOTALL)[0]
STATES: Mapping[str, Any] = definition("rollout")["States"]


def drawn() -> set[tuple[str, str]]:
    """The arrows of the picture, without what stands on them."""
    lines = [re.sub(r"-- .*? -->", "-->", line).split("-->") for line in PICTURE.splitlines()[1:]]
    return {(a.strip(), b.strip()) for parts in lines for a, b in pairwise(parts)}


def ways() -> Iterator[tuple[str, str]]:
    """Every way from state to state, with choices left out: who comes to one goes on to where it leads."""
    for name, state in STATES.items():
        if state["Type"] == "Choice":
            continue
        catches = [catch["Next"] for catch in state.get("Catch", ())]
        for target in [state.get("Next"), *catches]:
            yield from ((name, end) for end in _ends(target))


def _ends(target: str | None) -> list[str]:
    if target is None:
        return []
    state = STATES[target]
    if state["Type"] != "Choice":
        return [target]
    return [end for choice in state["Choices"] for end in _ends(choice["Next"])] + _ends(state["Default"])


def test_every_arrow_is_a_way_of_the_machine() -> None:
    assert drawn() <= set(ways())


def test_every_task_is_drawn() -> None:
    tasks = {name for name, state in STATES.items() if state["Type"] == "Task"}

    assert tasks <= {name for arrow in drawn() for name in arrow}
