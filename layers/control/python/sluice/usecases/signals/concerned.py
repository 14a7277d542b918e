"""Which endpoints an alarm or a monitor concerns: by its name in a policy, by the group, or by the endpoint."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sluice.core.signals.watch_alarms import watched_metric
from sluice.model.endpoint import EndpointOwner
from sluice.model.ids import GroupName
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.records import PolicyRecord
from sluice.model.signal import Cause
from sluice.model.watched_alarm import WatchedAlarm, WatchedMonitor
from sluice.ports import Records
from sluice.usecases.remembering import recall


@dataclass(frozen=True, slots=True)
class Concerned:
    """An endpoint that something is about, and what is not well there where the policy says it."""

    endpoint: str
    group: GroupName
    cause: Cause | None = None


def by_alarm_name(name: str, records: Records) -> tuple[Concerned, ...]:
    """The endpoints whose policy names an alarm, or for whose policy Sluice made it."""
    own = watched_metric(name)
    if own is not None:
        return tuple(_of_metric(*own, records))
    known = recall(records, WatchedAlarm, name)
    groups = known.value.groups if known is not None else ()
    return tuple(_of_alarm(name, groups, records))


def by_monitor_name(name: str, records: Records) -> tuple[Concerned, ...]:
    """The endpoints whose policy names a monitor, however it is spelled: SageMaker lower-cases names in ARNs."""
    known = recall(records, WatchedMonitor, name.lower())
    policies = _policies(known.value.groups if known is not None else (), records)
    return tuple(
        _target(policy) for policy in policies if name.lower() in map(str.lower, policy.response.watch.monitors)
    )


def by_group(group: str, records: Records) -> tuple[Concerned, ...]:
    """The endpoint of a group."""
    return tuple(_target(policy) for policy in _policies((group,), records))


def by_endpoint(names: Iterable[str], records: Records) -> tuple[Concerned, ...]:
    """Those of these endpoints that a policy names as its target, and not only did once."""
    owners = [recall(records, EndpointOwner, name.lower()) for name in dict.fromkeys(names) if name]
    return tuple(
        concerned
        for owner in owners
        if owner is not None
        for concerned in by_group(owner.value.group, records)
        if concerned.endpoint.lower() == owner.id
    )


def _of_metric(group: str, metric: str, records: Records) -> Iterator[Concerned]:
    for policy in _policies((group,), records):
        watched = (each for each in policy.response.watch.metrics if each.name == metric)
        yield from (_target(policy, each.cause) for each in watched)


def _of_alarm(name: str, groups: Iterable[str], records: Records) -> Iterator[Concerned]:
    for policy in _policies(groups, records):
        watched = policy.response.watch.alarms
        if name in watched or (policy.rollout is not None and name in policy.rollout.alarms):
            yield _target(policy, watched.get(name))


def _policies(groups: Iterable[str], records: Records) -> Iterator[PolicyInForce]:
    """Those in force that have an endpoint."""
    for group in dict.fromkeys(group.lower() for group in groups):
        known = recall(records, PolicyRecord, group)
        if known is not None and known.value.in_force.rollout is not None:
            yield known.value.in_force


def _target(policy: PolicyInForce, cause: Cause | None = None) -> Concerned:
    endpoint = policy.rollout.target.endpoint if policy.rollout is not None else ""
    return Concerned(endpoint, policy.group, cause)
