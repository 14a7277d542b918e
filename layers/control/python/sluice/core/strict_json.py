"""JSON from strangers: the bytes become plain values, or a reason why not. Nothing ambiguous is let through."""

import json
import math
from typing import Any, NoReturn

from sluice.errors import InvalidInput

MAX_DEPTH = 64
MAX_DIGITS = 64


def strict_json(content: bytes) -> Any:
    """Read JSON; raises InvalidInput for what is no JSON, says a key twice, holds NaN, or is too deep or too big.

    Two readers must not see two documents in the same bytes, hence the refusal of what JSON itself leaves open.
    """
    if not content.strip():
        raise InvalidInput("it is empty")
    try:
        value = json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_float,
            parse_int=_int,
        )
    except UnicodeDecodeError as error:
        raise InvalidInput(f"it is not UTF-8 (byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise InvalidInput(f"it is not JSON: {error.msg} in line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise InvalidInput(f"it is nested deeper than {MAX_DEPTH} levels") from error
    _check_depth(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        repeated = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # add is the point
        raise InvalidInput(f"the key {repeated[:100]!r} is said twice")
    return found


def _constant(text: str) -> NoReturn:
    raise InvalidInput(f"it holds {text}, which is no JSON number")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise InvalidInput(f"the number {text[:40]} is out of range")
    return value


def _int(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise InvalidInput(f"an integer of {len(text)} digits is out of range")
    return int(text)


def _check_depth(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise InvalidInput(f"it is nested deeper than {MAX_DEPTH} levels")
        level = [child for item in level for child in _children(item)]


def _children(value: Any) -> list[Any]:
    match value:
        case dict():
            return [child for child in value.values() if isinstance(child, (dict, list))]
        case list():
            return [child for child in value if isinstance(child, (dict, list))]
        case _:
            return []
