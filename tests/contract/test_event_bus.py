"""`SluiceBus` on an emulated EventBridge: what a subscriber receives is what the samples show."""

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from sluice.adapters.event_bus import SluiceBus
from sluice.errors import TransientFailure
from tests.event_samples import files, sample

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

EMITTED = [file for file in files() if file.startswith("domain/")]
BUS = "sluice-domain"


@pytest.fixture
def events(moto: None) -> "EventBridgeClient":
    client: EventBridgeClient = boto3.client("events", region_name="us-east-1")
    return client


def _subscribed(events: "EventBridgeClient") -> tuple[Any, str]:
    """A queue behind a rule on the bus that takes everything from Sluice."""
    sqs = boto3.client("sqs", region_name="us-east-1")
    url = sqs.create_queue(QueueName="subscriber")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.create_event_bus(Name=BUS)
    events.put_rule(Name="all", EventBusName=BUS, EventPattern=json.dumps({"source": ["sluice"]}))
    events.put_targets(Rule="all", EventBusName=BUS, Targets=[{"Id": "subscriber", "Arn": arn}])
    return sqs, url


@pytest.mark.parametrize("file", EMITTED)
def test_a_subscriber_receives_the_sample_but_for_what_each_delivery_has_of_its_own(
    events: "EventBridgeClient", file: str
) -> None:
    sqs, url = _subscribed(events)
    expected = sample(file)

    SluiceBus(events, BUS).publish(expected["detail-type"], expected["detail"])

    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    received = json.loads(message["Body"])
    own = {name: received[name] for name in ("id", "time")}
    # moto leaves the account out of what it delivers.
    assert expected | own == received | {"account": expected["account"]}


def test_an_entry_that_the_bus_refuses_is_published_again_later(events: "EventBridgeClient") -> None:
    """PutEvents answers 200 and counts what failed."""
    refused = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "try again"}]}

    with Stubber(events) as stubbed:
        stubbed.add_response("put_events", refused)
        with pytest.raises(TransientFailure, match="InternalFailure: try again"):
            SluiceBus(events, BUS).publish("ReleaseEnded", sample("domain/ReleaseEnded.json")["detail"])
