"""The engine's endpoints under `/_sluice/`, which exist here only: they arrange what AWS does not offer."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any


def call(engine_url: str, method: str, path: str, document: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Call one of them (`local.engine.patches.admin_endpoint`)."""
    request = urllib.request.Request(  # noqa: S310  # http on loopback
        f"{engine_url}/_sluice/{path}", method=method, data=json.dumps(document or {}).encode()
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # http on loopback
        return dict(json.load(answer))
