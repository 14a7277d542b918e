"""`Quotas` over Service Quotas and the usage that AWS itself measures against them."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.exceptions import ClientError

from sluice.adapters.aws_errors import is_denied, is_missing, translated
from sluice.model.ids import Micros
from sluice.model.metric_query import MetricQuery
from sluice.ports import Clock, Metrics

_RECENT = 60 * 60_000_000
"""How far back the newest value of a usage is looked for; AWS publishes it every few minutes."""


class HostingQuotas:
    """Quotas of instances behind endpoints. They are read once in the life of a process: a raise is seen by the next.

    Usage is the metric that Service Quotas names beside the quota. It is some minutes old, and does not know of an
    endpoint that is being made right now; where there is no such metric or value, usage cannot be told. Counting over
    all endpoints instead would take two calls for each, and would still miss what others begin meanwhile.
    """

    def __init__(self, client: Any, metrics: Metrics, clock: Clock) -> None:
        self._client = client
        self._metrics = metrics
        self._clock = clock
        self._quota = cache(self._read)

    def endpoint_instances(self, instance_type: str) -> int | None:
        """The quota, or None when it may not be read or is not listed."""
        quota = self._quota(instance_type)
        return None if quota is None or "Value" not in quota else int(quota["Value"])

    def instances_in_use(self, instance_type: str) -> int | None:
        """The newest usage of the last hour, or None when AWS shows none."""
        usage = (self._quota(instance_type) or {}).get("UsageMetric") or {}
        if not usage.get("MetricName"):
            return None
        query = MetricQuery(
            id="usage",
            namespace=usage["MetricNamespace"],
            metric=usage["MetricName"],
            dimensions=usage.get("MetricDimensions") or {},
            stat=usage.get("MetricStatisticRecommendation") or "Maximum",
        )
        now = self._clock.now()
        values = self._metrics.by_minute((query,), start=Micros(now - _RECENT), end=now)["usage"]
        return next((int(value) for value in reversed(values) if value is not None), None)

    def _read(self, instance_type: str) -> Mapping[str, Any] | None:
        """Look through the list up to the quota of that name: codes are not guessable, and there are thousands."""
        name = f"{instance_type} for endpoint usage"
        try:
            with translated("ListServiceQuotas", unless=_cannot_be_told):
                for page in self._client.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker"):
                    for quota in page["Quotas"]:
                        if quota.get("QuotaName") == name:
                            return dict(quota)
        except ClientError:
            return None
        return None


def _cannot_be_told(error: ClientError) -> bool:
    return is_denied(error) or is_missing(error)
