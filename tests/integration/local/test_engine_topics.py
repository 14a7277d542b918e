"""Topics of the engine take what SNS takes, and tell what was published; webhooks have a receiver that checks them."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local import clock
from local.hooks import way
from local.hooks.server import HookReceiver
from sluice.core.incident.hook_signature import signed
from tests.integration.local.conftest import Rig


def test_what_is_published_can_be_read_with_a_text_for_each_protocol(rig: Rig) -> None:
    sns = rig.client("sns")
    topic = sns.create_topic(Name="read")["TopicArn"]
    texts = {"default": "long", "sms": "short"}
    attributes = {"severity": {"DataType": "String", "StringValue": "critical"}}

    sns.publish(
        TopicArn=topic,
        Subject="[Sluice] CRITICAL",
        Message=json.dumps(texts),
        MessageStructure="json",
        MessageAttributes=attributes,
    )

    [message] = [m for m in rig.admin("GET", "published")["messages"] if m["topic_arn"] == topic]
    assert (message["subject"], message["texts"]) == ("[Sluice] CRITICAL", texts)
    assert message["attributes"] == {"severity": "critical"}


@pytest.mark.parametrize("subject", ["é", "x" * 101, "two\nlines", " space"])
def test_a_subject_that_aws_would_not_take_is_refused(rig: Rig, subject: str) -> None:
    sns = rig.client("sns")
    topic = sns.create_topic(Name="refused")["TopicArn"]

    with pytest.raises(ClientError, match="InvalidParameter"):
        sns.publish(TopicArn=topic, Subject=subject, Message="x")


def test_texts_by_protocol_need_one_for_the_others(rig: Rig) -> None:
    sns = rig.client("sns")
    topic = sns.create_topic(Name="refused")["TopicArn"]

    with pytest.raises(ClientError, match="No default entry"):
        sns.publish(TopicArn=topic, Message='{"sms": "x"}', MessageStructure="json")


@pytest.fixture
def receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HookReceiver]:
    monkeypatch.setenv(clock.CLOCK_FILE, str(tmp_path / "clock.json"))
    running = HookReceiver()
    yield running
    running.stop()


def test_a_receiver_tells_genuine_posts_from_forged_ones(receiver: HookReceiver) -> None:
    file = way.port_file()
    assert file is not None
    url, body = f"http://127.0.0.1:{file.read_text()}/sluice", b'{"id": "1"}'

    for secret in (receiver.secret, "guessed"):
        headers = dict(signed(body, at_s=1_780_000_000, secrets=[secret]))
        urllib.request.urlopen(urllib.request.Request(url, data=body, headers=headers))  # http on loopback

    assert [(post.path, post.genuine) for post in receiver.posts] == [("/sluice", True), ("/sluice", False)]
