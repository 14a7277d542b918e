"""One suite over the fake archives and S3 with Object Lock as moto plays it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from sluice.adapters.archive import S3EvidenceArchive, S3Judgements
from sluice.core.evidence import assemble
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.approval import GateVerdict
from sluice.model.evidence import Evidence, Lineage
from sluice.model.gates import GateReport, GateResult, LookedAt
from sluice.model.ids import Digest
from sluice.model.judgement import Judgement
from sluice.model.package import Actor
from sluice.model.people import RegistrationFacts
from sluice.ports import EvidenceArchive, Judgements
from tests.fakes.evidence import FakeEvidenceArchive, FakeJudgements
from tests.versions import a_package

BUCKET = "archive"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
        client.put_object_lock_configuration(
            Bucket=BUCKET,
            ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
            },
        )
        yield client


@pytest.fixture(params=["fake", "s3"])
def evidence_archive(request: pytest.FixtureRequest) -> EvidenceArchive:
    if request.param == "fake":
        return FakeEvidenceArchive()
    return S3EvidenceArchive(request.getfixturevalue("s3"), BUCKET)


@pytest.fixture(params=["fake", "s3"])
def judgements(request: pytest.FixtureRequest) -> Judgements:
    return FakeJudgements() if request.param == "fake" else S3Judgements(request.getfixturevalue("s3"), BUCKET)


def _evidence() -> Evidence:
    return assemble(a_package(customer_metadata={"note": "späte Änderung"}), (), Lineage())


def _judgement() -> Judgement:
    result = GateResult("g", GateVerdict.FAILED, True, "r", 0.8, 0.85, "a", (LookedAt("s3://b/q", "m.auc"),))
    facts = RegistrationFacts(Actor(principal_arn="arn:aws:iam::111122223333:user/anna"))
    return Judgement(
        "fraud/7/1", Digest("sha256:" + "a" * 64), Digest("sha256:" + "b" * 64), GateReport((result,)), facts
    )


def test_evidence_comes_back_by_its_digest(evidence_archive: EvidenceArchive) -> None:
    evidence = _evidence()

    digest = evidence_archive.keep(evidence)

    assert digest == evidence.digest
    assert evidence_archive.load(digest) == evidence


def test_keeping_the_same_evidence_again_changes_nothing(evidence_archive: EvidenceArchive) -> None:
    first, second = evidence_archive.keep(_evidence()), evidence_archive.keep(_evidence())

    assert first == second


def test_evidence_that_was_never_kept_is_a_failure(evidence_archive: EvidenceArchive) -> None:
    with pytest.raises(PermanentFailure):
        evidence_archive.load("sha256:" + "0" * 64)


def test_a_judgement_comes_back_by_its_reference(judgements: Judgements) -> None:
    ref = judgements.keep(_judgement())

    assert judgements.load(ref) == _judgement()
    assert judgements.keep(replace(_judgement(), release_id="fraud/7/2")) != ref


def test_evidence_is_one_locked_object_however_often_it_is_kept(s3: Any) -> None:
    archive = S3EvidenceArchive(s3, BUCKET)

    digest = archive.keep(_evidence())
    archive.keep(_evidence())

    versions = s3.list_object_versions(Bucket=BUCKET)["Versions"]
    assert [v["Key"] for v in versions] == [f"evidence/{digest.removeprefix('sha256:')}.json"]
    head = s3.head_object(Bucket=BUCKET, Key=versions[0]["Key"])
    assert head["ObjectLockMode"] == "GOVERNANCE"


def test_evidence_that_was_written_over_is_not_given_out(s3: Any) -> None:
    archive = S3EvidenceArchive(s3, BUCKET)
    digest = archive.keep(_evidence())
    forged = replace(_evidence(), commit_author="mallory@example.com").text

    s3.put_object(Bucket=BUCKET, Key=f"evidence/{digest.removeprefix('sha256:')}.json", Body=forged.encode())

    with pytest.raises(PermanentFailure, match="has been changed"):
        archive.load(digest)


@pytest.mark.parametrize("ref", ["", "../ledger/x", "sha256:" + "A" * 64, "sha256:" + "a" * 63])
def test_what_is_no_digest_reads_nothing(s3: Any, ref: str) -> None:
    with pytest.raises(PermanentFailure, match="not a digest"):
        S3Judgements(s3, BUCKET).load(ref)


@pytest.mark.parametrize(
    "code,http,raises",
    [
        ("ConditionalRequestConflict", 409, TransientFailure),
        ("SlowDown", 503, TransientFailure),
        ("AccessDenied", 403, PermanentFailure),
    ],
)
def test_failures_to_keep_are_told_apart(code: str, http: int, raises: type[Exception]) -> None:
    client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")

    with Stubber(client) as stubber:
        stubber.add_client_error("put_object", code, "no", http_status_code=http)
        with pytest.raises(raises, match=code):
            S3EvidenceArchive(client, BUCKET).keep(_evidence())
