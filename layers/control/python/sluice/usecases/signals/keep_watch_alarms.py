"""The alarms that policies want for metrics of their own stand in CloudWatch; those that none wants any more do not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sluice.core.signals.watch_alarms import watch_alarm_name, watch_alarms
from sluice.model.canonical import canonical_text, digest_of
from sluice.model.commit import Commit, Save
from sluice.model.ids import Micros
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.records import PolicyRecord
from sluice.model.watched_alarm import WatchAlarms
from sluice.ports import Alarms, Clock, Records
from sluice.usecases.remembering import keep, recall, settling_races


@dataclass(frozen=True, slots=True)
class KeepingAlarms:
    """What keeping them works with. `tags` are put on every alarm, such as the stack's name."""

    records: Records
    alarms: Alarms
    clock: Clock
    tags: Mapping[str, str]


def wanted_alarms(policy: PolicyInForce, records: Records, at: Micros) -> tuple[Save, ...]:
    """The write, with a policy, of the names of its alarms: those that it wants, and those that may stand from before.

    It is due at once: whoever finds it makes what is wanted and deletes the rest.
    """
    known = recall(records, WatchAlarms, policy.group.lower())
    before = known.value.names if known is not None else ()
    wanted = tuple(watch_alarm_name(policy.group, metric.name) for metric in policy.response.watch.metrics)
    if not before and not wanted:
        return ()
    names = tuple(dict.fromkeys((*before, *wanted)))
    return (keep(known, WatchAlarms(policy.group, names), policy.group.lower(), due_at=at),)


def standing_alarms(groups: Iterable[WatchAlarms], alarms: Alarms) -> frozenset[str]:
    """Which alarms of these groups stand in CloudWatch now."""
    return frozenset(alarms.states([name for group in groups for name in group.names]))


def keep_watch_alarms(group: str, standing: frozenset[str], world: KeepingAlarms) -> bool:
    """Bring the alarms of a group in order, given those that stand; whether there was something to be done."""
    return settling_races(lambda: _kept(group, standing, world))


def _kept(group: str, standing: frozenset[str], world: KeepingAlarms) -> bool:
    known = recall(world.records, WatchAlarms, group.lower())
    policy = recall(world.records, PolicyRecord, group.lower())
    if known is None or policy is None:
        return False
    plans = watch_alarms(policy.value.in_force, world.tags)
    wanted, made = tuple(plan.name for plan in plans), digest_of(canonical_text(plans).encode())
    superfluous = tuple(name for name in known.value.names if name not in wanted)
    if known.value.made == made and standing.issuperset(wanted) and not superfluous:
        return False
    for plan in plans:
        world.alarms.put(plan)
    world.alarms.delete(superfluous)
    now = world.clock.now()
    after = WatchAlarms(group, wanted, made)
    world.records.commit(Commit((keep(known, after, group.lower(), due_at=now if wanted else None),)), at=now)
    return True
