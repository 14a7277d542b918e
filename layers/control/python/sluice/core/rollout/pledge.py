"""What must still hold of a package right before each change: that it is what people approved. Pure."""

from typing import TYPE_CHECKING

from sluice.model.package import Container, ModelPackage, PackageStatus, RegistryStatus
from sluice.model.rollout import RolloutRequest

if TYPE_CHECKING:
    from sluice.model.evidence import Evidence


def images_of(package: "ModelPackage | Evidence") -> tuple[str, ...]:
    """What a package would run, as it is now or as it was when it was judged.

    Container by container: image, its digest, and the digest of everything said of it.
    """
    return tuple(_identity(container) for container in package.containers if not container.specification)


def _identity(container: Container) -> str:
    image = f"{container.image or ''}@{container.image_digest or ''}"
    artefact = f"{container.model_data or ''}#{container.model_data_etag or ''}"
    return f"{image} {artefact} {container.spec_digest}"


def broken_pledge(package: ModelPackage | None, request: RolloutRequest) -> str:
    """Why a package may not come nearer to production, or nothing when it may."""
    if package is None:
        return "The package is not in the registry any more."
    if package.status is not RegistryStatus.APPROVED:
        return f"The registry says {package.status.value}, no longer Approved."
    if package.package_status is not PackageStatus.COMPLETED:
        return f"The package is {package.package_status.value}, not Completed."
    if request.images and images_of(package) != request.images:
        return "Its image or artefact is no longer what people approved."
    return ""
