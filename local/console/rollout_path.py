"""A rollout's path through its state machine, without what it does by design again and again. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from local.console.release_path import Step

_BY_DESIGN = ("EndpointSettling", "States.Timeout")
"""A change polls until the endpoint has settled, and a look ends when the next one is due: neither is a problem."""


@dataclass(frozen=True)
class Stage:
    """A state, and how often in a row it was entered."""

    step: Step
    times: int = 1

    @property
    def words(self) -> str:
        """The state in words, with how often."""
        return self.step.words if self.times == 1 else f"{self.step.words} × {self.times}"


def stages(steps: Sequence[Step]) -> list[Stage]:
    """States in their order, those that follow themselves as one."""
    found: list[Stage] = []
    for step in map(_without_polls, steps):
        last = found[-1] if found else None
        if last is not None and last.step.name == step.name:
            found[-1] = Stage(replace(step, entered=last.step.entered), last.times + 1)
        else:
            found.append(Stage(step))
    return found


def _without_polls(step: Step) -> Step:
    return replace(step, problem="") if step.problem.startswith(_BY_DESIGN) else step
