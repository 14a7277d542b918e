"""Dataclasses to JSON values and back, for records and messages on the hot path (pydantic costs half a cold start)."""

import dataclasses
import types
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from sluice.errors import InvalidInput

type Json = None | bool | int | float | str | Sequence[Json] | Mapping[str, Json]


def encode(value: Any) -> Any:
    """Turn dataclasses, enums and tuples into JSON values; everything else is passed as it is."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (list, tuple)):
        return [encode(v) for v in value]
    if isinstance(value, Mapping):
        return {str(k): encode(v) for k, v in value.items()}
    return value


def decode[T](cls: type[T], value: Any) -> T:
    """Build a `cls` from JSON values; raises InvalidInput for what does not fit.

    Fields with defaults may be absent, and unknown ones are passed over, so that a record written by
    a newer version can still be read by an older one during a deployment.
    """
    try:
        return _decode(cls, value)  # type: ignore[no-any-return]  # the hints drive the construction
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"{cls.__name__} cannot be read: {error}") from error


def _decode(hint: Any, value: Any) -> Any:
    if hasattr(hint, "__supertype__"):
        return _decode(hint.__supertype__, value)
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return None if value is None else _decode(next(a for a in args if a is not types.NoneType), value)
    if origin is tuple:
        return tuple(_decode(args[0], v) for v in _sequence(value))
    if origin in (dict, Mapping):
        return {k: _decode(args[1], v) for k, v in value.items()}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return hint(**{k: _decode(h, value[k]) for k, h in _hints(hint).items() if _wanted(hint, k, value)})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if hint in (str, int, bool) and type(value) is not hint:
        raise TypeError(f"expected {hint.__name__}, got {type(value).__name__}")
    return value


def _sequence(value: Any) -> Any:
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"expected a list, got {type(value).__name__}")
    return value


@cache
def _hints(cls: type) -> dict[str, Any]:
    fields = {f.name for f in dataclasses.fields(cls)}  # leaves out ClassVars
    return {name: hint for name, hint in get_type_hints(cls).items() if name in fields}


@cache
def _optional(cls: type) -> frozenset[str]:
    missing = dataclasses.MISSING
    fields = dataclasses.fields(cls)
    return frozenset(f.name for f in fields if f.default is not missing or f.default_factory is not missing)


def _wanted(cls: type, name: str, value: Any) -> bool:
    if not isinstance(value, Mapping):
        raise TypeError(f"expected an object for {cls.__name__}, got {type(value).__name__}")
    return name in value or name not in _optional(cls)
