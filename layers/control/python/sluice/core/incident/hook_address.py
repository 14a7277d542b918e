"""Where a webhook may be: https to a public name, so that nobody lets Sluice knock at doors inside. Pure."""

import re
from typing import Final
from urllib.parse import urlsplit

_LONGEST: Final = 2000
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_VISIBLE: Final = re.compile(r"[!-~]+", re.ASCII)
# Names that lead inside wherever they are looked up: RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`, and habit.
_PRIVATE: Final = frozenset(
    {"arpa", "corp", "home", "internal", "intranet", "invalid", "lan", "local", "localdomain", "localhost", "onion"}
)


def problem_of(url: str) -> str:
    """Why nothing may be sent to an address, in words; empty when it may. Says nothing of the address itself."""
    if len(url) > _LONGEST or not _VISIBLE.fullmatch(url) or "\\" in url:
        return f"it is no address in plain ASCII of at most {_LONGEST} characters"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "it is no address"
    if parts.scheme != "https":
        return "it does not begin with https://"
    if "@" in parts.netloc:
        return "it holds a user or a password"
    if port not in (None, 443):
        return "its port is not 443"
    if parts.fragment:
        return "it has a fragment"
    return _host_problem((parts.hostname or "").removesuffix("."))


def _host_problem(host: str) -> str:
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return "its host is no name"
    # The last label of a name begins with a letter (RFC 1123); 127.1, 0x7f.1 and 2130706433 are addresses.
    if not labels[-1][0].isalpha():
        return "its host is an address, not a name"
    if len(labels) < 2 or labels[-1] in _PRIVATE:
        return "its host is a private name"
    return ""
