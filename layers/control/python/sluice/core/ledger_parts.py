"""Parts of a ledger record's line that every kind of record says alike: who, and why. Pure."""

from collections.abc import Mapping
from typing import Any

type Body = Mapping[str, Any]
"""The facts of a record, as whatever version of Sluice wrote them."""


def person(body: Body) -> str:
    """Who it was, by name and id."""
    name, slack = body.get("name"), body.get("person")
    return f"{name} ({slack})" if name else str(slack)


def reason(body: Body, name: str = "reason") -> str:
    """What was said for it, with a colon before; nothing where nothing was said."""
    return f": {body[name]}" if body.get(name) else ""
