"""S3 buckets made by CloudFormation get their Object Lock; ministack drops the properties."""

from typing import Any

from ministack.services import s3
from ministack.services.cloudformation import provisioners

from local.engine.patches.expected import PatchMismatch

_BUCKET = "AWS::S3::Bucket"


def apply() -> None:
    """Wrap the creation of buckets."""
    handlers = provisioners._RESOURCE_HANDLERS.get(_BUCKET, {})
    if "create" not in handlers or not hasattr(s3, "_bucket_object_lock"):
        raise PatchMismatch("ministack's S3 provisioner or its store of Object Lock settings has changed")
    create = handlers["create"]

    def create_with_lock(logical_id: str, props: Any, stack_name: str) -> Any:
        name, attributes = create(logical_id, props, stack_name)
        if str(props.get("ObjectLockEnabled", "")).lower() == "true":
            _lock(name, props.get("ObjectLockConfiguration") or {})
        return name, attributes

    handlers["create"] = create_with_lock


def _lock(bucket: str, configuration: dict[str, Any]) -> None:
    retention = (configuration.get("Rule") or {}).get("DefaultRetention") or {}
    default = {"Mode": retention["Mode"]} if retention else None
    for unit in ("Days", "Years"):
        if default is not None and unit in retention:
            default[unit] = int(retention[unit])
    s3._bucket_versioning[bucket] = "Enabled"
    s3._bucket_object_lock[bucket] = {"enabled": True, "default_retention": default}
