"""Model versions and what is known of them: registry, documents, lineage and the archive of evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sluice.model.evidence import Evidence, Fetched, PipelineRun, Training, Unread
    from sluice.model.ids import Digest, GroupName, Micros, PackageArn
    from sluice.model.judgement import Judgement
    from sluice.model.package import ModelPackage, PackageSummary, RegistryStatus


class Registry(Protocol):
    """SageMaker Model Registry: the versions of the model groups and their approval status."""

    def describe(self, arn: PackageArn) -> ModelPackage | None:
        """A model package as it is now, or None when there is none."""
        ...

    def latest_approved(self, group: GroupName, *, other_than: PackageArn) -> PackageArn | None:
        """The newest version that is Approved and Completed, leaving one out; None for a group that is not there."""
        ...

    def recent(self, *, since: Micros) -> Iterator[PackageSummary]:
        """Versions of every group that were created since a moment, the newest first."""
        ...

    def set_status(self, arn: PackageArn, *, status: RegistryStatus, description: str, client_token: str) -> None:
        """Set the approval status; a repeated call with the same token is one call."""
        ...


class Documents(Protocol):
    """The documents that model packages point to."""

    def fetch(self, uri: str, *, limit: int) -> Fetched:
        """A document of at most `limit` bytes, or why there is none; raises TransientFailure if S3 cannot serve now."""
        ...


class LineageSource(Protocol):
    """What SageMaker knows of where a model came from."""

    def training_job(self, arn: str) -> Training | Unread:
        """A training job, or why it cannot be read."""
        ...

    def pipeline_run(self, arn: str) -> PipelineRun | Unread:
        """A pipeline execution with what its steps made, or why it cannot be read."""
        ...


class EvidenceArchive(Protocol):
    """Evidence, kept for good under its digest."""

    def keep(self, evidence: Evidence) -> Digest:
        """Keep evidence; the same again changes nothing."""
        ...

    def load(self, digest: str) -> Evidence:
        """Read evidence; raises PermanentFailure when it is gone or is not what its digest says."""
        ...


class Judgements(Protocol):
    """What the gates found, kept in the archive."""

    def keep(self, judgement: Judgement) -> str:
        """Keep a judgement; returns the reference to load it by."""
        ...

    def load(self, ref: str) -> Judgement:
        """Read a judgement by the reference that checking the gates gave; raises PermanentFailure when it is gone."""
        ...
