"""The message of a command, apart from the commands themselves: who sends one starts without all the others."""

from typing import TYPE_CHECKING, Any

from sluice.model.codec import encode

if TYPE_CHECKING:
    from sluice.model.commands import Command


def to_json(command: "Command") -> dict[str, Any]:
    """The message of a command."""
    return {"command": type(command).__name__, **encode(command)}
