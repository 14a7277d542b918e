"""`Registry` over SageMaker Model Registry."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sluice.adapters.aws_errors import is_denied, is_missing, translated
from sluice.adapters.moments import EPOCH, micros_of
from sluice.model.canonical import canonical_text, digest_of
from sluice.model.ids import GroupName, Micros, PackageArn
from sluice.model.package import (
    Actor,
    CardText,
    Container,
    DocumentKind,
    DocumentSource,
    ModelPackage,
    PackageStatus,
    PackageSummary,
    RegistryStatus,
)

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient

_DESCRIPTION_CHARS = 1024

_SOURCES = (
    (DocumentKind.MODEL_QUALITY, "statistics", "ModelQuality", "Statistics"),
    (DocumentKind.DATA_QUALITY, "statistics", "ModelDataQuality", "Statistics"),
    (DocumentKind.BIAS, "report", "Bias", "Report"),
    (DocumentKind.BIAS, "pre_training", "Bias", "PreTrainingReport"),
    (DocumentKind.BIAS, "post_training", "Bias", "PostTrainingReport"),
    (DocumentKind.EXPLAINABILITY, "report", "Explainability", "Report"),
)


class SageMakerRegistry:
    """Reads model packages and sets their approval status."""

    def __init__(self, client: "SageMakerClient") -> None:
        self._client = client

    def describe(self, arn: PackageArn) -> ModelPackage | None:
        """The package, or None when there is none; a card that we may not decrypt comes without its content."""
        try:
            with translated("DescribeModelPackage", unless=is_missing):
                return package_of(self._described(arn), arn)
        except ClientError:
            return None

    def latest_approved(self, group: GroupName, *, other_than: PackageArn) -> PackageArn | None:
        """The newest version that is Approved and Completed, leaving one out; None when the group is not there."""
        for summary in self._approved(group):
            usable = summary.package_status is PackageStatus.COMPLETED
            if usable and summary.arn.key != other_than.key:
                return summary.arn
        return None

    def recent(self, *, since: Micros) -> Iterator[PackageSummary]:
        """Versions of every group created since a moment, newest first."""
        pages = self._client.get_paginator("list_model_packages").paginate(
            ModelPackageType="Versioned",
            CreationTimeAfter=EPOCH + timedelta(microseconds=since),
            SortBy="CreationTime",
            SortOrder="Descending",
        )
        with translated("ListModelPackages"):
            for page in pages:
                yield from (_summary(item) for item in page["ModelPackageSummaryList"])

    def set_status(self, arn: PackageArn, *, status: RegistryStatus, description: str, client_token: str) -> None:
        """Set the approval status; `client_token` (1-36 letters, digits, hyphens) makes a repeated call one call."""
        with translated("UpdateModelPackage"):
            self._client.update_model_package(
                ModelPackageArn=arn.text,
                ModelApprovalStatus=status.value,
                ApprovalDescription=description[:_DESCRIPTION_CHARS],
                ClientToken=client_token,
            )

    def _approved(self, group: GroupName) -> Iterator[PackageSummary]:
        pages = self._client.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=group,
            ModelApprovalStatus=RegistryStatus.APPROVED.value,
            SortBy="CreationTime",
            SortOrder="Descending",
        )
        try:
            with translated("ListModelPackages", unless=is_missing):
                for page in pages:
                    yield from (_summary(item) for item in page["ModelPackageSummaryList"])
        except ClientError:
            return

    def _described(self, arn: PackageArn) -> Mapping[str, Any]:
        try:
            return self._client.describe_model_package(ModelPackageName=arn.text)
        except ClientError as error:
            if not (is_denied(error) or "kms" in str(error).lower()):
                raise
            answer = self._client.describe_model_package(ModelPackageName=arn.text, IncludedData="MetadataOnly")
            return {**answer, "_card_incomplete": True}


def actor_of(context: Mapping[str, Any] | None) -> Actor:
    """SageMaker's UserContext."""
    given = context or {}
    identity = given.get("IamIdentity") or {}
    profile, domain = given.get("UserProfileName"), given.get("DomainId")
    return Actor(
        principal_arn=identity.get("Arn"),
        principal_id=identity.get("PrincipalId"),
        source_identity=identity.get("SourceIdentity"),
        studio_profile=f"{domain or ''}/{profile}" if profile else None,
    )


def package_of(answer: Mapping[str, Any], arn: PackageArn) -> ModelPackage:
    """Read DescribeModelPackage's answer, which names every field it may leave out."""
    made_by = answer.get("MetadataProperties") or {}
    created = micros_of(answer["CreationTime"])
    return ModelPackage(
        arn=arn,
        group=GroupName(answer.get("ModelPackageGroupName") or arn.group),
        status=RegistryStatus(answer.get("ModelApprovalStatus", RegistryStatus.PENDING)),
        package_status=PackageStatus(answer["ModelPackageStatus"]),
        created_at=created,
        last_modified=micros_of(answer["LastModifiedTime"]) if answer.get("LastModifiedTime") else created,
        created_by=actor_of(answer.get("CreatedBy")),
        last_modified_by=actor_of(answer.get("LastModifiedBy")),
        approval_description=answer.get("ApprovalDescription", ""),
        description=answer.get("ModelPackageDescription", ""),
        containers=tuple(_containers(answer)),
        sources=tuple(_sources(answer.get("ModelMetrics") or {})),
        card=_card(answer),
        commit_id=made_by.get("CommitId"),
        repository=made_by.get("Repository"),
        generated_by=made_by.get("GeneratedBy"),
        realtime_types=tuple(
            (answer.get("InferenceSpecification") or {}).get("SupportedRealtimeInferenceInstanceTypes") or ()
        ),
        customer_metadata=dict(answer.get("CustomerMetadataProperties") or {}),
    )


def _containers(answer: Mapping[str, Any]) -> Iterator[Container]:
    """Those of the additional specifications count too: any of them can be deployed."""
    for container in (answer.get("InferenceSpecification") or {}).get("Containers", ()):
        yield _container(container, "")
    for specification in answer.get("AdditionalInferenceSpecifications") or ():
        for container in specification.get("Containers", ()):
            yield _container(container, specification["Name"])


def _container(given: Mapping[str, Any], specification: str) -> Container:
    s3 = (given.get("ModelDataSource") or {}).get("S3DataSource") or {}
    return Container(
        image=given.get("Image"),
        image_digest=given.get("ImageDigest"),
        model_data=given.get("ModelDataUrl") or s3.get("S3Uri"),
        model_data_etag=given.get("ModelDataETag") or s3.get("ETag"),
        specification=specification,
        spec_digest=digest_of(canonical_text(given).encode()),
    )


def _sources(metrics: Mapping[str, Any]) -> Iterator[DocumentSource]:
    for kind, part, outer, inner in _SOURCES:
        source = (metrics.get(outer) or {}).get(inner)
        if source:
            yield DocumentSource(kind=kind, part=part, uri=source["S3Uri"], declared_digest=source.get("ContentDigest"))


def _card(answer: Mapping[str, Any]) -> CardText | None:
    card = answer.get("ModelCard")
    if not card:
        return None
    return CardText(
        status=card.get("ModelCardStatus", ""),
        content=card.get("ModelCardContent", ""),
        complete="_card_incomplete" not in answer,
    )


def _summary(item: Mapping[str, Any]) -> PackageSummary:
    return PackageSummary(
        arn=PackageArn.parse(item["ModelPackageArn"]),
        status=RegistryStatus(item.get("ModelApprovalStatus", RegistryStatus.PENDING)),
        package_status=PackageStatus(item["ModelPackageStatus"]),
        created_at=micros_of(item["CreationTime"]),
    )
