"""Alarms are looked at without an event: it may have been lost, a mute may have ended, an alarm may be gone."""

from collections.abc import Iterable, Iterator

from sluice.model.alarm_seen import AlarmSeen, QuietAlarm
from sluice.model.commit import Commit, Stored
from sluice.model.ids import Micros
from sluice.model.incident import Incident
from sluice.model.metric_query import AlarmState
from sluice.usecases.remembering import keep, recall, settling_races
from sluice.usecases.signals.admit_alarm import (
    AdmittingAlarmSignals,
    Told,
    admit_seen,
    alarm_signal,
    gone_signal,
)
from sluice.usecases.signals.concerned import Concerned
from sluice.usecases.signals.taking import SignalAction, ignored

SOURCE = "alarm/"
_LOST_WITHIN = 3600 * 1_000_000
"""Microseconds: what has rung for longer was heard, or its event is among the dead letters."""


def rings_unheard(seen: AlarmSeen, world: AdmittingAlarmSignals) -> bool:
    """Handle an alarm that rings as if its event had come; whether that was news. One that keeps quiet is left so."""
    now = world.clock.now()
    if seen.since < now - _LOST_WITHIN:
        return False
    quiet = recall(world.records, QuietAlarm, seen.name)
    if quiet is not None and quiet.value.until > now:
        return False
    return admit_seen(seen, Told(), world).news


def ends_quiet(stored: Stored, world: AdmittingAlarmSignals) -> bool:
    """Look again at an alarm whose mute has ended (a record of `QuietAlarm`); whether it is heard now."""
    name = stored.key.id
    seen = world.alarms.seen((name,)).get(name)
    heard = ignored("it rings no more")
    if seen is not None and seen.state is AlarmState.ALARM:
        heard = admit_seen(seen, Told(), world)
    if heard.action is not SignalAction.KEEP_QUIET:
        settling_races(lambda: _over(name, world))
    return heard.news


def _over(name: str, world: AdmittingAlarmSignals) -> None:
    known = recall(world.records, QuietAlarm, name)
    now = world.clock.now()
    if known is not None and known.value.until <= now:
        world.records.commit(Commit((keep(known, known.value, name),)), at=now)


def raised_alarms(incidents: Iterable[Incident]) -> Iterator[tuple[Incident, str]]:
    """The alarms that are raised in incidents, by name."""
    for incident in incidents:
        for said in incident.signals:
            if said.raised and said.source.startswith(SOURCE):
                yield incident, said.source.removeprefix(SOURCE)


def rings_no_more(incident: Incident, name: str, seen: AlarmSeen | None, world: AdmittingAlarmSignals) -> bool:
    """Clear what an alarm has raised in an incident, if it is OK by now or gone; whether it was."""
    concerned = Concerned(incident.endpoint, incident.group)
    if seen is None:
        world.take(gone_signal(name, concerned, world.region, world.clock.now()))
        return True
    last = next((s.raised_at[-1] for s in incident.signals if s.source == SOURCE + name and s.raised_at), Micros(0))
    if seen.state is not AlarmState.OK or seen.since <= last:
        return False
    world.take(alarm_signal(seen, concerned, seen.metrics, world.region))
    return True
