"""Model packages: versions in a group, and unversioned ones."""

import hashlib
from typing import Any

from local import clock
from local.engine.sagemaker import events, groups, paging, store, tags
from local.engine.sagemaker.errors import invalid

_SUMMARY = (
    "ModelPackageName",
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "ModelPackageDescription",
    "CreationTime",
    "ModelPackageStatus",
    "ModelApprovalStatus",
    "ModelLifeCycle",
    "ModelPackageRegistrationType",
)
_NOT_KEPT = ("Tags", "ClientToken", "ModelPackageGroupName", "ModelPackageName")
_UPDATABLE = (
    "ModelApprovalStatus",
    "ApprovalDescription",
    "InferenceSpecification",
    "ModelLifeCycle",
    "ModelCard",
    "ModelPackageRegistrationType",
)
_MOST_METADATA = 50


def create(request: dict[str, Any], caller: dict[str, Any]) -> dict[str, Any]:
    """CreateModelPackage."""
    group_name, name = request.get("ModelPackageGroupName"), request.get("ModelPackageName")
    if bool(group_name) == bool(name):
        raise invalid("Provide either ModelPackageName or ModelPackageGroupName, and not both.")
    if group_name and request.get("Tags"):
        raise invalid("Tags cannot be given for a versioned model package; it uses the tags of its group.")
    token = request.get("ClientToken")
    if token in store.client_tokens:
        return {"ModelPackageArn": store.client_tokens[token]}
    identity = _versioned(str(group_name)) if group_name else _unversioned(str(name))
    created = clock.now()
    package = {k: v for k, v in request.items() if k not in _NOT_KEPT} | identity
    package |= {"CreationTime": created, "LastModifiedTime": created, "CreatedBy": caller, "LastModifiedBy": caller}
    package |= {"ModelPackageStatus": "Completed", "ModelPackageStatusDetails": _status_details()}
    package.setdefault("CertifyForMarketplace", False)
    if group_name:
        package.setdefault("ModelApprovalStatus", "PendingManualApproval")
        package.setdefault("ModelPackageRegistrationType", "Registered")
    _resolve_digests(package)
    store.packages[package["ModelPackageArn"]] = package
    tags.put(package["ModelPackageArn"], request.get("Tags") or [])
    if token:
        store.client_tokens[token] = package["ModelPackageArn"]
    events.package_changed(package)
    return {"ModelPackageArn": package["ModelPackageArn"]}


def describe(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """DescribeModelPackage; the model requires a ModelPackageName, which of a version can only be its group's."""
    package = find(request["ModelPackageName"])
    return {"ModelPackageName": package.get("ModelPackageGroupName"), **package}


def find(arn_or_name: str) -> dict[str, Any]:
    """A package by ARN or name; SageMaker answers an unknown one with ValidationException."""
    key = store.key_of("model-package", arn_or_name)
    package = store.packages.get(key)
    if package is None:
        raise invalid(f"ModelPackage {key} does not exist.")
    return dict(package)


def update(request: dict[str, Any], caller: dict[str, Any]) -> dict[str, Any]:
    """UpdateModelPackage: one event for each accepted call, also when nothing but metadata was changed."""
    package = find(request["ModelPackageArn"])
    if request.get("ModelApprovalStatus") and "ModelPackageVersion" not in package:
        raise invalid("ModelApprovalStatus can be set on versioned model packages only.")
    fields = [name for name in _UPDATABLE if name in request]
    package |= {name: request[name] for name in fields}
    if "SourceUri" in request:
        package["SourceUri"] = request["SourceUri"]
        fields.append("sourceUri")
    if "CustomerMetadataProperties" in request or "CustomerMetadataPropertiesToRemove" in request:
        package["CustomerMetadataProperties"] = _metadata(package, request)
        fields.append("CustomerMetadataProperties")
    if "AdditionalInferenceSpecificationsToAdd" in request:
        more = request["AdditionalInferenceSpecificationsToAdd"]
        package["AdditionalInferenceSpecifications"] = [*package.get("AdditionalInferenceSpecifications", []), *more]
        fields.append("AdditionalInferenceSpecifications")
    package |= {"LastModifiedTime": clock.now(), "LastModifiedBy": caller}
    _resolve_digests(package)
    store.packages[package["ModelPackageArn"]] = package
    events.package_changed(package, fields)
    return {"ModelPackageArn": package["ModelPackageArn"]}


def list_all(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """ListModelPackages; without a group only unversioned packages, unless ModelPackageType says otherwise."""
    found = [p for p in store.packages.values() if _wanted(p, request)]
    name = "ModelPackageGroupName" if request.get("ModelPackageGroupName") else "ModelPackageName"
    ordered = paging.in_order(paging.within(found, request, name=name), request, name=name, default_order="Ascending")
    summaries = [{k: p[k] for k in _SUMMARY if p.get(k) is not None} for p in ordered]
    return paging.page(summaries, request, answer="ModelPackageSummaryList")


def delete(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """DeleteModelPackage."""
    arn = find(request["ModelPackageName"])["ModelPackageArn"]
    del store.packages[arn]
    store.tags.pop(arn, None)
    return {}


def set_status(arn: str, status: str) -> None:
    """Let the package's own status (validation, scan) change, as SageMaker does by itself."""
    package = find(arn) | {"ModelPackageStatus": status, "LastModifiedTime": clock.now()}
    store.packages[package["ModelPackageArn"]] = package
    events.package_changed(package)


def digest_of(image: str) -> str:
    """Digest of an image: SageMaker asks ECR; without a registry the digest is made from the image's name."""
    return image.rpartition("@")[2] if "@sha256:" in image else f"sha256:{hashlib.sha256(image.encode()).hexdigest()}"


def _versioned(group_name: str) -> dict[str, Any]:
    group = groups.find(group_name)
    version = groups.next_version(group)
    name = group["ModelPackageGroupName"]
    arn = store.arn("model-package", f"{name}/{version}")
    return {"ModelPackageGroupName": name, "ModelPackageVersion": version, "ModelPackageArn": arn}


def _unversioned(name: str) -> dict[str, Any]:
    arn = store.arn("model-package", name)
    if arn in store.packages:
        raise invalid(f"Model Package already exists: {arn}")
    return {"ModelPackageName": name, "ModelPackageArn": arn}


def _wanted(package: dict[str, Any], request: dict[str, Any]) -> bool:
    versioned = "ModelPackageVersion" in package
    status = request.get("ModelApprovalStatus")
    if status and package.get("ModelApprovalStatus") != status:
        return False
    if group := request.get("ModelPackageGroupName"):
        wanted = str(group).rsplit("/", 1)[-1].lower()
        return versioned and package["ModelPackageGroupName"].lower() == wanted
    kind = request.get("ModelPackageType", "Unversioned")
    return bool(kind == "Both" or versioned == (kind == "Versioned"))


def _metadata(package: dict[str, Any], request: dict[str, Any]) -> dict[str, str]:
    merged = {**package.get("CustomerMetadataProperties", {}), **request.get("CustomerMetadataProperties", {})}
    gone = request.get("CustomerMetadataPropertiesToRemove", [])
    merged = {k: v for k, v in merged.items() if k not in gone}
    if len(merged) > _MOST_METADATA:
        raise invalid(f"CustomerMetadataProperties exceed the limit of {_MOST_METADATA}.")
    return merged


def _status_details() -> dict[str, Any]:
    return {"ValidationStatuses": [], "ImageScanStatuses": []}


def _resolve_digests(package: dict[str, Any]) -> None:
    for container in (package.get("InferenceSpecification") or {}).get("Containers") or []:
        container.setdefault("ImageDigest", digest_of(container.get("Image", "")))
