"""ARNs of those who call AWS, and patterns for them as `/sluice/people` writes them.

Compared as written, like IAM policies do: another case is another principal. A session of a role is known by account,
role name and session name; the path of a role is not part of a session's ARN, so it is left aside. `*` may end
a session name and stands for any rest; it may stand nowhere else.
"""

import re
from dataclasses import dataclass
from typing import Self

from sluice.errors import InvalidInput

_ARN = re.compile(
    r"arn:aws[a-z-]*:(?P<service>iam|sts)::(?P<account>[0-9]{12}):"
    r"(?P<kind>user|role|assumed-role|federated-user)/(?P<rest>[\x21-\x7e]{1,600})"
)
_NAME = re.compile(r"[\w+=,.@-]{1,64}")
_SERVICE_OF_KIND = {"user": "iam", "role": "iam", "assumed-role": "sts", "federated-user": "sts"}


@dataclass(frozen=True, slots=True)
class Principal:
    """A user, a role, or one session of a role. `session` is None where there is none, `*` at its end is a wildcard."""

    account: str
    kind: str
    name: str
    session: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the ARN of a caller or a pattern for one; raises InvalidInput for anything else (also for root)."""
        match = _ARN.fullmatch(text)
        if match is None or _SERVICE_OF_KIND[match["kind"]] != match["service"]:
            raise InvalidInput("is not the ARN of an IAM user, role, role session or federated user")
        kind, (*path, last) = match["kind"], match["rest"].split("/")
        if kind == "assumed-role":
            if len(path) != 1:
                raise InvalidInput("should be assumed-role/ROLE/SESSION")
            return cls(match["account"], "role", _name(path[0]), _session(last))
        return cls(match["account"], kind, _name(last) if kind == "role" else _user(kind, match["rest"]))

    def covers(self, caller: "Principal") -> bool:
        """Whether this pattern is about that caller. A role without a session covers every session of it."""
        if (self.account, self.kind, self.name) != (caller.account, caller.kind, caller.name):
            return False
        return self.session is None or _covers(self.session, caller.session)

    def overlaps(self, other: "Principal") -> bool:
        """Whether some caller could be covered by both."""
        return self.covers(other) or other.covers(self)


def _covers(pattern: str, session: str | None) -> bool:
    if session is None:
        return False
    if pattern.endswith("*"):
        return session.startswith(pattern[:-1])
    return pattern == session


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise InvalidInput("has a name that IAM does not allow; * may only end a session name")
    return text


def _session(text: str) -> str:
    _name(text.removesuffix("*") or "any")
    return text


def _user(kind: str, rest: str) -> str:
    """IAM users are known by path and name; the name alone is unique, but the whole is what the ARN says."""
    *path, last = rest.split("/")
    return "/".join([*path, _name(last)]) if kind == "user" else _name(rest)
