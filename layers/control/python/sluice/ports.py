"""What the use cases need from the world, one small Protocol a need; adapters/ has an implementation of each."""

from collections.abc import Iterator
from typing import Protocol

from sluice.model.commit import Commit, RecordKey, Stored
from sluice.model.ids import GroupName, Micros, PackageArn
from sluice.model.package import ModelPackage, PackageSummary, RegistryStatus


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> Micros:
        """The present moment."""
        ...


class Records(Protocol):
    """Everything Sluice remembers, with optimistic concurrency."""

    def load(self, key: RecordKey) -> Stored | None:
        """Read one record, strongly consistent."""
        ...

    def commit(self, commit: Commit, *, at: Micros) -> None:
        """Write all of a commit or nothing; raises StaleRecord when a saved record has changed since it was read.

        Ledger entries take the next numbers of their chains; a lost race for a number is repeated inside. An entry
        whose key is already in its chain and a message whose id is already in the outbox are left as they are.
        """
        ...

    def due(self, kind: str, *, before: Micros) -> Iterator[Stored]:
        """Records of a kind whose `due_at` lies before a moment, the earliest first."""
        ...


class Registry(Protocol):
    """SageMaker Model Registry: the versions of the model groups and their approval status."""

    def describe(self, arn: PackageArn) -> ModelPackage | None:
        """A model package as it is now, or None when there is none."""
        ...

    def list_packages(self, group: GroupName, *, status: RegistryStatus | None = None) -> Iterator[PackageSummary]:
        """Versions of a group, the newest first; nothing for a group that is not there."""
        ...

    def latest_approved(self, group: GroupName, *, other_than: PackageArn) -> PackageArn | None:
        """The newest version that is Approved and Completed, leaving one out."""
        ...

    def set_status(self, arn: PackageArn, *, status: RegistryStatus, description: str, client_token: str) -> None:
        """Set the approval status; a repeated call with the same token is one call."""
        ...
