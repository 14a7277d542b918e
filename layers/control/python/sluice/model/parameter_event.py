"""`Parameter Store Change` as a hint: which parameter to read again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sluice.errors import InvalidInput

DETAIL_TYPE = "Parameter Store Change"


@dataclass(frozen=True, slots=True)
class ParameterEvent:
    """What is taken from the event. Whose account sent it does not matter: the parameter is read from our own."""

    name: str
    operation: str

    @classmethod
    def parse(cls, envelope: Any) -> Self:
        """Read an EventBridge envelope; raises InvalidInput for anything that is not this event."""
        if not isinstance(envelope, Mapping) or not isinstance(envelope.get("detail"), Mapping):
            raise InvalidInput("not an EventBridge event with a detail object")
        kind, source = envelope.get("detail-type"), envelope.get("source")
        if kind != DETAIL_TYPE or source != "aws.ssm":
            raise InvalidInput(f"not a {DETAIL_TYPE} of aws.ssm: {str(kind)[:100]!r}")
        name, operation = envelope["detail"].get("name"), envelope["detail"].get("operation")
        if not isinstance(name, str) or not name:
            raise InvalidInput("the event names no parameter")
        return cls(name=name, operation=str(operation or ""))
