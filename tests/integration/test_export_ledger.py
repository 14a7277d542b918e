"""The export function from a stream batch to the locked bucket."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.export_ledger.app import handler
from sluice import wiring
from sluice.adapters.ledger_archive import S3LedgerArchive
from sluice.adapters.record_items import record_attributes
from sluice.core.verify_ledger import verify
from sluice.errors import InvalidInput
from sluice.model.ledger import LedgerRecord
from tests.chains import FRAUD, chain_of

TEN = chain_of(10)


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3LedgerArchive]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("ARCHIVE_BUCKET", "archive")
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="archive", ObjectLockEnabledForBucket=True)
        kept = S3LedgerArchive(s3, "archive")
        monkeypatch.setattr(wiring, "ledger_export", lambda: kept)
        yield kept


def inserted(record: LedgerRecord) -> dict[str, Any]:
    item = record_attributes(record)
    keys = {name: item[name] for name in ("pk", "sk")}
    return {
        "eventID": f"e{record.seq}",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {"Keys": keys, "NewImage": item, "SequenceNumber": f"{record.seq}00", "SizeBytes": 100},
    }


def changed(record: LedgerRecord, name: str) -> dict[str, Any]:
    event = inserted(record)
    event["eventName"] = name
    if name == "REMOVE":
        del event["dynamodb"]["NewImage"]
    return event


def test_a_batch_is_in_the_archive_and_proves_the_chain(archive: S3LedgerArchive) -> None:
    answer = handler({"Records": [inserted(record) for record in TEN]}, None)

    assert answer == {"batchItemFailures": []}
    assert verify(FRAUD, TEN, exported=archive.read(FRAUD)).exported_up_to == 10


def test_a_batch_delivered_twice_changes_nothing(archive: S3LedgerArchive) -> None:
    event = {"Records": [inserted(record) for record in TEN]}

    answers = [handler(event, None) for _ in range(2)]

    assert answers == [{"batchItemFailures": []}] * 2
    assert list(archive.read(FRAUD)) == TEN


@pytest.mark.parametrize("name", ["MODIFY", "REMOVE"])
def test_a_change_of_a_record_stops_the_export_in_front_of_it(archive: S3LedgerArchive, name: str) -> None:
    event = {"Records": [inserted(TEN[0]), inserted(TEN[1]), changed(TEN[0], name), inserted(TEN[2])]}

    answer = handler(event, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "100"}]}
    assert list(archive.read(FRAUD)) == TEN[:2]


@pytest.mark.parametrize("name", ["MODIFY", "REMOVE"])
def test_a_change_that_comes_first_fails_the_function_so_that_its_alarm_rings(
    archive: S3LedgerArchive, name: str
) -> None:
    with pytest.raises(InvalidInput, match=f"{name} of a record"):
        handler({"Records": [changed(TEN[0], name)]}, None)


@pytest.mark.parametrize("lost", ["pk", "sk", "at", "kind", "subject", "key", "body", "prev", "hash"])
def test_an_image_that_lost_a_field_is_raised(archive: S3LedgerArchive, lost: str) -> None:
    event = inserted(TEN[0])
    event["dynamodb"]["NewImage"] = {k: v for k, v in event["dynamodb"]["NewImage"].items() if k != lost}

    with pytest.raises(InvalidInput, match="cannot be read"):
        handler({"Records": [event]}, None)

    assert list(archive.read(FRAUD)) == []
