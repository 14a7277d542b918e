"""Field types shared by the documents that people write: durations, Slack ids, names, numbers without surprises."""

import hashlib
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from sluice.model.canonical import canonical_text
from sluice.model.ids import Digest

_DURATION = re.compile(r"(?P<amount>[1-9][0-9]{0,6})(?P<unit>[smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
MINUTE_S = 60
DAY_S = 86400


class Document(BaseModel):
    """Base of everything read from a parameter: immutable, and an unknown field is an error, not a silent nothing.

    The text under each field is its documentation: docs/policy.md and the JSON Schema are made from it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


class WholeDocument(Document):
    """The outermost part of a document: what a parameter holds."""

    @property
    def canonical(self) -> str:
        """The document with all defaults filled in, as JSON text of one form: equal documents have equal texts."""
        return canonical_text(self.model_dump(mode="json"))

    @property
    def digest(self) -> Digest:
        """SHA-256 of the canonical text."""
        return Digest("sha256:" + hashlib.sha256(self.canonical.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Spelled:
    """How a text has to be spelled, and the reason that a person gets instead of the pattern."""

    pattern: str
    should: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The check of the text, for pydantic."""
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The pattern, for the JSON Schema."""
        return {**handler(schema), "pattern": self.pattern}

    def _checked(self, text: str) -> str:
        if re.fullmatch(self.pattern, text) is None:
            raise ValueError(f"should be {self.should}")
        return text


def duration_s(value: Any) -> Any:
    """Seconds of a duration such as `30m`, `24h` or `7d`; raises ValueError for anything else."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("should be a whole number with a unit, such as 45s, 30m, 24h or 7d")
    return int(match["amount"]) * _SECONDS[match["unit"]]


Duration = Annotated[
    int,
    BeforeValidator(duration_s),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,6}[smhd]$", "examples": ["30m", "24h", "7d"]}),
]
"""A time span as `45s`, `30m`, `24h` or `7d`; kept in seconds."""

SlackPerson = Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{1,20}$")]
"""Slack's id of a person (`U…` or `W…`), found in the person's Slack profile under “Copy member ID”."""

SlackGroup = Annotated[str, Field(pattern=r"^S[A-Z0-9]{1,20}$")]
"""Slack's id of a user group (`S…`)."""

SlackChannel = Annotated[str, Field(pattern=r"^[CG][A-Z0-9]{1,20}$")]
"""Slack's id of a channel (`C…`, or `G…` for an old private one)."""

Name = Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_.:@-]{0,62}$")]
"""A name for machines: letters, digits and `_ . : @ -`, up to 63 characters."""

Label = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A short text for people."""

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A finite number, not a text that looks like one."""

Share = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=1)]
"""A share above 0 and up to 1."""

Margin = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]
"""A finite number that is not negative."""

Flag = Annotated[bool, Field(strict=True)]
"""`true` or `false`."""
