"""A model registry in memory."""

from collections.abc import Iterator
from dataclasses import replace

from sluice.errors import PermanentFailure, SluiceError
from sluice.model.ids import GroupName, Micros, PackageArn
from sluice.model.package import Actor, ModelPackage, PackageStatus, PackageSummary, RegistryStatus


class FakeRegistry:
    """`Registry` over a dict; `fail_next` is raised once by the next call, `down` by every one, `sets` lists the effective status changes."""

    def __init__(self, *packages: ModelPackage) -> None:
        self.packages = {p.arn.key: p for p in packages}
        self.sets: list[tuple[str, RegistryStatus, str]] = []
        self.fail_next: SluiceError | None = None
        self.down: SluiceError | None = None
        self.caller = Actor(principal_arn="arn:aws:sts::111122223333:assumed-role/sluice/release")
        self._tokens: set[str] = set()

    def put(self, package: ModelPackage) -> None:
        self.packages[package.arn.key] = package

    def describe(self, arn: PackageArn) -> ModelPackage | None:
        self._fail()
        return self.packages.get(arn.key)

    def latest_approved(self, group: GroupName, *, other_than: PackageArn) -> PackageArn | None:
        self._fail()
        usable = (RegistryStatus.APPROVED, PackageStatus.COMPLETED)
        for package in sorted(self.packages.values(), key=lambda p: p.created_at, reverse=True):
            wanted = package.group == group and package.arn.key != other_than.key
            if wanted and (package.status, package.package_status) == usable:
                return package.arn
        return None

    def recent(self, *, since: Micros) -> Iterator[PackageSummary]:
        self._fail()
        for package in sorted(self.packages.values(), key=lambda p: p.created_at, reverse=True):
            if package.created_at > since:
                yield PackageSummary(package.arn, package.status, package.package_status, package.created_at)

    def set_status(self, arn: PackageArn, *, status: RegistryStatus, description: str, client_token: str) -> None:
        self._fail()
        if client_token in self._tokens:
            return
        package = self.packages.get(arn.key)
        if package is None:
            raise PermanentFailure(f"UpdateModelPackage: ValidationException: {arn.text} does not exist")
        self._tokens.add(client_token)
        self.sets.append((arn.key, status, description))
        self.put(
            replace(
                package,
                status=status,
                approval_description=description[:1024],
                last_modified=Micros(package.last_modified + 1_000_000),
                last_modified_by=self.caller,
            )
        )

    def _fail(self) -> None:
        failure, self.fail_next = self.fail_next, None
        if failure is not None or self.down is not None:
            raise failure or self.down  # type: ignore[misc]  # one of them is there
