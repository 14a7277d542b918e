"""STS keeps the SourceIdentity of AssumeRole, which SageMaker reports as who did something."""

import re
from typing import Any
from urllib.parse import parse_qs

from ministack.services import sts

from local.engine.patches.expected import replace

_original: dict[str, Any] = {}


def apply() -> None:
    """Wrap STS's request handler."""
    _original["handle"] = replace(
        sts, "handle_request", _handle_request, parameters="method path headers body query_params"
    )


async def _handle_request(method: str, path: str, headers: Any, body: bytes, query_params: Any) -> Any:
    status, answer_headers, answer = await _original["handle"](method, path, headers, body, query_params)
    identity = _field(body, "SourceIdentity")
    if status == 200 and identity and _field(body, "Action") == "AssumeRole":
        text = answer.decode() if isinstance(answer, bytes) else answer
        found = re.search(r"<AccessKeyId>([^<]+)</AccessKeyId>", text)
        if found and found[1] in sts._sessions:
            sts._sessions[found[1]]["SourceIdentity"] = identity
            element = f"<SourceIdentity>{identity}</SourceIdentity></AssumeRoleResult>"
            answer = text.replace("</AssumeRoleResult>", element).encode()
    return status, answer_headers, answer


def _field(body: bytes, name: str) -> str:
    return parse_qs((body or b"").decode(errors="replace")).get(name, [""])[0]
