"""An alarm went to ALARM: the rollouts that name it look at once."""

from dataclasses import dataclass
from enum import StrEnum

from sluice.core.rollout.changes import is_managed
from sluice.model.alarm_event import AlarmEvent
from sluice.model.command_json import to_json
from sluice.model.ids import RolloutId
from sluice.model.metric_query import AlarmState
from sluice.model.rollout import LOOKED_AT, Phase, Rollout
from sluice.model.rollout_commands import WakeRollout
from sluice.model.watched_alarm import WatchedAlarm
from sluice.ports import CommandQueue, Records
from sluice.usecases.remembering import recall


class AlarmAction(StrEnum):
    """What an event led to."""

    IGNORE = "ignore"
    WAKE = "wake"


@dataclass(frozen=True, slots=True)
class AlarmAdmission:
    """What an event led to, and why."""

    action: AlarmAction
    reason: str


@dataclass(frozen=True, slots=True)
class AdmittingAlarms:
    """What admission of alarms works with; `account` and `region` are our own."""

    records: Records
    queue: CommandQueue
    account: str
    region: str


def admit_alarm(told: AlarmEvent, world: AdmittingAlarms) -> AlarmAdmission:
    """Wake the looks that an alarm concerns. What it says is not believed: each look reads the state from CloudWatch.

    Nothing is recorded here, so an event that comes again, or late, is at worst one more look.
    """
    if (told.account, told.region) != (world.account, world.region):
        return _ignored(f"it is {told.account}'s in {told.region}")
    if told.state is not AlarmState.ALARM:
        return _ignored(f"it went to {told.state.value}")
    known = recall(world.records, WatchedAlarm, told.name)
    if known is None or not known.value.rollouts:
        return _ignored("no rollout under way names it")
    woken = [rollout_id for rollout_id in known.value.rollouts if _waits(rollout_id, world.records)]
    for rollout_id in woken:
        world.queue.send(to_json(WakeRollout(rollout_id, f"alarm {told.name} of the team went to ALARM")))
    if not woken:
        return _ignored("each rollout that names it sees for itself, or SageMaker does")
    return AlarmAdmission(AlarmAction.WAKE, f"the judge of {', '.join(woken)} looks at once")


def _waits(rollout_id: RolloutId, records: Records) -> bool:
    """Whether a rollout waits for its next look, and nobody else acts on its alarms.

    One that changes its endpoint looks right after. A guarded deployment has its alarms from the team: SageMaker goes
    back by itself, and its event wakes the look.
    """
    known = recall(records, Rollout, rollout_id)
    if known is None or known.value.phase not in LOOKED_AT:
        return False
    return known.value.phase is not Phase.GUARDED or not is_managed(known.value)


def _ignored(reason: str) -> AlarmAdmission:
    return AlarmAdmission(AlarmAction.IGNORE, reason)
