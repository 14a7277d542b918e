"""One suite over the fake registry and SageMaker's own as moto plays it; botocore's Stubber where moto is laxer."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber
from moto import mock_aws

from sluice.adapters.registry import SageMakerRegistry
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.ids import GroupName, Micros, PackageArn
from sluice.model.package import DocumentKind, ModelPackage, PackageStatus, RegistryStatus
from sluice.ports import Registry
from tests.fakes.registry import FakeRegistry

GROUP = GroupName("fraud")
BASE = "arn:aws:sagemaker:us-east-1:111122223333:model-package/fraud"
WHEN = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "111122223333")
    monkeypatch.setattr("moto.core.DEFAULT_ACCOUNT_ID", "111122223333")
    with mock_aws():
        yield boto3.client("sagemaker", region_name="us-east-1")


def _moto(client: Any) -> tuple[Registry, list[PackageArn]]:
    client.create_model_package_group(ModelPackageGroupName=GROUP)
    texts = [
        client.create_model_package(ModelPackageGroupName=GROUP, ModelApprovalStatus=status)["ModelPackageArn"]
        for status in ("Approved", "Approved", "PendingManualApproval")
    ]
    return SageMakerRegistry(client), [PackageArn.parse(t) for t in texts]


def _fake() -> tuple[Registry, list[PackageArn]]:
    arns = [PackageArn.parse(f"{BASE}/{n}") for n in (1, 2, 3)]
    statuses = (RegistryStatus.APPROVED, RegistryStatus.APPROVED, RegistryStatus.PENDING)
    packages = (
        ModelPackage(
            arn=arn,
            group=GROUP,
            status=status,
            package_status=PackageStatus.COMPLETED,
            created_at=Micros(arn.version),
            last_modified=Micros(arn.version),
        )
        for arn, status in zip(arns, statuses, strict=True)
    )
    return FakeRegistry(*packages), arns


@pytest.fixture(params=["fake", "sagemaker"])
def registry(request: pytest.FixtureRequest) -> tuple[Registry, list[PackageArn]]:
    """Versions 1 and 2 approved, 3 pending."""
    return _fake() if request.param == "fake" else _moto(request.getfixturevalue("client"))


def test_a_package_is_described_with_its_group_and_statuses(registry: tuple[Registry, list[PackageArn]]) -> None:
    port, arns = registry

    package = port.describe(arns[2])

    assert package is not None
    assert package.arn == arns[2]
    assert package.group == GROUP
    assert package.status is RegistryStatus.PENDING
    assert package.package_status is PackageStatus.COMPLETED


def test_a_package_that_is_not_there_is_none(registry: tuple[Registry, list[PackageArn]]) -> None:
    port, _ = registry

    assert port.describe(PackageArn.parse(f"{BASE}/99")) is None


def test_the_latest_approved_leaves_out_the_one_that_is_judged(registry: tuple[Registry, list[PackageArn]]) -> None:
    port, arns = registry

    assert port.latest_approved(GROUP, other_than=arns[2]) == arns[1]
    assert port.latest_approved(GROUP, other_than=arns[1]) == arns[0]
    assert port.latest_approved(GroupName("nobody"), other_than=arns[1]) is None


def test_a_status_is_set_with_its_description(registry: tuple[Registry, list[PackageArn]]) -> None:
    port, arns = registry

    port.set_status(arns[2], status=RegistryStatus.REJECTED, description="auc too low", client_token="a-1")

    package = port.describe(arns[2])
    assert package is not None
    assert (package.status, package.approval_description) == (RegistryStatus.REJECTED, "auc too low")


def test_a_status_of_a_package_that_is_not_there_is_refused(registry: tuple[Registry, list[PackageArn]]) -> None:
    port, _ = registry

    with pytest.raises(PermanentFailure):
        port.set_status(
            PackageArn.parse(f"{BASE}/99"), status=RegistryStatus.REJECTED, description="", client_token="a-2"
        )


@pytest.fixture
def stubbed() -> Iterator[tuple[Stubber, SageMakerRegistry]]:
    client = boto3.client("sagemaker", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield stubber, SageMakerRegistry(client)
        stubber.assert_no_pending_responses()


def _answer(**more: Any) -> dict[str, Any]:
    return {
        "ModelPackageName": "fraud",
        "ModelPackageGroupName": "Fraud",
        "ModelPackageArn": f"{BASE}/3",
        "CreationTime": WHEN,
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
        "ModelApprovalStatus": "PendingManualApproval",
        **more,
    }


def _full_answer() -> dict[str, Any]:
    source = {"ContentType": "application/json", "S3Uri": "s3://b/q.json", "ContentDigest": "sha256:" + "a" * 64}
    return _answer(
        LastModifiedTime=WHEN + timedelta(microseconds=1),
        CreatedBy={
            "UserProfileName": "anna",
            "DomainId": "d-1",
            "IamIdentity": {"Arn": "arn:aws:iam::111122223333:user/anna", "PrincipalId": "P", "SourceIdentity": "s"},
        },
        InferenceSpecification={
            "Containers": [
                {
                    "Image": "i:1",
                    "ImageDigest": "sha256:" + "b" * 64,
                    "ModelDataSource": {
                        "S3DataSource": {"S3Uri": "s3://b/m/", "S3DataType": "S3Prefix", "CompressionType": "None"}
                    },
                }
            ]
        },
        ModelMetrics={
            "ModelQuality": {"Statistics": source},
            "Bias": {"Report": source, "PostTrainingReport": source},
            "Explainability": {"Report": source},
        },
        MetadataProperties={"CommitId": "c0ffee", "Repository": "https://git/x", "GeneratedBy": "arn:x"},
        ModelCard={"ModelCardContent": "{}", "ModelCardStatus": "Approved"},
        CustomerMetadataProperties={"k": "v"},
    )


def test_everything_that_evidence_needs_is_read(stubbed: tuple[Stubber, SageMakerRegistry]) -> None:
    stubber, registry = stubbed
    stubber.add_response("describe_model_package", _full_answer(), {"ModelPackageName": f"{BASE}/3"})

    package = registry.describe(PackageArn.parse(f"{BASE}/3"))

    assert package is not None
    assert package.group == "Fraud"
    assert package.created_at == 1772366400123456
    assert package.last_modified == package.created_at + 1
    assert package.created_by.studio_profile == "d-1/anna"
    assert package.created_by.principal_arn == "arn:aws:iam::111122223333:user/anna"
    assert package.containers[0].model_data == "s3://b/m/"
    assert [(s.kind, s.part) for s in package.sources] == [
        (DocumentKind.MODEL_QUALITY, "statistics"),
        (DocumentKind.BIAS, "report"),
        (DocumentKind.BIAS, "post_training"),
        (DocumentKind.EXPLAINABILITY, "report"),
    ]
    assert package.card is not None
    assert (package.card.status, package.card.complete) == ("Approved", True)
    assert (package.commit_id, package.generated_by) == ("c0ffee", "arn:x")
    assert package.customer_metadata == {"k": "v"}


def test_a_package_with_nothing_optional_is_read(stubbed: tuple[Stubber, SageMakerRegistry]) -> None:
    stubber, registry = stubbed
    stubber.add_response("describe_model_package", _answer())

    package = registry.describe(PackageArn.parse(f"{BASE}/3"))

    assert package is not None
    assert package.last_modified == package.created_at
    assert (package.containers, package.sources, package.card) == ((), (), None)


def test_a_card_under_a_key_that_we_may_not_use_comes_without_its_content(
    stubbed: tuple[Stubber, SageMakerRegistry],
) -> None:
    stubber, registry = stubbed
    stubber.add_client_error("describe_model_package", "AccessDeniedException", "kms:Decrypt is not allowed")
    stubber.add_response(
        "describe_model_package",
        _answer(ModelCard={"ModelCardStatus": "Draft", "ModelCardContent": "{}"}),
        {"ModelPackageName": f"{BASE}/3", "IncludedData": "MetadataOnly"},
    )

    package = registry.describe(PackageArn.parse(f"{BASE}/3"))

    assert package is not None
    assert package.card is not None
    assert package.card.complete is False


@pytest.mark.parametrize(
    "code,http,expected",
    [
        ("ThrottlingException", 400, TransientFailure),
        ("ServiceUnavailable", 503, TransientFailure),
        ("SomethingNew", 500, TransientFailure),
        ("ConflictException", 409, TransientFailure),
        ("ValidationException", 400, PermanentFailure),
    ],
)
def test_failures_are_told_apart_by_code(
    stubbed: tuple[Stubber, SageMakerRegistry], code: str, http: int, expected: type[Exception]
) -> None:
    stubber, registry = stubbed
    stubber.add_client_error("describe_model_package", code, "Rate exceeded", http_status_code=http)

    with pytest.raises(expected, match=code):
        registry.describe(PackageArn.parse(f"{BASE}/3"))


def test_a_missing_permission_is_permanent(stubbed: tuple[Stubber, SageMakerRegistry]) -> None:
    stubber, registry = stubbed
    for _ in range(2):
        stubber.add_client_error("describe_model_package", "AccessDeniedException", "no", http_status_code=403)

    with pytest.raises(PermanentFailure, match="AccessDeniedException"):
        registry.describe(PackageArn.parse(f"{BASE}/3"))


def test_the_list_is_read_over_all_its_pages(stubbed: tuple[Stubber, SageMakerRegistry]) -> None:
    stubber, registry = stubbed
    line = {
        "ModelPackageArn": f"{BASE}/2",
        "CreationTime": WHEN,
        "ModelPackageStatus": "Failed",
        "ModelApprovalStatus": "Approved",
    }
    asked = {"ModelPackageGroupName": "fraud", "SortBy": "CreationTime", "SortOrder": "Descending"}
    approved = {**asked, "ModelApprovalStatus": "Approved"}
    stubber.add_response("list_model_packages", {"ModelPackageSummaryList": [line], "NextToken": "n"}, approved)
    stubber.add_response(
        "list_model_packages",
        {"ModelPackageSummaryList": [{**line, "ModelPackageArn": f"{BASE}/1", "ModelPackageStatus": "Completed"}]},
        {**approved, "NextToken": "n"},
    )

    latest = registry.latest_approved(GROUP, other_than=PackageArn.parse(f"{BASE}/3"))

    assert latest == PackageArn.parse(f"{BASE}/1"), "a Failed package serves nobody, whatever its approval status"


def test_a_description_fits_the_limit_of_the_registry(stubbed: tuple[Stubber, SageMakerRegistry]) -> None:
    stubber, registry = stubbed
    stubber.add_response(
        "update_model_package",
        {"ModelPackageArn": f"{BASE}/3"},
        {
            "ModelPackageArn": f"{BASE}/3",
            "ModelApprovalStatus": "Rejected",
            "ApprovalDescription": "x" * 1024,
            "ClientToken": ANY,
        },
    )

    registry.set_status(
        PackageArn.parse(f"{BASE}/3"), status=RegistryStatus.REJECTED, description="x" * 1500, client_token="t-1"
    )
