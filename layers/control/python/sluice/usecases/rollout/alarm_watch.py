"""Which rollouts an alarm of a team wakes: noted with the plan, crossed out with the end."""

from collections.abc import Iterator
from dataclasses import replace

from sluice.model.commit import Save
from sluice.model.rollout import Rollout
from sluice.model.watched_alarm import WatchedAlarm
from sluice.ports import Records
from sluice.usecases.remembering import keep, recall


def watched(rollout: Rollout, records: Records) -> tuple[Save, ...]:
    """The writes after which the alarms of a rollout wake it."""
    return tuple(_noted(rollout, records, wakes=True))


def unwatched(rollout: Rollout, records: Records) -> tuple[Save, ...]:
    """The writes after which they do no more."""
    return tuple(_noted(rollout, records, wakes=False))


def _noted(rollout: Rollout, records: Records, *, wakes: bool) -> Iterator[Save]:
    names = rollout.rules.alarms if rollout.rules is not None else ()
    for name in dict.fromkeys(names):  # a commit writes a record once
        known = recall(records, WatchedAlarm, name)
        watched_alarm = known.value if known is not None else WatchedAlarm(name)
        others = tuple(other for other in watched_alarm.rollouts if other != rollout.id)
        after = (*others, rollout.id) if wakes else others
        if after != watched_alarm.rollouts:
            yield keep(known, replace(watched_alarm, rollouts=after), name)
