"""What a step of the machine failed with, in words that a person can read. Pure."""

import json
import re

_MESSAGE = re.compile(r'"errorMessage"\s*:\s*"((?:\\.|[^"\\])*)')
_CUT = re.compile(r"\\u[0-9a-fA-F]{0,3}$")


def plain_error(error: str) -> str:
    """`Name: sentence`: Lambda tells a cause as JSON with the trace of the stack, and the machine cuts it short."""
    name, _, cause = error.partition(": ")
    found = _MESSAGE.search(cause)
    if found is None:
        return error
    sentence: str = json.loads(f'"{_CUT.sub("", found[1])}"')
    return f"{name}: {sentence}"
