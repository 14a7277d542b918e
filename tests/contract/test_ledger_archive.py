"""What every `LedgerExport` and `LedgerArchive` must do, the fake as well as S3."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from sluice.adapters.ledger_archive import S3LedgerArchive
from sluice.adapters.ledger_lines import line_of
from sluice.core.verify_ledger import verify
from sluice.errors import PermanentFailure
from sluice.model.ledger import Unreadable
from tests.chains import FRAUD, chain_of
from tests.fakes.ledger import FakeLedgerArchive

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "archive"
TEN = chain_of(10)
PLATFORM = chain_of(3, chain="platform")

type Archive = FakeLedgerArchive | S3LedgerArchive


@pytest.fixture
def s3(dynamodb: Any) -> "S3Client":
    """A client of an emulated S3 with the archive's bucket, locked as the template locks it."""
    client = boto3.client("s3", region_name="us-east-1")
    client.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
    rule: Any = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
    client.put_object_lock_configuration(
        Bucket=BUCKET, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    return client


@pytest.fixture(params=["fake", "s3"])
def archive(request: pytest.FixtureRequest) -> Archive:
    if request.param == "fake":
        return FakeLedgerArchive()
    return S3LedgerArchive(request.getfixturevalue("s3"), BUCKET)


def test_a_run_is_read_back_as_it_was_written(archive: Archive) -> None:
    archive.write(TEN)

    assert list(archive.read(FRAUD)) == TEN


def test_a_chain_without_an_export_reads_as_nothing(archive: Archive) -> None:
    archive.write(TEN)

    assert list(archive.read("group/fraud-2")) == []
    assert list(archive.read("group/frau")) == []


def test_runs_come_by_number_whatever_the_order_they_were_written_in(archive: Archive) -> None:
    archive.write(TEN[6:])
    archive.write(TEN[:6])

    assert list(archive.read(FRAUD)) == TEN


def test_overlapping_runs_of_a_repeated_batch_are_merged_by_number(archive: Archive) -> None:
    for run in (TEN[:8], TEN[1:3], TEN[1:9], TEN[9:]):
        archive.write(run)

    read = list(archive.read(FRAUD))

    assert [r.seq for r in read] == sorted(r.seq for r in read)
    assert {r.seq for r in read} == set(range(1, 11))
    assert verify(FRAUD, TEN, exported=read).exported_up_to == 10


def test_the_same_run_again_is_one_write(archive: Archive) -> None:
    for _ in range(3):
        archive.write(TEN)

    assert list(archive.read(FRAUD)) == TEN


def test_another_run_in_the_place_of_one_is_refused(archive: Archive) -> None:
    archive.write(TEN)

    with pytest.raises(PermanentFailure, match="other contents"):
        archive.write([replace(TEN[0], body="{}"), *TEN[1:]])

    assert list(archive.read(FRAUD)) == TEN


@pytest.mark.parametrize("run", [[TEN[0], TEN[2]], [TEN[1], TEN[0]], [TEN[0], PLATFORM[1]]])
def test_a_run_with_a_gap_or_of_two_chains_is_refused(archive: Archive, run: list[Any]) -> None:
    with pytest.raises(PermanentFailure, match="not a gapless run"):
        archive.write(run)


def test_all_exported_chains_are_known(archive: Archive) -> None:
    archive.write(TEN)
    archive.write(PLATFORM)
    archive.write(chain_of(1, chain="group/churn"))

    assert archive.chains() == {FRAUD, "platform", "group/churn"}


def test_objects_are_named_by_what_they_hold_and_carry_their_checksum(s3: "S3Client") -> None:
    S3LedgerArchive(s3, BUCKET).write(TEN[2:5])

    key = "ledger/group/fraud/000000000003-000000000005.jsonl"
    answer = s3.get_object(Bucket=BUCKET, Key=key, ChecksumMode="ENABLED")
    assert answer["Body"].read() == b"".join(line_of(record) for record in TEN[2:5])
    assert len(answer["ChecksumSHA256"]) == 44
    assert answer["ObjectLockMode"] == "COMPLIANCE"


def test_a_version_laid_over_a_run_does_not_take_its_place(s3: "S3Client") -> None:
    """Object Lock keeps old versions, but lets newer ones be written: the oldest is what was exported."""
    archive = S3LedgerArchive(s3, BUCKET)
    archive.write(TEN[:5])
    archive.write(TEN[5:])
    forged = b"".join(line_of(replace(record, body="{}")) for record in TEN[:5])
    s3.put_object(Bucket=BUCKET, Key="ledger/group/fraud/000000000001-000000000005.jsonl", Body=forged)

    assert list(archive.read(FRAUD)) == TEN


def test_a_delete_marker_hides_nothing(s3: "S3Client") -> None:
    archive = S3LedgerArchive(s3, BUCKET)
    archive.write(TEN)
    s3.delete_object(Bucket=BUCKET, Key="ledger/group/fraud/000000000001-000000000010.jsonl")

    assert archive.chains() == {FRAUD}
    assert list(archive.read(FRAUD)) == TEN


@pytest.mark.parametrize(
    "body", [b"", b"{}\n", b"not json\n", line_of(TEN[1]), line_of(TEN[0]) * 2, b'{"chain":1}\n', b"\xff\n"]
)
def test_an_object_that_does_not_hold_what_its_name_says_is_unreadable(s3: "S3Client", body: bytes) -> None:
    s3.put_object(Bucket=BUCKET, Key="ledger/group/fraud/000000000001-000000000001.jsonl", Body=body)

    (read,) = S3LedgerArchive(s3, BUCKET).read(FRAUD)

    assert isinstance(read, Unreadable)
    assert read.seq == 1


def test_objects_of_other_names_are_not_part_of_the_export(s3: "S3Client") -> None:
    s3.put_object(Bucket=BUCKET, Key="ledger/group/fraud/readme.txt", Body=b"hello")

    assert list(S3LedgerArchive(s3, BUCKET).read(FRAUD)) == []


@pytest.mark.slow
def test_more_runs_than_one_listing_shows_are_all_read(s3: "S3Client") -> None:
    records = chain_of(1_005)
    for record in records:
        body = line_of(record)
        s3.put_object(Bucket=BUCKET, Key=f"ledger/group/fraud/{record.seq:012d}-{record.seq:012d}.jsonl", Body=body)

    assert list(S3LedgerArchive(s3, BUCKET).read(FRAUD)) == records
