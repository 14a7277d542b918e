"""Small, total readings of JSON values that strangers wrote: a number, a name, an object, or nothing."""

from collections.abc import Mapping
from typing import Any

NAME_CHARS = 200


def number(value: Any) -> float | None:
    """A finite number; texts such as "NaN" and truth values are none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) + 0.0  # -0.0 becomes 0.0, so that equal values have equal texts


def mapping(value: Any) -> Mapping[str, Any]:
    """An object, empty for anything else."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: Any) -> list[Any]:
    """A list, empty for anything else."""
    return value if isinstance(value, list) else []


def name(value: Any) -> str:
    """A name of bounded length; numbers become their text, since Clarify writes facet values either way."""
    if isinstance(value, (list, tuple)):
        return ", ".join(name(item) for item in value[:10])[:NAME_CHARS]
    return str(value)[:NAME_CHARS]


def why_no_number(entry: Mapping[str, Any], key: str = "value") -> str:
    """Why an entry has no usable number, in its own words where it gives some."""
    error = entry.get("error")
    if isinstance(error, str) and error:
        return error[:NAME_CHARS]
    if key not in entry:
        return f"it has no {key}"
    return f"its {key} is {str(entry[key])[:40]!r}, not a number"
