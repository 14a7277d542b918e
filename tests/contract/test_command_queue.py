"""What every `CommandQueue` and place for dead letters must do, the fakes as well as SQS."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from sluice.adapters.command_queue import DeadLetters, SqsCommandQueue
from sluice.batches import Aside
from sluice.errors import InvalidInput, PermanentFailure, TransientFailure
from sluice.model.approval_commands import ResumeRelease
from sluice.model.command_json import to_json
from sluice.model.ids import ApprovalId
from sluice.ports import CommandQueue
from tests.fakes.queue import FakeAside, FakeQueue

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

COMMAND = to_json(ResumeRelease(ApprovalId("f" * 32)))


@pytest.fixture
def sqs(moto: None) -> "SQSClient":
    client: SQSClient = boto3.client("sqs", region_name="us-east-1")
    return client


@dataclass
class Store:
    """Both, with looks at what arrived."""

    queue: CommandQueue
    aside: Aside
    commands: Callable[[], list[dict[str, Any]]]
    letters: Callable[[], list[tuple[str, str]]]


def _fake() -> Store:
    queue, aside = FakeQueue(), FakeAside()
    return Store(queue, aside, lambda: queue.sent, lambda: aside.letters)


def _real(client: "SQSClient") -> Store:
    queue, dead = (client.create_queue(QueueName=name)["QueueUrl"] for name in ("decisions", "dead"))

    def commands() -> list[dict[str, Any]]:
        found = client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]

    def letters() -> list[tuple[str, str]]:
        found = client.receive_message(QueueUrl=dead, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        return [(m["Body"], _reason(m["MessageAttributes"])) for m in found.get("Messages", [])]

    return Store(SqsCommandQueue(client, queue), DeadLetters(client, dead), commands, letters)


def _reason(attributes: Any) -> str:
    return f"{attributes['ERROR_CODE']['StringValue']}: {attributes['ERROR_MESSAGE']['StringValue']}"


@pytest.fixture(params=["fake", "sqs"])
def store(request: pytest.FixtureRequest) -> Store:
    return _fake() if request.param == "fake" else _real(request.getfixturevalue("sqs"))


def test_a_command_arrives_as_it_was_sent(store: Store) -> None:
    store.queue.send(COMMAND)

    assert store.commands() == [COMMAND]


def test_a_dead_letter_keeps_the_message_whole_with_its_reason(store: Store) -> None:
    store.aside.put('{"not": ours', error=InvalidInput("the message is not JSON"))

    assert store.letters() == [('{"not": ours', "InvalidInput: the message is not JSON")]


def test_a_reason_is_cut_and_never_empty(sqs: "SQSClient") -> None:
    store = _real(sqs)
    store.aside.put("1", error=PermanentFailure("x" * 5000))
    store.aside.put("2", error=PermanentFailure(""))

    reasons = dict(store.letters())

    assert reasons == {"1": "PermanentFailure: " + "x" * 1000, "2": "PermanentFailure: no reason"}


@pytest.mark.parametrize("code,kind", [
    ("RequestThrottled", TransientFailure),
    ("AWS.SimpleQueueService.NonExistentQueue", PermanentFailure),
    ("InvalidParameterValue", PermanentFailure),
])  # fmt: skip
def test_what_cannot_be_sent_says_whether_to_try_again(sqs: "SQSClient", code: str, kind: type[Exception]) -> None:
    with Stubber(sqs) as stub:
        stub.add_client_error("send_message", code)

        with pytest.raises(kind, match=code):
            SqsCommandQueue(sqs, "https://sqs.us-east-1.amazonaws.com/111122223333/decisions").send(COMMAND)
