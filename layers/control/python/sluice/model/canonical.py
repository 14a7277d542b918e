"""One text for one JSON value, so that equal values have equal bytes and hashes."""

import hashlib
import json
from typing import Any

from sluice.errors import InvalidInput
from sluice.model.codec import encode
from sluice.model.ids import Digest

# ASCII only: no Unicode normalisation, lone surrogate or line separator can make two texts of one value.
_ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))


def canonical_text(value: Any) -> str:
    """JSON with sorted keys, no spaces, ASCII only; raises InvalidInput for NaN, infinity and what JSON cannot hold."""
    try:
        return _ENCODER.encode(encode(value))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"not a JSON value: {error}") from error


def digest_of(content: bytes) -> Digest:
    """`sha256:` and the hex digits of the content's SHA-256."""
    return Digest("sha256:" + hashlib.sha256(content).hexdigest())
