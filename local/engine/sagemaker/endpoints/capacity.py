"""How many instances of a type the endpoints of a region may have; both fleets of an update count."""

from collections.abc import Iterable

from local.engine.quotas import table
from local.engine.sagemaker import store
from local.engine.sagemaker.endpoints.state import Fleet
from local.engine.sagemaker.errors import ApiError


def check(more: Iterable[tuple[str, int]]) -> None:
    """Raise ResourceLimitExceeded, worded as SageMaker does, when more instances by type are more than the quota."""
    wanted: dict[str, int] = {}
    for instance_type, count in more:
        wanted[instance_type] = wanted.get(instance_type, 0) + count
    for instance_type, delta in wanted.items():
        used, limit = _used(instance_type), table.endpoint_instances(instance_type)
        if delta > 0 and instance_type and used + delta > limit:
            raise ApiError(
                "ResourceLimitExceeded",
                f"The account-level service limit '{instance_type} for endpoint usage' is {limit} Instances, with "
                f"current utilization of {used} Instances and a request delta of {delta} Instances. Please use AWS "
                "Service Quotas to request an increase for this quota. If AWS Service Quotas is not available, contact "
                "AWS support to request an increase for this quota.",
            )


def _used(instance_type: str) -> int:
    fleets: list[Fleet] = [
        f for e in list(store.endpoints.values()) if e.status != "Failed" for layer in e.layers for f in layer.fleets
    ]
    return sum(max(f.count, f.desired_count) for f in fleets if f.instance_type == instance_type)
