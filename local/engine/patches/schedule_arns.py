"""IAM sees a schedule in the group that the request names; ministack takes every schedule for one of `default`."""

import json
from typing import Any

from ministack.core import iam_actions

from local.engine.patches.expected import replace

_original: dict[str, Any] = {}


def apply() -> None:
    """Wrap the function that tells which resource a request is about (the registry's patch wraps it as well)."""
    _original["resource"] = replace(iam_actions, "extract_resource_arn", _resource_arn)


def _resource_arn(  # noqa: PLR0913, PLR0917  # the signature of the function that it replaces
    service: str, method: str, path: str, headers: Any, body: bytes, query_params: Any, region: str, account_id: str
) -> str:
    found = str(_original["resource"](service, method, path, headers, body, query_params, region, account_id))
    default = ":schedule/default/"
    if service != "scheduler" or default not in found:
        return found
    return found.replace(default, f":schedule/{_group(method, body, query_params)}/")


def _group(method: str, body: bytes, query_params: Any) -> str:
    """GroupName of the body (create, update) or groupName of the query (get, delete)."""
    if method in ("POST", "PUT"):
        return str(json.loads(body or b"{}").get("GroupName") or "default")
    given = (query_params or {}).get("groupName") or "default"
    return str(given[0] if isinstance(given, list) else given)
