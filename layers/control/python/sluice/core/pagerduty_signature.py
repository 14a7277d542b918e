"""Whether a webhook comes from PagerDuty: one of its signatures over the raw body. Pure.

Form and algorithm: PagerDuty, "Verifying Signatures" (developer-docs, docs/webhooks/04-Signatures.md): `v1=` and the
hex of HMAC-SHA256 over the body, one for each secret of a rotation, by commas. The signature knows no time: an old
webhook is told from a new one by what it says. Each part is checked for its form before anything is compared, since
`compare_digest` raises on text that is not ASCII.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable

_SIGNATURE = re.compile(r"v1=[0-9a-f]{64}", re.ASCII)
_MOST = 10
"""More signatures than a rotation has secrets."""


def is_genuine(body: bytes, *, signatures: str, secrets: Iterable[str]) -> bool:
    """Check a body against every valid secret; an empty one signs nothing: anybody could sign with it."""
    given = [part for part in map(str.strip, signatures[:1000].split(",")[:_MOST]) if _SIGNATURE.fullmatch(part)]
    wanted = [sign(body, secret) for secret in secrets if secret and given]
    return any(hmac.compare_digest(each, one) for each in given for one in wanted)


def sign(body: bytes, secret: str) -> str:
    """The signature of a body."""
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
