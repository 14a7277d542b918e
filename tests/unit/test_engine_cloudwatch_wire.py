"""The three protocols of the embedded CloudWatch say the same."""

import json
from urllib.parse import urlencode

import pytest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from local.engine.cloudwatch import wire
from local.engine.sagemaker.errors import ApiError

REQUEST = {
    "Namespace": "Mine",
    "MetricName": "Took",
    "Dimensions": [{"Name": "Shop", "Value": "a"}, {"Name": "Till", "Value": "2"}],
    "StartTime": 1_700_000_000.0,
    "EndTime": 1_700_000_600.0,
    "Period": 60,
    "Statistics": ["Sum", "Average"],
}
ANSWER = {"Label": "Took", "Datapoints": [{"Timestamp": 1_700_000_000, "Sum": 3, "Average": 1.5, "Unit": "Count"}]}


@pytest.mark.parametrize("protocol", ["smithy-rpc-v2-cbor", "json", "query"])
def test_a_request_of_each_protocol_is_the_same_call(protocol: str) -> None:
    model = wire.model().operation_model("GetMetricStatistics")
    sent = create_serializer(protocol).serialize_to_request(REQUEST, model)
    body = sent["body"]
    raw = urlencode(body).encode() if isinstance(body, dict) else body
    headers = {key.lower(): value for key, value in sent["headers"].items()}

    call = wire.call(sent["url_path"], headers, raw.encode() if isinstance(raw, str) else bytes(raw), {})

    assert call.operation == "GetMetricStatistics"
    assert call.document == REQUEST


@pytest.mark.parametrize("protocol, name", [("cbor", "smithy-rpc-v2-cbor"), ("json", "json"), ("query", "query")])
def test_an_answer_is_read_by_the_client_of_its_protocol(protocol: str, name: str) -> None:
    model = wire.model().operation_model("GetMetricStatistics")

    status, headers, body = wire.answer(wire.Call("GetMetricStatistics", {}, protocol), {**ANSWER, "Unknown": 1})

    assert model.output_shape is not None
    parsed = create_parser(name).parse({"status_code": status, "headers": headers, "body": body}, model.output_shape)
    (point,) = parsed["Datapoints"]
    assert (parsed["Label"], point["Sum"], point["Unit"]) == ("Took", 3.0, "Count")
    assert point["Timestamp"].timestamp() == 1_700_000_000


@pytest.mark.parametrize("protocol, name", [("cbor", "smithy-rpc-v2-cbor"), ("json", "json"), ("query", "query")])
def test_an_error_is_read_by_the_client_of_its_protocol(protocol: str, name: str) -> None:
    model = wire.model().operation_model("DescribeAlarms")
    error = ApiError("InvalidFormat", "this is <no> JSON")

    status, headers, body = wire.refusal(wire.Call("DescribeAlarms", {}, protocol), error)

    assert model.output_shape is not None
    answer = {"status_code": status, "headers": headers, "body": body}
    parsed = create_parser(name).parse(answer, model.output_shape)
    assert status == 400
    assert parsed["Error"]["Code"] == "InvalidFormat"
    assert parsed["Error"]["Message"] == "this is <no> JSON"


def test_a_body_tells_its_protocol_by_its_first_byte() -> None:
    as_json = json.dumps(REQUEST).encode()
    as_form = urlencode({"Action": "PutMetricData", "Namespace": "Mine"}).encode()
    model = wire.model().operation_model("PutMetricData")
    as_cbor = create_serializer("smithy-rpc-v2-cbor").serialize_to_request({"Namespace": "Mine"}, model)["body"]

    found = [wire.call_of("PutMetricData", bytes(body), {}) for body in (as_json, as_form, as_cbor)]

    assert [call.document["Namespace"] for call in found] == ["Mine"] * 3
    assert [call.protocol for call in found] == ["json", "query", "cbor"]
