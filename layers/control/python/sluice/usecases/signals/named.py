"""The alarms and monitors that a policy names lead to its group: noted when it is accepted, found by one read."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sluice.model.commit import Save
from sluice.model.ids import Micros
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.watched_alarm import WatchedAlarm, WatchedMonitor
from sluice.ports import Records
from sluice.usecases.remembering import keep, recall
from sluice.usecases.signals.keep_watch_alarms import wanted_alarms


def named(policy: PolicyInForce, records: Records, at: Micros) -> tuple[Save, ...]:
    """The writes after which what a policy names is known by its name.

    What it names no more stays noted: whoever finds the group reads its policy, which says no more then.
    """
    own = wanted_alarms(policy, records, at)
    if policy.rollout is None:
        return own
    alarms = dict.fromkeys((*policy.response.watch.alarms, *policy.rollout.alarms))
    monitors = dict.fromkeys(map(str.lower, policy.response.watch.monitors))
    return (
        *own,
        *_noted(WatchedAlarm, alarms, policy.group, records),
        *_noted(WatchedMonitor, monitors, policy.group, records),
    )


def _noted(
    kind: type[WatchedAlarm | WatchedMonitor], names: Iterable[str], group: str, records: Records
) -> Iterator[Save]:
    for name in names:
        known = recall(records, kind, name)
        watched: WatchedAlarm | WatchedMonitor = kind(name) if known is None else known.value
        if group not in watched.groups:
            yield keep(known, replace(watched, groups=(*watched.groups, group)), name)
