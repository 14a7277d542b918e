"""Requests and seeded documents checked against botocore's service model, which is the truth for shapes."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.model import OperationModel, ServiceModel

from local.engine.sagemaker.errors import invalid

_OTHER_SPELLINGS = (
    (r"\p{L}", r"\w"),
    (r"\p{Z}", r"\s"),
    (r"\p{N}", r"\d"),
    (r"\p{Print}", r"[^\x00-\x1f]"),
    (r"\p{Alnum}", r"\w"),
    ("${1,128}", ""),
    ("${1,256}", ""),
    (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF"),  # Java writes what is beyond 16 bits in pairs
)


@cache
def model() -> ServiceModel:
    """The service model of SageMaker that botocore brings."""
    return botocore.session.Session().get_service_model("sagemaker")


@cache
def operation(name: str) -> OperationModel:
    """The part of the model about one operation."""
    return model().operation_model(name)


def check_request(name: str, document: dict[str, Any]) -> None:
    """Raise ValidationException, worded as SageMaker does, for what the model of the operation forbids."""
    shape = operation(name).input_shape
    found = faults(shape, document) if shape is not None else []
    if found:
        plural = "errors" if len(found) > 1 else "error"
        raise invalid(f"{len(found)} validation {plural} detected: {'; '.join(found)}")


def faults(shape: Any, document: Any) -> list[str]:
    """What a shape of any service's model forbids of a document, in the words of AWS's validation errors."""
    return list(_faults(shape, document, ""))


def known_members(name: str, document: dict[str, Any]) -> dict[str, Any]:
    """The members of a document that the operation's answer has."""
    shape = operation(name).output_shape
    members = shape.members if shape is not None else {}
    return {k: v for k, v in document.items() if k in members and v is not None}


def unknown_members(name: str, document: dict[str, Any]) -> list[str]:
    """The members of a document that the operation's answer does not have."""
    shape = operation(name).output_shape
    return sorted(set(document) - set(shape.members if shape is not None else {}))


def _faults(shape: Any, value: Any, path: str) -> Iterator[str]:
    match shape.type_name:
        case "structure" if isinstance(value, dict):
            yield from _structure_faults(shape, value, path)
        case "list" if isinstance(value, list):
            yield from _range(shape, len(value), value, path, "length")
            for index, item in enumerate(value, 1):
                yield from _faults(shape.member, item, f"{path}{index}.member.")
        case "map" if isinstance(value, dict):
            yield from _range(shape, len(value), value, path, "length")
            for key, item in value.items():
                yield from _faults(shape.key, key, path)
                yield from _faults(shape.value, item, f"{path}{key}.member.")
        case "string" if isinstance(value, str):
            yield from _string_faults(shape, value, path)
        case "integer" | "long" if isinstance(value, int):
            yield from _range(shape, value, value, path, "value")


def _structure_faults(shape: Any, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _fault("null", f"{path}{_camel(name)}", "Member must not be null")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _faults(member, value[name], f"{path}{_camel(name)}.")


def _string_faults(shape: Any, value: str, path: str) -> Iterator[str]:
    enum = shape.enum
    if enum and value not in enum:
        yield _fault(value, path, f"Member must satisfy enum value set: [{', '.join(enum)}]")
    yield from _range(shape, len(value), value, path, "length")
    pattern = shape.metadata.get("pattern")
    if pattern and not enum and not re.fullmatch(_python_pattern(pattern), value, re.DOTALL):
        yield _fault(value, path, f"Member must satisfy regular expression pattern: {pattern}")


def _range(shape: Any, number: int, value: Any, path: str, what: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and number < low:
        yield _fault(value, path, f"Member must have {what} greater than or equal to {low}")
    if high is not None and number > high:
        yield _fault(value, path, f"Member must have {what} less than or equal to {high}")


def _fault(value: Any, path: str, rule: str) -> str:
    return f"Value '{value}' at '{path.rstrip('.')}' failed to satisfy constraint: {rule}"


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]


@cache
def _python_pattern(pattern: str) -> str:
    # \p{L} alone cannot be said in a class of `re`; \w stands for letters and digits together. Two shapes of the model
    # end their pattern with `${1,256}`, which no engine reads as meant; the length is checked apart.
    if r"\p{P}" in pattern:
        return r"[^\x00-\x08]*"  # letters, marks, separators, symbols, numbers, punctuation: all but control characters
    for theirs, ours in _OTHER_SPELLINGS:
        pattern = pattern.replace(theirs, ours)
    return pattern
