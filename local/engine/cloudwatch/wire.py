"""The three protocols of CloudWatch (RPC v2 CBOR, JSON, Query), read into a document and written from one.

The codecs are botocore's own, guided by its service model; ministack needs a package for CBOR that we do without.
"""

import io
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import botocore.session
from botocore.model import ServiceModel
from botocore.parsers import RpcV2CBORParser
from botocore.serialize import RpcV2CBORSerializer

from local.engine.sagemaker.errors import ApiError

type Answer = tuple[int, dict[str, str], bytes]

_NAMESPACE = "http://monitoring.amazonaws.com/doc/2010-08-01/"


@dataclass(frozen=True, slots=True)
class Call:
    """A request: what is asked for, with timestamps in seconds, and the protocol to answer in."""

    operation: str
    document: dict[str, Any]
    protocol: str


@cache
def model() -> ServiceModel:
    """The service model of CloudWatch that botocore brings."""
    return botocore.session.Session().get_service_model("cloudwatch")


def call(path: str, headers: Any, body: bytes, query: Any) -> Call:
    """Read a request."""
    if found := re.search(r"/operation/([^/?]+)", path):
        decoded = RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(body))) if body else {}
        return Call(found[1], _plain(decoded), "cbor")
    target = str(headers.get("x-amz-target", ""))
    if target:
        return Call(target.rsplit(".", 1)[-1], json.loads(body or b"{}"), "json")
    fields = {k: v[0] if isinstance(v, list) else str(v) for k, v in dict(query or {}).items()}
    fields |= {k: v[0] for k, v in parse_qs((body or b"").decode(errors="replace"), keep_blank_values=True).items()}
    operation = fields.get("Action", "")
    known = operation in model().operation_names
    shape = model().operation_model(operation).input_shape if known else None
    return Call(operation, _from_fields(shape, fields, "") or {}, "query")


def call_of(operation: str, body: bytes, query: Any) -> Call:
    """Read a request whose path and headers are not at hand: its body tells the protocol."""
    if body and body[0] >> 5 == 5:  # a map in CBOR
        return call(f"/operation/{operation}", {}, body, {})
    headers = {"x-amz-target": f"x.{operation}"} if body[:1] == b"{" else {}
    return call("/", headers, body, query)


def answer(asked: Call, document: dict[str, Any]) -> Answer:
    """Write an answer; members that the model does not know are left out."""
    shape = model().operation_model(asked.operation).output_shape
    known = _shaped(shape, document) if shape is not None else {}
    match asked.protocol:
        case "cbor":
            written = bytearray()
            if shape is not None:
                RpcV2CBORSerializer()._serialize_data_item(written, known, shape)  # type: ignore[attr-defined]  # not in the stubs
            return _cbor(200, bytes(written) or b"\xa0")
        case "json":
            return 200, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(known).encode()
        case _:
            inner = _xml(shape, known) if shape is not None else ""
            name = asked.operation
            result = f"<{name}Result>{inner}</{name}Result>" if shape is not None else ""
            text = f'<{name}Response xmlns="{_NAMESPACE}">{result}{_metadata()}</{name}Response>'
            return 200, {"Content-Type": "text/xml"}, text.encode()


def refusal(asked: Call, error: ApiError) -> Answer:
    """Write an error as the protocol has it."""
    status = 404 if error.code == "ResourceNotFound" else 403 if "AccessDenied" in error.code else 400
    document = {"__type": error.code, "message": str(error)}
    match asked.protocol:
        case "cbor":
            fields = b"".join(_text(part) for pair in document.items() for part in pair)
            status, headers, body = _cbor(status, b"\xa2" + fields)
            return status, {**headers, "x-amzn-query-error": f"{error.code};Sender"}, body
        case "json":
            return status, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(document).encode()
        case _:
            inner = f"<Type>Sender</Type><Code>{error.code}</Code><Message>{escape(str(error))}</Message>"
            text = f'<ErrorResponse xmlns="{_NAMESPACE}"><Error>{inner}</Error>{_metadata()}</ErrorResponse>'
            return status, {"Content-Type": "text/xml"}, text.encode()


def _cbor(status: int, body: bytes) -> Answer:
    return status, {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}, body


def _text(value: str) -> bytes:
    # A CBOR text string with a two-byte length, enough for any message.
    encoded = value.encode()
    return b"\x79" + len(encoded).to_bytes(2, "big") + encoded


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
        case _:
            return value


def _shaped(shape: Any, value: Any) -> Any:
    match shape.type_name:
        case "structure":
            present = {k: v for k, v in value.items() if k in shape.members and v is not None}
            return {k: _shaped(shape.members[k], v) for k, v in present.items()}
        case "list":
            return [_shaped(shape.member, item) for item in value]
        case "map":
            return {k: _shaped(shape.value, v) for k, v in value.items()}
        case "double" | "float":
            return float(value)
        case _:
            return value


def _from_fields(shape: Any, fields: dict[str, str], prefix: str) -> Any:
    kind = shape.type_name if shape is not None else "structure"
    if kind == "structure":
        members = shape.members if shape is not None else {}
        dot = f"{prefix}." if prefix else ""
        found = {name: _from_fields(member, fields, f"{dot}{name}") for name, member in members.items()}
        return {name: value for name, value in found.items() if value is not None} or None
    if kind == "list":
        items: list[Any] = []
        while (item := _from_fields(shape.member, fields, f"{prefix}.member.{len(items) + 1}")) is not None:
            items.append(item)
        return items or None
    text = fields.get(prefix)
    return None if text is None else _scalar(kind, text)


def _scalar(kind: str, text: str) -> Any:
    match kind:
        case "integer" | "long":
            return int(text)
        case "double" | "float":
            return float(text)
        case "boolean":
            return text == "true"
        case "timestamp":
            return datetime.fromisoformat(text).timestamp() if "-" in text else float(text)
        case _:
            return text


def _xml(shape: Any, value: Any) -> str:
    match shape.type_name:
        case "structure":
            return "".join(f"<{k}>{_xml(shape.members[k], v)}</{k}>" for k, v in value.items())
        case "list":
            return "".join(f"<member>{_xml(shape.member, item)}</member>" for item in value)
        case "timestamp":
            return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case "boolean":
            return "true" if value else "false"
        case _:
            return escape(str(value))


def _metadata() -> str:
    return "<ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata>"
