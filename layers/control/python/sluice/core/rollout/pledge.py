"""What must still hold of a package right before each change: that it is what people approved. Pure."""

import re
from typing import TYPE_CHECKING

from sluice.model.package import Container, ModelPackage, PackageStatus, RegistryStatus
from sluice.model.rollout import RolloutRequest

if TYPE_CHECKING:
    from sluice.model.evidence import Evidence

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def images_of(package: "ModelPackage | Evidence") -> tuple[str, ...]:
    """What a package would run, as it is now or as it was when it was judged.

    Container by container: image, its digest, and the digest of everything said of it.
    """
    return tuple(_identity(container) for container in package.containers if not container.specification)


def _identity(container: Container) -> str:
    image = f"{container.image or ''}@{container.image_digest or ''}"
    artefact = f"{container.model_data or ''}#{container.model_data_etag or ''}"
    return f"{image} {artefact} {container.spec_digest}"


def strange_image(images: tuple[str, ...], request: RolloutRequest) -> str:
    """Why what runs is not what people approved: a tag can be moved, and SageMaker resolves it when it deploys.

    Nothing where every image was named by its digest, which cannot move, or where no digest was known.
    """
    approved = [image.partition(" ")[0] for image in request.images]
    if all(_DIGEST.search(image.rpartition("@")[0]) for image in approved):
        return ""
    known = [digest.group() for image in approved if (digest := _DIGEST.search(image))]
    if len(known) < len(approved):
        return ""
    strange = [image for image in images if _DIGEST.search(image) and not image.endswith(tuple(known))]
    return f"It runs {strange[0]}, which nobody approved: the tag of its image was moved." if strange else ""


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
