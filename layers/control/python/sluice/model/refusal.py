"""Why a document was refused: each problem with its field, and with its place in the text where that is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sluice.errors import InvalidInput

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

type FieldPath = tuple[str | int, ...]

MAX_PROBLEMS = 20
"""As many problems as anybody reads at once; it also bounds what goes into the ledger and to Slack."""
_FIELD_CHARS = 200
"""Keys come from the text and may be long."""
_TOO_SHORT = "should not be empty"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (`line` and `column` count from 1, 0 where there is no text) and why."""

    field: str
    reason: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}: " if self.line else ""
        return f"{place}{self.field + ': ' if self.field else ''}{self.reason}"


class DocumentRefused(InvalidInput):
    """A document is not valid; `problems` says all that is wrong, in the order of the text."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)[:MAX_PROBLEMS]
        super().__init__("; ".join(str(p) for p in self.problems))


class FieldErrors(ValueError):
    """Raised by validators of whole documents: reasons together with the fields below that they are about."""

    def __init__(self, *errors: tuple[FieldPath, str]) -> None:
        self.errors = errors
        super().__init__("; ".join(reason for _, reason in errors))


def field_name(path: FieldPath) -> str:
    """A path as people write it: `gates.metrics[0].minimum`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")[:_FIELD_CHARS]


def problem_paths(error: "ValidationError") -> list[tuple[FieldPath, str]]:
    """Path and reason of each problem that pydantic found."""
    found = [problem for each in error.errors(include_url=False, include_input=False) for problem in _problems(each)]
    # A list whose items are wrong counts as too short as well; saying so would only mislead.
    inside = {path[:depth] for path, _ in found for depth in range(len(path))}
    return [(path, reason) for path, reason in found if not (path in inside and reason == _TOO_SHORT)]


def refusal_of(error: "ValidationError") -> DocumentRefused:
    """The refusal for what pydantic found, without places in a text."""
    return DocumentRefused(Problem(field_name(path), reason) for path, reason in problem_paths(error))


def _problems(found: "ErrorDetails") -> list[tuple[FieldPath, str]]:
    path: FieldPath = tuple(step for step in found["loc"] if step != "[key]")  # a key stands where its value does
    raised = found.get("ctx", {}).get("error")
    if isinstance(raised, FieldErrors):
        return [(path + below, reason) for below, reason in raised.errors]
    return [(path, _reason(found["type"], found["msg"]))]


def _reason(kind: str, message: str) -> str:
    """Pydantic's message in the words of a person who writes YAML."""
    if kind == "extra_forbidden":
        return "is not a field that exists here"
    if kind == "missing":
        return "is required but missing"
    if kind == "too_short":
        return _TOO_SHORT
    if kind in ("model_type", "dict_type", "tuple_type"):
        return "should be a list" if kind == "tuple_type" else "should be a mapping with fields of its own"
    text = message.removeprefix("Value error, ")
    for subject in ("Input ", "String ", "Tuple ", "Dictionary "):
        text = text.removeprefix(subject)
    return text[:1].lower() + text[1:] if text.startswith("Should") else text
