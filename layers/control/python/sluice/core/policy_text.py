"""YAML text of policies, people and schedules, read without trust: plain values only, and every error has its place.

Of YAML only what JSON can say is taken, in YAML's notation: no tags, anchors or aliases (so no objects and no
bombs), no second document, no repeated key. Plain `yes`, `on`, `4:30` and dates stay texts, as in YAML 1.2.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import ValidationError

from sluice.model.document_fields import Document
from sluice.model.policy import PolicyDocument
from sluice.model.refusal import DocumentRefused, FieldPath, Problem, field_name, problem_paths

MAX_BYTES = 8 * 1024
"""Limit of an advanced parameter (Intelligent-Tiering)."""
MAX_DEPTH = 10
"""Deeper than any document of ours; bounds the recursion below."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]{1,3})?")
_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

type Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ParsedText:
    """Plain values of a text, and the place (line, column, from 1) of each field in it."""

    values: Mapping[str, Any]
    places: Mapping[FieldPath, Place]

    def place(self, path: FieldPath) -> Place:
        """Where a field stands, or the nearest thing around it that does."""
        return next(self.places[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.places)


def read_document[D: Document](cls: type[D], text: str) -> D:
    """Read and validate a document; raises DocumentRefused with the line, column and field of every problem."""
    parsed = parse_text(text)
    try:
        return cls.model_validate(parsed.values)
    except ValidationError as error:
        problems = [Problem(field_name(path), reason, *parsed.place(path)) for path, reason in problem_paths(error)]
        raise DocumentRefused(sorted(problems, key=lambda p: (p.line, p.column))) from error


def default_policy(text: str) -> PolicyDocument:
    """The policy of groups that have none, from the stack's own text: whatever that says, it only observes."""
    values = parse_text(text).values
    return PolicyDocument.parse({**values, "mode": "observe"})


def parse_text(text: str) -> ParsedText:
    """Plain values of a YAML text, or DocumentRefused; nothing else is raised, whatever the text."""
    _check_size(text)
    if "{{" in text:
        line, column = _place_of(text, text.index("{{"))
        raise DocumentRefused([Problem("", "must not contain '{{': Parameter Store would replace it", line, column)])
    try:
        return _Reader(text).read()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise DocumentRefused([Problem("", f"is not YAML: {error.problem or error.context}", line, column)]) from error
    except yaml.reader.ReaderError as error:
        line, column = _place_of(text, error.position)
        raise DocumentRefused([Problem("", "has a character that YAML does not allow", line, column)]) from error
    except (ValueError, OverflowError) as error:  # PyYAML lets those of chr() and int() out, as for "\UFFFFFFFF"
        raise DocumentRefused([Problem("", "has an escape or a number that is out of range", 1, 1)]) from error


def _check_size(text: str) -> None:
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise DocumentRefused([Problem("", f"has {size} bytes; at most {MAX_BYTES} are allowed", 1, 1)])


def _place_of(text: str, index: int) -> Place:
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


class _Reader:
    """Builds values from the parser's events, so that nothing is built before it was looked at."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.SafeLoader)
        self._places: dict[FieldPath, Place] = {(): (1, 1)}

    def read(self) -> ParsedText:
        """Read the one document of the text."""
        self._next((), yaml.StreamStartEvent)
        first = next(self._events)
        if not isinstance(first, yaml.DocumentStartEvent):
            raise self._refused((), first, "is empty")
        values = self._value((), next(self._events))
        if not isinstance(values, dict):
            raise self._refused((), first, "should be a mapping of fields")
        self._next((), yaml.DocumentEndEvent)
        self._next((), yaml.StreamEndEvent)
        return ParsedText(values, self._places)

    def _next(self, path: FieldPath, wanted: type[yaml.Event]) -> yaml.Event:
        event = next(self._events)
        if not isinstance(event, wanted):
            raise self._refused(path, event, "holds more than one document")
        return event

    def _value(self, path: FieldPath, event: yaml.Event) -> Any:
        self._check(path, event)
        match event:
            case yaml.ScalarEvent():
                return self._scalar(path, event)
            case yaml.SequenceStartEvent():
                return self._list(path)
            case yaml.MappingStartEvent():
                return self._mapping(path)
            case _:
                raise self._refused(path, event, "cannot be read")

    def _check(self, path: FieldPath, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._refused(path, event, "uses an anchor or alias (& or *), which is not allowed")
        if getattr(event, "tag", None):
            raise self._refused(path, event, "uses a tag (!), which is not allowed")
        if len(path) > MAX_DEPTH:
            raise self._refused(path, event, f"is nested more than {MAX_DEPTH} deep")

    def _list(self, path: FieldPath) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            below = (*path, len(items))
            self._places[below] = _place(event)
            items.append(self._value(below, event))
        return items

    def _mapping(self, path: FieldPath) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(path, event)
            below = (*path, key)
            if key in fields:
                raise self._refused(below, event, "is given twice")
            self._places[below] = _place(event)
            fields[key] = self._value(below, next(self._events))
        return fields

    def _key(self, path: FieldPath, event: yaml.Event) -> str:
        self._check(path, event)
        key = self._scalar(path, event) if isinstance(event, yaml.ScalarEvent) else None
        if not isinstance(key, str) or not key:
            raise self._refused(path, event, "has a key that is not a text")
        return key

    def _scalar(self, path: FieldPath, event: yaml.ScalarEvent) -> Any:
        text: str = event.value
        if _CONTROL.search(text):
            raise self._refused(path, event, "has a control character")
        if event.style is not None:
            return text
        if text.lower() in _WORDS:
            return _WORDS[text.lower()]
        if _INTEGER.fullmatch(text):
            return int(text)
        return self._float(path, event) if _FLOAT.fullmatch(text) else text

    def _float(self, path: FieldPath, event: yaml.ScalarEvent) -> float:
        number = float(event.value)
        if not math.isfinite(number):
            raise self._refused(path, event, "is too large a number")
        return number

    def _refused(self, path: FieldPath, event: yaml.Event, reason: str) -> DocumentRefused:
        return DocumentRefused([Problem(field_name(path), reason, *_place(event))])


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
