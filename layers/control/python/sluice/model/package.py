"""A model package as SageMaker Model Registry describes it, reduced to what Sluice judges."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sluice.model.ids import GroupName, Micros, PackageArn


class RegistryStatus(StrEnum):
    """ModelApprovalStatus of the registry."""

    APPROVED = "Approved"
    REJECTED = "Rejected"
    PENDING = "PendingManualApproval"


class PackageStatus(StrEnum):
    """ModelPackageStatus: only a Completed package can be deployed."""

    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"
    DELETING = "Deleting"


class DocumentKind(StrEnum):
    """The metric documents that a model package can point to."""

    MODEL_QUALITY = "model_quality"
    DATA_QUALITY = "data_quality"
    BIAS = "bias"
    EXPLAINABILITY = "explainability"


@dataclass(frozen=True, slots=True)
class Actor:
    """SageMaker's UserContext: who created or changed something. `studio_profile` is `DOMAIN/PROFILE`."""

    principal_arn: str | None = None
    principal_id: str | None = None
    source_identity: str | None = None
    studio_profile: str | None = None


NOBODY = Actor()
"""When SageMaker names nobody."""


@dataclass(frozen=True, slots=True)
class Container:
    """One inference container; `spec_digest` covers all that is said of it, environment variables included.

    `specification` names the additional inference specification that it belongs to, empty for the main one.
    """

    image: str | None
    image_digest: str | None
    model_data: str | None
    model_data_etag: str | None = None
    specification: str = ""
    spec_digest: str = ""


@dataclass(frozen=True, slots=True)
class DocumentSource:
    """Where a metric document lies; `part` tells several of a kind apart (`report`, `post_training`…)."""

    kind: DocumentKind
    part: str
    uri: str
    declared_digest: str | None = None


@dataclass(frozen=True, slots=True)
class CardText:
    """The package's embedded model card; `complete` is False where its content may not be decrypted by us."""

    status: str
    content: str
    complete: bool = True


@dataclass(frozen=True, slots=True)
class PackageSummary:
    """One line of the list of a group's packages."""

    arn: PackageArn
    status: RegistryStatus
    package_status: PackageStatus
    created_at: Micros


@dataclass(frozen=True, slots=True)
class ModelPackage:
    """Everything read from DescribeModelPackage that admission or evidence needs.

    `group` is the group's name as it is written; the one inside `arn` may be lower-cased. `realtime_types` are the
    instance types that it says it is made for, empty where it says nothing.
    """

    arn: PackageArn
    group: GroupName
    status: RegistryStatus
    package_status: PackageStatus
    created_at: Micros
    last_modified: Micros
    created_by: Actor = NOBODY
    last_modified_by: Actor = NOBODY
    approval_description: str = ""
    description: str = ""
    containers: tuple[Container, ...] = ()
    sources: tuple[DocumentSource, ...] = ()
    card: CardText | None = None
    commit_id: str | None = None
    repository: str | None = None
    generated_by: str | None = None
    realtime_types: tuple[str, ...] = ()
    customer_metadata: Mapping[str, str] = field(default_factory=dict)
