"""The function from its queue's messages to Parameter Store, tables and dead letters, all emulated by moto."""

import json
import runpy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from sluice import telemetry, wiring
from sluice.errors import TransientFailure
from tests.contract.tables import create_tables
from tests.unit.policy_texts import STANDARD

ROOT = Path(__file__).resolve().parents[2]
NAME = "/sluice/policies/fraud"


@dataclass
class Function:
    handler: Callable[[dict[str, Any], Any], dict[str, Any]]
    ssm: Any
    dynamodb: Any
    sqs: Any
    ledger: str
    dead_letters: str

    def receive(self, *bodies: str) -> dict[str, Any]:
        records = [{"messageId": f"m{n}", "body": body} for n, body in enumerate(bodies)]
        return self.handler({"Records": records}, None)

    def entries(self) -> list[str]:
        items = self.dynamodb.scan(TableName=self.ledger)["Items"]
        return sorted(item["kind"]["S"] for item in items)

    def put_aside(self) -> list[tuple[str, str]]:
        answer = self.sqs.receive_message(
            QueueUrl=self.dead_letters, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        return [(m["Body"], m["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]) for m in answer.get("Messages", [])]


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[Function]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "SLACK_CHANNEL": "C0STACK",
        "POWERTOOLS_SERVICE_NAME": "validate_policy",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        ssm, dynamodb, sqs = boto3.client("ssm"), boto3.client("dynamodb"), boto3.client("sqs")
        tables = create_tables(dynamodb)
        url = sqs.create_queue(QueueName="dead")["QueueUrl"]
        for name, value in {"control": tables.control, "ledger": tables.ledger, "outbox": tables.outbox}.items():
            monkeypatch.setenv(f"{name.upper()}_TABLE", value)
        monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", url)
        _forget_wiring()
        handler = runpy.run_path(str(ROOT / "functions/validate_policy/app.py"))["handler"]
        yield Function(handler, ssm, dynamodb, sqs, tables.ledger, url)
        _forget_wiring()


def _forget_wiring() -> None:
    for made in [*vars(wiring).values(), telemetry.logger]:
        if hasattr(made, "cache_clear"):
            made.cache_clear()


def changed(name: str = NAME, operation: str = "Update") -> str:
    sample = json.loads((ROOT / "events/ssm_parameter_store_update.json").read_text())
    return json.dumps({**sample, "detail": {**sample["detail"], "name": name, "operation": operation}})


def test_a_written_policy_is_taken_into_force_and_labelled(function: Function) -> None:
    function.ssm.put_parameter(Name=NAME, Value=STANDARD, Type="String", Tier="Intelligent-Tiering")

    answer = function.receive(changed(operation="Create"))

    assert answer == {"batchItemFailures": []}
    assert function.entries() == ["PolicyAccepted"]
    assert function.ssm.get_parameter(Name=f"{NAME}:live")["Parameter"]["Version"] == 1


def test_what_cannot_be_parsed_goes_to_the_dead_letters_while_neighbours_go_on(function: Function) -> None:
    function.ssm.put_parameter(Name=NAME, Value=STANDARD, Type="String")

    answer = function.receive("{not json", json.dumps({"detail": {}}), changed())

    assert answer == {"batchItemFailures": []}
    assert sorted(function.put_aside()) == [
        (json.dumps({"detail": {}}), "not a Parameter Store Change of aws.ssm: 'None'"),
        ("{not json", "the message is not JSON"),
    ]
    assert function.entries() == ["PolicyAccepted"]


def test_events_repeated_and_out_of_order_change_nothing_twice(function: Function) -> None:
    function.ssm.put_parameter(Name=NAME, Value=STANDARD, Type="String")
    function.ssm.put_parameter(Name=NAME, Value="mode: [", Type="String", Overwrite=True)

    function.receive(changed(operation="Update"), changed(operation="Create"))
    function.receive(changed(operation="LabelParameterVersion"), changed(operation="Update"))

    assert function.entries() == ["PolicyRefused"]


def test_a_parameter_of_somebody_else_is_ignored(function: Function) -> None:
    answer = function.receive(changed("/sluice/other"), changed("MyExampleParameter"))

    assert answer == {"batchItemFailures": []}
    assert (function.entries(), function.put_aside()) == ([], [])


def test_a_throttled_read_is_tried_again_and_only_that_message(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    function.ssm.put_parameter(Name=NAME, Value=STANDARD, Type="String")
    real = wiring.parameters().read

    def throttled(name: str) -> Any:
        if name != NAME:
            raise TransientFailure("GetParameter: ThrottlingException")
        return real(name)

    monkeypatch.setattr(wiring.parameters(), "read", throttled)

    answer = function.receive(changed("/sluice/people"), changed())

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert function.entries() == ["PolicyAccepted"]
