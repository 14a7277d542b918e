"""What a webhook is signed with, so that its receiver knows who speaks and when. Pure."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping

SIGNATURE, TIMESTAMP = "Sluice-Signature", "Sluice-Timestamp"


def signed(body: bytes, *, at_s: int, secrets: Iterable[str]) -> Mapping[str, str]:
    """The headers of a body: a time in seconds, and one `v1=` a valid secret (two during a rotation), by commas."""
    signatures = ",".join(f"v1={_sign(body, at_s, secret)}" for secret in secrets if secret)
    return {TIMESTAMP: str(at_s), SIGNATURE: signatures}


def _sign(body: bytes, at_s: int, secret: str) -> str:
    """Lower-case hex of HMAC-SHA256 over the time, a dot and the raw body."""
    return hmac.new(secret.encode(), str(at_s).encode() + b"." + body, hashlib.sha256).hexdigest()
