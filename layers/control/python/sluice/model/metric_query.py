"""What is asked of CloudWatch: one series a query, and the alarms of a rollout."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

type MinuteValues = tuple[float | None, ...]
"""One value a minute; None where CloudWatch has no datapoint."""


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """One statistic of one metric, by minute. `id` names it in the answer (`[a-z][a-zA-Z0-9_]*`)."""

    id: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    stat: str


class AlarmState(StrEnum):
    """`StateValue` of DescribeAlarms (botocore's cloudwatch model)."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


@dataclass(frozen=True, slots=True)
class AlarmPlan:
    """A metric alarm of Sluice's own: `breaches` of `minutes` periods beyond the threshold, a minute each unless said.

    `missing` is TreatMissingData. `expression` combines `metrics` by their ids, each by the minute; without it there
    is one metric.
    """

    name: str
    description: str
    metrics: tuple[MetricQuery, ...]
    threshold: float
    minutes: int
    breaches: int
    missing: str = "notBreaching"
    expression: str | None = None
    tags: Mapping[str, str] | None = None
    operator: str = "GreaterThanOrEqualToThreshold"
    period_s: int = 60


def ringing(states: Mapping[str, AlarmState]) -> frozenset[str]:
    """The names of those alarms that are in ALARM."""
    return frozenset(name for name, state in states.items() if state is AlarmState.ALARM)


def verdict_query(endpoint: str, rollout_id: str) -> MetricQuery:
    """The metric by which the judge's verdict reaches the alarm of a guarded deployment: 1 is "take it back"."""
    dimensions = {"Endpoint": endpoint, "Rollout": rollout_id}
    return MetricQuery("rejected", "Sluice/Canary", "CandidateRejected", dimensions, "Maximum")
