"""IAM sees the parameters that GetParametersByPath and GetParameters ask for; ministack sees `*`."""

import json
from typing import Any

from ministack.core import iam_actions

from local.engine.patches.expected import replace

_original: dict[str, Any] = {}


def apply() -> None:
    """Wrap the function that tells which resource a request is about."""
    _original["resource"] = replace(
        iam_actions,
        "extract_resource_arn",
        _resource_arn,
        parameters="service method path headers body query_params region account_id",
    )


def _resource_arn(  # noqa: PLR0913, PLR0917  # the signature of the function that it replaces
    service: str, method: str, path: str, headers: Any, body: bytes, query_params: Any, region: str, account_id: str
) -> str:
    operation = str(headers.get("x-amz-target", "")).rsplit(".", 1)[-1]
    if service == "ssm" and operation in ("GetParametersByPath", "GetParameters"):
        document = json.loads(body or b"{}")
        name = str(document.get("Path") or (document.get("Names") or [""])[0])
        return f"arn:aws:ssm:{region}:{account_id}:parameter/{name.removeprefix('/')}"
    return str(_original["resource"](service, method, path, headers, body, query_params, region, account_id))
