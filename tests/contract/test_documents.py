"""One suite over the fake documents and S3 as moto plays it; botocore's Stubber for what S3 refuses."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from moto import mock_aws

from sluice.adapters.documents import S3Documents
from sluice.errors import TransientFailure
from sluice.model.evidence import DocumentStatus, Fetched
from sluice.ports import Documents
from tests.fakes.evidence import FakeDocuments

CONTENTS = {"s3://metrics/q.json": b'{"auc": 0.9}', "s3://metrics/empty.json": b"", "s3://metrics/big.json": b"x" * 101}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="metrics")
        for uri, content in CONTENTS.items():
            client.put_object(Bucket="metrics", Key=uri.rpartition("/")[2], Body=content)
        yield client


@pytest.fixture(params=["fake", "s3"])
def documents(request: pytest.FixtureRequest) -> Documents:
    return FakeDocuments(CONTENTS) if request.param == "fake" else S3Documents(request.getfixturevalue("s3"))


@pytest.mark.parametrize(
    "uri,status,content",
    [
        ("s3://metrics/q.json", DocumentStatus.PRESENT, b'{"auc": 0.9}'),
        ("s3://metrics/empty.json", DocumentStatus.PRESENT, b""),
        ("s3://metrics/none.json", DocumentStatus.MISSING, b""),
        ("s3://nobodys-bucket/q.json", DocumentStatus.MISSING, b""),
        ("s3://metrics/big.json", DocumentStatus.OVERSIZED, b""),
        ("https://example.com/q.json", DocumentStatus.UNREADABLE, b""),
        ("https://s3.amazonaws.com.evil.example/metrics/q.json", DocumentStatus.UNREADABLE, b""),
    ],
)
def test_a_document_is_given_or_said_why_not(
    documents: Documents, uri: str, status: DocumentStatus, content: bytes
) -> None:
    fetched = documents.fetch(uri, limit=100)

    assert (fetched.status, fetched.content) == (status, content)
    assert bool(fetched.reason) == (status is not DocumentStatus.PRESENT)


def test_a_document_of_exactly_the_limit_is_read(documents: Documents) -> None:
    assert documents.fetch("s3://metrics/big.json", limit=101).status is DocumentStatus.PRESENT
    assert documents.fetch("s3://metrics/big.json", limit=100).status is DocumentStatus.OVERSIZED


@pytest.mark.parametrize(
    "uri",
    [
        "https://metrics.s3.us-east-1.amazonaws.com/q.json",
        "https://metrics.s3.amazonaws.com/q.json",
        "https://s3.us-east-1.amazonaws.com/metrics/q.json",
    ],
)
def test_addresses_of_s3_over_https_are_read_too(s3: Any, uri: str) -> None:
    assert S3Documents(s3).fetch(uri, limit=100) == Fetched(DocumentStatus.PRESENT, content=b'{"auc": 0.9}')


@pytest.fixture
def stubbed() -> Iterator[tuple[Stubber, S3Documents]]:
    client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield stubber, S3Documents(client)


@pytest.mark.parametrize(
    "code,http,status",
    [
        ("AccessDenied", 403, DocumentStatus.UNREADABLE),
        ("NoSuchKey", 404, DocumentStatus.MISSING),
        ("NoSuchBucket", 404, DocumentStatus.MISSING),
        ("InvalidObjectState", 403, DocumentStatus.UNREADABLE),
        ("PermanentRedirect", 301, DocumentStatus.UNREADABLE),
        ("KMS.DisabledException", 400, DocumentStatus.UNREADABLE),
    ],
)
def test_what_s3_refuses_for_good_is_a_value(
    stubbed: tuple[Stubber, S3Documents], code: str, http: int, status: DocumentStatus
) -> None:
    stubber, documents = stubbed
    stubber.add_client_error("get_object", code, "no", http_status_code=http)

    fetched = documents.fetch("s3://metrics/q.json", limit=100)

    assert fetched.status is status
    assert fetched.reason


@pytest.mark.parametrize("code,http", [("SlowDown", 503), ("InternalError", 500), ("RequestTimeout", 400)])
def test_a_storage_that_cannot_serve_now_is_asked_again(
    stubbed: tuple[Stubber, S3Documents], code: str, http: int
) -> None:
    stubber, documents = stubbed
    stubber.add_client_error("get_object", code, "later", http_status_code=http)

    with pytest.raises(TransientFailure, match=code):
        documents.fetch("s3://metrics/q.json", limit=100)


def test_a_broken_connection_is_transient() -> None:
    class _Broken:
        def get_object(self, **_: str) -> None:
            raise EndpointConnectionError(endpoint_url="https://s3")

    with pytest.raises(TransientFailure, match="EndpointConnectionError"):
        S3Documents(_Broken()).fetch("s3://metrics/q.json", limit=100)  # type: ignore[arg-type]  # all of the client that is used
