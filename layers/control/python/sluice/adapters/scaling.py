"""`Scaling` over Application Auto Scaling, for the instance count of production variants."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from sluice.adapters.aws_errors import found, is_missing, translated
from sluice.errors import TransientFailure
from sluice.model.endpoint import ScalingSeen

_NAMESPACE = "sagemaker"
_DIMENSION = "sagemaker:variant:DesiredInstanceCount"

_POLICY = (
    "PolicyName",
    "PolicyType",
    "StepScalingPolicyConfiguration",
    "TargetTrackingScalingPolicyConfiguration",
    "PredictiveScalingPolicyConfiguration",
)
"""What PutScalingPolicy takes of what DescribeScalingPolicies tells; the alarms of a policy are made anew."""

_SCHEDULE = ("ScheduledActionName", "Schedule", "Timezone", "StartTime", "EndTime", "ScalableTargetAction")
"""What PutScheduledAction takes of what DescribeScheduledActions tells."""


class ApplicationScaling:
    """Reads, registers and deregisters scalable targets with all that belongs to them."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def of_variant(self, endpoint: str, variant: str) -> ScalingSeen | None:
        """The target with its policies and scheduled actions by name, or None when the variant is not scaled."""
        resource = _resource(endpoint, variant)
        with translated("DescribeScalableTargets"):
            answer = self._client.describe_scalable_targets(
                ServiceNamespace=_NAMESPACE, ResourceIds=[resource], ScalableDimension=_DIMENSION
            )
        for target in answer["ScalableTargets"]:
            return ScalingSeen(
                resource_id=resource,
                minimum=target["MinCapacity"],
                maximum=target["MaxCapacity"],
                suspended=target.get("SuspendedState") or {},
                policies=_kept(self._policies(resource), _POLICY),
                schedules=_kept(self._schedules(resource), _SCHEDULE),
            )
        return None

    def register(self, seen: ScalingSeen) -> None:
        """Put everything as it was seen: each call replaces what is there under the same name.

        No role is given: SageMaker has a service-linked one, which Application Auto Scaling finds by itself.
        """
        target = _target(seen.resource_id)
        bounds = {"MinCapacity": seen.minimum, "MaxCapacity": seen.maximum}
        suspended = {"SuspendedState": dict(seen.suspended)} if seen.suspended else {}
        with translated("RegisterScalableTarget"):
            self._client.register_scalable_target(**target, **bounds, **suspended)
        for policy in seen.policies:
            with _of_new_target("PutScalingPolicy"):
                self._client.put_scaling_policy(**target, **policy)
        for action in seen.schedules:
            with _of_new_target("PutScheduledAction"):
                self._client.put_scheduled_action(**target, **action)

    def deregister(self, endpoint: str, variant: str) -> None:
        """Take the target away; its policies and scheduled actions go with it."""
        target = _target(_resource(endpoint, variant))
        found("DeregisterScalableTarget", lambda: self._client.deregister_scalable_target(**target))

    def _policies(self, resource: str) -> Iterator[Mapping[str, Any]]:
        pages = self._client.get_paginator("describe_scaling_policies").paginate(**_target(resource))
        with translated("DescribeScalingPolicies"):
            for page in pages:
                yield from page["ScalingPolicies"]

    def _schedules(self, resource: str) -> Iterator[Mapping[str, Any]]:
        pages = self._client.get_paginator("describe_scheduled_actions").paginate(**_target(resource))
        with translated("DescribeScheduledActions"):
            for page in pages:
                yield from page["ScheduledActions"]


@contextmanager
def _of_new_target(operation: str) -> Iterator[None]:
    """A target shows a moment after it was registered, says AWS: not finding it is worth repeating."""
    try:
        with translated(operation, unless=is_missing):
            yield
    except ClientError as error:
        raise TransientFailure(f"{operation}: the scalable target does not show yet") from error


def _resource(endpoint: str, variant: str) -> str:
    return f"endpoint/{endpoint}/variant/{variant}"


def _target(resource: str) -> dict[str, str]:
    return {"ServiceNamespace": _NAMESPACE, "ResourceId": resource, "ScalableDimension": _DIMENSION}


def _kept(told: Iterable[Mapping[str, Any]], keys: tuple[str, ...]) -> tuple[Mapping[str, Any], ...]:
    """What can be put again, by name; moments as text, since what is seen is kept in a record."""
    kept = [{key: _text(item[key]) for key in keys if key in item} for item in told]
    return tuple(sorted(kept, key=lambda item: str(item[keys[0]])))


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
