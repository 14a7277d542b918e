"""One embedded cloud with Sluice deployed for all end-to-end tests; each test has model groups of its own."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from local.cloud import SERVING_ROLE, Cloud
from local.team import Team


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The cloud, with the template's roles enforced."""
    with Cloud(state=tmp_path_factory.mktemp("cloud"), parameters={"ServingRoleArns": SERVING_ROLE}) as running:
        yield running


@pytest.fixture(scope="session")
def team(cloud: Cloud) -> Team:
    """Anna, Ben, Chen, Dana and Olga, introduced."""
    team = Team(cloud)
    team.introduce()
    return team


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test every dead-letter queue is empty and no fault is planned any more."""
    yield
    if "cloud" in request.fixturenames:
        cloud: Cloud = request.getfixturevalue("cloud")
        cloud.slack.faults.clear()
        assert dead_letters(cloud) == []


def dead_letters(cloud: Cloud) -> list[str]:
    """What lies in the dead-letter queues: each message with its reason, taken away."""
    sqs, found = cloud.client("sqs"), []
    for url in sqs.list_queues().get("QueueUrls", []):
        if "Dlq" in url:
            answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
            for message in answer.get("Messages", []):
                reason = message.get("MessageAttributes", {}).get("ERROR_MESSAGE", {}).get("StringValue", "")
                found.append(f"{url.rpartition('/')[2]}: {reason}: {message['Body'][:300]}")
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


@pytest.fixture
def group() -> str:
    """A model group's name that no other test uses."""
    return f"fraud-{uuid4().hex[:8]}"
