"""Whether what was raised still is: what the incident has heard of its source, and for alarms what CloudWatch says."""

from dataclasses import replace

from sluice.core.rollback.recovery import Sound
from sluice.errors import TransientFailure
from sluice.model.incident import Incident
from sluice.model.metric_query import AlarmState
from sluice.model.rollback import Rollback
from sluice.model.signal import SignalKind
from sluice.ports import Alarms, Records
from sluice.usecases.remembering import recall

_ALARM = "alarm/"


def sound_of(rollback: Rollback, records: Records, alarms: Alarms) -> Sound:
    """What its source says now. An AWS that does not answer changes nothing about what was heard."""
    heard = _heard(rollback, records)
    if rollback.signal.kind is not SignalKind.ALARM:
        return heard
    name = rollback.signal.source.removeprefix(_ALARM)
    try:
        state = alarms.states([name]).get(name)
    except TransientFailure:
        return heard
    return heard if state is None else replace(heard, raised=state is not AlarmState.OK)


def _heard(rollback: Rollback, records: Records) -> Sound:
    known = recall(records, Incident, rollback.incident_id) if rollback.incident_id else None
    if known is None:
        return Sound(raised=True, raised_at=(rollback.signal.at,))
    ended, source = known.value.resolved, rollback.signal.source
    settled = known.value.is_over and ended is not None and ended.via != "signal"
    seen = next((each for each in known.value.signals if each.source == source), None)
    if seen is None:
        return Sound(raised=True, raised_at=(rollback.signal.at,), settled=settled)
    return Sound(seen.raised, seen.raised_at, settled)
