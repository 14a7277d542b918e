"""Tags of the resources."""

from typing import Any

from local.engine.sagemaker import store
from local.engine.sagemaker.errors import ApiError, invalid

_MOST = 50


def put(arn: str, new: list[dict[str, str]]) -> None:
    """Set tags on a resource that exists."""
    merged = {**store.tags.get(arn.lower(), {}), **{tag["Key"]: tag["Value"] for tag in new}}
    if len(merged) > _MOST:
        raise ApiError("ResourceLimitExceeded", f"The number of tags exceeds the limit of {_MOST}.")
    store.tags[arn.lower()] = merged


def add(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """AddTags."""
    arn = _existing(request["ResourceArn"])
    put(arn, request["Tags"])
    return {"Tags": _listed(arn)}


def list_all(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """ListTags; fifty tags at most, so one page."""
    return {"Tags": _listed(_existing(request["ResourceArn"]))}


def delete(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """DeleteTags."""
    arn = _existing(request["ResourceArn"])
    store.tags[arn] = {k: v for k, v in store.tags.get(arn, {}).items() if k not in request["TagKeys"]}
    return {}


def _listed(arn: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in store.tags.get(arn, {}).items()]


def _existing(arn: str) -> str:
    key = arn.lower()
    if not any(key in part for part in store.TAGGED):
        raise invalid(f"Could not find resource {arn}.")
    return key
