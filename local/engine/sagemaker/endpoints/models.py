"""Models: what a variant runs, made of images and artefacts or of an approved model package."""

from typing import Any

from local import clock
from local.engine.sagemaker import packages, paging, store, tags
from local.engine.sagemaker.endpoints import notices
from local.engine.sagemaker.errors import invalid

_SUMMARY = ("ModelName", "ModelArn", "CreationTime")


def create(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """CreateModel; a versioned package has to be approved, and every package complete."""
    name = request["ModelName"]
    arn = store.arn("model", name)
    if arn in store.models:
        raise invalid(f'Cannot create already existing model "{arn}".')
    if bool(request.get("PrimaryContainer")) == bool(request.get("Containers")):
        raise invalid("You must provide either PrimaryContainer or Containers, and not both.")
    for container in containers(request):
        _check(container)
    model = {k: v for k, v in request.items() if k != "Tags"}
    model |= {"ModelArn": arn, "CreationTime": clock.now()}
    model.setdefault("EnableNetworkIsolation", False)
    store.models[arn] = model
    tags.put(arn, request.get("Tags") or [])
    notices.model_created(model)
    return {"ModelArn": arn}


def describe(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """DescribeModel."""
    return find(request["ModelName"])


def find(name: str) -> dict[str, Any]:
    """A model by name; SageMaker answers an unknown one with ValidationException."""
    arn = store.arn("model", name)
    model = store.models.get(arn)
    if model is None:
        raise invalid(f'Could not find model "{arn}".')
    return dict(model)


def list_all(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """ListModels."""
    found = paging.within(list(store.models.values()), request, name="ModelName")
    ordered = paging.in_order(found, request, name="ModelName", default_order="Descending")
    return paging.page([{k: m[k] for k in _SUMMARY} for m in ordered], request, answer="Models")


def delete(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """DeleteModel; SageMaker does not ask whether a configuration or an endpoint uses it."""
    arn = find(request["ModelName"])["ModelArn"]
    del store.models[arn]
    store.tags.pop(arn, None)
    return {}


def containers(model: dict[str, Any]) -> list[dict[str, Any]]:
    """The containers of a model, in their order."""
    return list(model.get("Containers") or [model["PrimaryContainer"]])


def package_of(model: dict[str, Any]) -> str | None:
    """ARN of the package that a model is made of."""
    named = (c["ModelPackageName"] for c in containers(model) if c.get("ModelPackageName"))
    found = next(named, None)
    return store.key_of("model-package", found) if found else None


def artefact_of(model: dict[str, Any]) -> str:
    """Address of the first container's artefact, empty if it has none."""
    return next((str(c["ModelDataUrl"]) for c in resolved(model) if c.get("ModelDataUrl")), "")


def deployed_images(model: dict[str, Any], at: float) -> list[dict[str, Any]]:
    """DeployedImages of a variant: each image as it was given, and by its digest."""
    found = []
    for container in resolved(model):
        image = str(container.get("Image", ""))
        digest = container.get("ImageDigest") or packages.digest_of(image)
        folder, slash, name = image.partition("@")[0].rpartition("/")
        pinned = f"{folder}{slash}{name.partition(':')[0]}@{digest}"
        found.append({"SpecifiedImage": image, "ResolvedImage": pinned, "ResolutionTime": at})
    return found


def resolved(model: dict[str, Any]) -> list[dict[str, Any]]:
    """The containers of a model with those of its package in the package's place."""
    found: list[dict[str, Any]] = []
    for container in containers(model):
        package = store.packages.get(store.key_of("model-package", container.get("ModelPackageName") or ""))
        inside = ((package or {}).get("InferenceSpecification") or {}).get("Containers") or []
        found += inside or [container]
    return found


def _check(container: dict[str, Any]) -> None:
    name, image = container.get("ModelPackageName"), container.get("Image")
    if bool(name) == bool(image):
        raise invalid("A container must have either Image or ModelPackageName, and not both.")
    if not name:
        return
    package = packages.find(name)
    arn, approval = package["ModelPackageArn"], package.get("ModelApprovalStatus", "Approved")
    if package["ModelPackageStatus"] != "Completed":
        raise invalid(f"Cannot create a model from model package {arn}: its status is {package['ModelPackageStatus']}.")
    if approval != "Approved":
        raise invalid(f"Cannot create a model from model package {arn}: its approval status is {approval}.")
