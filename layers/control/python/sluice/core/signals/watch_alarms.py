"""The alarms that Sluice makes for the metrics that a policy names in `watch.metrics`. Pure."""

from collections.abc import Mapping

from sluice.model.metric_query import AlarmPlan, MetricQuery
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.response_rules import WatchedMetric

WATCH_PREFIX = "sluice-watch-"
"""With what the names of these alarms begin; SageMaker's names of groups have no slash, which ends the group's."""


def watch_alarm_name(group: str, metric: str) -> str:
    """The alarm of a group's metric."""
    return f"{WATCH_PREFIX}{group}/{metric}"


def watched_metric(alarm: str) -> tuple[str, str] | None:
    """Group and metric of an alarm that Sluice made for a policy; None for any other."""
    group, slash, metric = alarm.removeprefix(WATCH_PREFIX).partition("/")
    return (group, metric) if alarm.startswith(WATCH_PREFIX) and slash and group and metric else None


def watch_alarms(policy: PolicyInForce, tags: Mapping[str, str]) -> tuple[AlarmPlan, ...]:
    """The alarms that a policy wants; none without an endpoint to watch."""
    if policy.rollout is None:
        return ()
    target = policy.rollout.target
    place = {"{endpoint}": target.endpoint, "{variant}": target.variant}
    return tuple(_alarm(policy, metric, place, tags) for metric in policy.response.watch.metrics)


def _alarm(
    policy: PolicyInForce, metric: WatchedMetric, place: Mapping[str, str], tags: Mapping[str, str]
) -> AlarmPlan:
    """One value beyond the limit is a violation; silence is neither well nor ill, since monitors run rarely."""
    dimensions = {name: _placed(value, place) for name, value in metric.dimensions.items()}
    side = "above" if metric.above else "below"
    return AlarmPlan(
        name=watch_alarm_name(policy.group, metric.name),
        description=f"Sluice: {metric.name} of {policy.group} is {side} {metric.limit:g}",
        metrics=(MetricQuery("watched", metric.namespace, metric.metric, dimensions, metric.stat),),
        threshold=metric.limit,
        operator="GreaterThanThreshold" if metric.above else "LessThanThreshold",
        period_s=metric.period_s,
        minutes=1,
        breaches=1,
        missing="missing",
        tags=tags,
    )


def _placed(value: str, place: Mapping[str, str]) -> str:
    for hole, name in place.items():
        value = value.replace(hole, name)
    return value
