"""Whether a request comes from Slack: its signature over the raw body, and its age. Pure.

Base string and header forms: Slack, "Verifying requests from Slack" (docs.slack.dev); the known answer of
python-slack-sdk's own test is one of our tests. Headers are checked for their form before anything is compared, since
`slack_sdk`'s verifier raises on a timestamp that is no number and on a signature that is not ASCII.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable

MAX_AGE_S = 300

_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)


def is_genuine(body: bytes, *, timestamp: str, signature: str, secrets: Iterable[str], now_s: int) -> bool:
    """Check one request against every valid signing secret (two during a rotation); times in seconds, UTC.

    An empty secret signs nothing: anybody could sign with it.
    """
    if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        return False
    if abs(now_s - int(timestamp)) > MAX_AGE_S:
        return False
    return any(secret and hmac.compare_digest(sign(body, timestamp, secret), signature) for secret in secrets)


def sign(body: bytes, timestamp: str, secret: str) -> str:
    """The signature of a body: `v0=` and the lower-case hex of HMAC-SHA256 with the secret as text."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
