"""Addresses that a policy may name: https, and for what Sluice calls by itself, a name that everybody can resolve."""

import re

MOST_CHARS = 500
_ADDRESS = re.compile(r"https://(?P<host>[A-Za-z0-9.-]+)(:(?P<port>[0-9]{1,5}))?(?P<rest>[/?#][!#-;=?-Z\[\]_a-z~]*)?")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_TOP = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,59}")
_PRIVATE = (
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "invalid",
    "corp",
    "home",
    "lan",
    "private",
    "onion",
    "arpa",
)
"""Last labels of names that are known inside of some network only."""


def web_address(text: str) -> str:
    """An https address that a person can open; raises ValueError for anything else."""
    if not text.startswith("https://"):
        raise ValueError("should begin with https://")
    if len(text) > MOST_CHARS:
        raise ValueError(f"should have at most {MOST_CHARS} characters")
    if "@" in re.split(r"[/?#]", text.removeprefix("https://"), maxsplit=1)[0]:
        raise ValueError("should hold no user name or password: whoever reads the policy would have them")
    found = _ADDRESS.fullmatch(text)
    if found is None or int(found["port"] or 443) not in range(1, 65536) or not _is_name(found["host"].lower()):
        raise ValueError("should be an address such as https://example.com/path, with a name and no IP address")
    return text


def public_address(text: str) -> str:
    """An https address outside of all private networks, by its name; raises ValueError for anything else.

    What the name resolves to is looked at when it is called.
    """
    place = re.split(r"[/?#]", web_address(text).removeprefix("https://"), maxsplit=1)[0]
    host, _, port = place.partition(":")
    if port not in ("", "443"):
        raise ValueError("should have no other port than 443")
    if "#" in text:
        raise ValueError("should have no '#': what follows it is not sent")
    labels = host.lower().removesuffix(".").split(".")
    if len(labels) == 1 or labels[-1] in _PRIVATE:
        raise ValueError("should have a public name: Sluice calls nothing inside of a private network")
    return text


def _is_name(host: str) -> bool:
    """Whether it is a host's name. The last part of an IP address begins with a digit, however it is written."""
    labels = host.removesuffix(".").split(".")
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in labels) and bool(_TOP.fullmatch(labels[-1]))
