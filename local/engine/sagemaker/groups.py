"""Model package groups."""

from typing import Any

from local import clock
from local.engine.sagemaker import paging, store, tags
from local.engine.sagemaker.errors import conflict, invalid

_SUMMARY = ("ModelPackageGroupName", "ModelPackageGroupArn", "ModelPackageGroupDescription", "CreationTime")


def create(request: dict[str, Any], caller: dict[str, Any]) -> dict[str, Any]:
    """CreateModelPackageGroup."""
    name = request["ModelPackageGroupName"]
    arn = store.arn("model-package-group", name)
    if arn in store.groups:
        raise invalid(f"Model Package Group already exists: {arn}")
    store.groups[arn] = {
        "ModelPackageGroupName": name,
        "ModelPackageGroupArn": arn,
        "ModelPackageGroupDescription": request.get("ModelPackageGroupDescription"),
        "CreationTime": clock.now(),
        "CreatedBy": caller,
        "ModelPackageGroupStatus": "Completed",
        "last_version": 0,
    }
    tags.put(arn, request.get("Tags") or [])
    return {"ModelPackageGroupArn": arn}


def describe(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """DescribeModelPackageGroup."""
    return find(request["ModelPackageGroupName"])


def find(arn_or_name: str) -> dict[str, Any]:
    """A group by ARN or name; SageMaker answers an unknown one with ValidationException."""
    key = store.key_of("model-package-group", arn_or_name)
    group = store.groups.get(key)
    if group is None:
        raise invalid(f"ModelPackageGroup {key} does not exist.")
    return dict(group)


def next_version(group: dict[str, Any]) -> int:
    """Take the next version number of a group; numbers of deleted versions are not given again."""
    kept = store.groups[group["ModelPackageGroupArn"]]
    kept["last_version"] += 1
    return int(kept["last_version"])


def list_all(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """ListModelPackageGroups."""
    name = "ModelPackageGroupName"
    found = paging.within(list(store.groups.values()), request, name=name)
    ordered = paging.in_order(found, request, name=name, default_order="Ascending")
    status = {"ModelPackageGroupStatus": "Completed"}
    summaries = [{k: g[k] for k in _SUMMARY if g.get(k) is not None} | status for g in ordered]
    return paging.page(summaries, request, answer="ModelPackageGroupSummaryList")


def delete(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """DeleteModelPackageGroup; a group with packages in it stays."""
    group = find(request["ModelPackageGroupName"])
    name = group["ModelPackageGroupName"]
    if any(p.get("ModelPackageGroupName") == name for p in store.packages.values()):
        raise conflict(f"Model Package Group {name} cannot be deleted because it still contains Model Packages.")
    del store.groups[group["ModelPackageGroupArn"]]
    store.tags.pop(group["ModelPackageGroupArn"], None)
    return {}
