"""The loopback counts as encrypted: `aws:SecureTransport` is true, as it is for every client of AWS that uses HTTPS.

The engine speaks plain HTTP, and policies that refuse plain HTTP, as ours do, would refuse everybody.
"""

from typing import Any

from ministack.core import iam_evaluator

from local.engine.patches.expected import replace

_original: dict[str, Any] = {}


def apply() -> None:
    """Wrap the resolution of condition keys."""
    _original["resolve"] = replace(iam_evaluator, "_resolve_condition_key", _resolve, parameters="key ctx")


def _resolve(key: str, ctx: Any) -> Any:
    return "true" if key.lower() == "aws:securetransport" else _original["resolve"](key, ctx)
