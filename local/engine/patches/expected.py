"""Assertions on ministack's private names, so that a new version is noticed at start."""

import inspect
from importlib import metadata
from types import ModuleType
from typing import Any

PINNED = "1.5.33"
"""The version of ministack that the patches were written against."""


class PatchMismatch(RuntimeError):
    """ministack is not what a patch expects."""


def replace(owner: ModuleType | type, name: str, new: Any, *, parameters: str | None = None) -> Any:
    """Put `new` in place of an attribute and return the old one.

    `parameters` are the names that the old function takes, separated by spaces; a difference raises PatchMismatch.
    """
    where = f"{owner.__name__}.{name}"
    if not hasattr(owner, name):
        raise PatchMismatch(_message(f"{where} is gone"))
    old = getattr(owner, name)
    if parameters is not None and (found := " ".join(inspect.signature(old).parameters)) != parameters:
        raise PatchMismatch(_message(f"{where} takes ({found}), not ({parameters})"))
    setattr(owner, name, new)
    return old


def substituted(text: str, old: str, new: str, *, where: str, times: int = 1) -> str:
    """Replace a passage of a source text that must occur exactly so often."""
    if text.count(old) != times:
        raise PatchMismatch(_message(f"{where} holds {old[:60]!r} {text.count(old)} times, not {times}"))
    return text.replace(old, new)


def _message(what: str) -> str:
    return f"ministack {metadata.version('ministack')}: {what}; the patches are written for {PINNED}, look at them anew"
