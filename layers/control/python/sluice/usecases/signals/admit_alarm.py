"""An alarm has changed its state: what it says of an endpoint that Sluice looks after becomes a signal."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sluice.core.signals.alarms import cause_of, config_named, findings_of, links_of, summary_of
from sluice.model.alarm_event import AlarmEvent
from sluice.model.alarm_seen import AlarmMetric, AlarmSeen, QuietAlarm
from sluice.model.commit import Commit, Entry, group_chain
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import EPOCH, Micros
from sluice.model.metric_query import AlarmState
from sluice.model.signal import Cause, Signal, SignalKind
from sluice.ports import Clock, Records
from sluice.ports.signals import SeenAlarms
from sluice.usecases.remembering import keep, recall, settling_races
from sluice.usecases.signals.alarm_subject import subject_of
from sluice.usecases.signals.concerned import Concerned, by_alarm_name
from sluice.usecases.signals.taking import SignalAction, SignalAdmission, Take, ignored, taken

_LOOK_AGAIN = 5 * 60 * 1_000_000
"""Microseconds after which a suppressed alarm is looked at again: CloudWatch tells of no end of a suppression."""


@dataclass(frozen=True, slots=True)
class AdmittingAlarmSignals:
    """What admission of alarms works with; `account` and `region` are our own."""

    records: Records
    alarms: SeenAlarms
    take: Take
    clock: Clock
    account: str
    region: str


@dataclass(frozen=True, slots=True)
class Told:
    """What CloudWatch tells of an alarm in its events alone."""

    muted_until: Micros = EPOCH
    tags: Mapping[str, str] = field(default_factory=dict)


def admit_alarm(event: AlarmEvent, world: AdmittingAlarmSignals) -> SignalAdmission:
    """Handle an event of an alarm; what it says is not believed, the alarm is read again.

    Only a mute is: it can do no more than keep an alarm quiet for a time.
    """
    if (event.account, event.region) != (world.account, world.region):
        return ignored(f"it is {event.account}'s in {event.region}")
    seen = world.alarms.seen((event.name,)).get(event.name)
    if seen is None:
        return _gone(event.name, world)
    return admit_seen(seen, Told(event.muted_until, event.tags), world)


def admit_seen(seen: AlarmSeen, told: Told, world: AdmittingAlarmSignals) -> SignalAdmission:
    """Handle an alarm as it is now, however it was found."""
    if seen.state is AlarmState.INSUFFICIENT_DATA:
        return ignored("it has too little data, which says neither that all is well nor that it is not")
    subject = subject_of(seen, told.tags, world.records, world.alarms)
    if not subject.concerned:
        return ignored("no policy names it, and neither its metrics nor its tags name an endpoint of a policy")
    quiet = _quiet(seen, told, world.clock.now())
    if quiet is not None:
        settling_races(lambda: _keep_quiet(quiet, seen, subject.concerned, world))
        return SignalAdmission(SignalAction.KEEP_QUIET, quiet.why)
    return taken((alarm_signal(seen, each, subject.metrics, world.region) for each in subject.concerned), world.take)


def gone_signal(name: str, concerned: Concerned, region: str, at: Micros) -> Signal:
    """What an alarm that does not exist says: nothing any more. Whoever deleted it has ended its word."""
    return Signal(
        key=f"alarm/{name}|gone|{at}",
        source=f"alarm/{name}",
        kind=SignalKind.ALARM,
        cause=concerned.cause or Cause.OTHER,
        raised=False,
        group=concerned.group,
        region=region,
        endpoint=concerned.endpoint,
        at=at,
        summary=f"Alarm {name} does not exist any more: nothing watches what it was raised for",
    )


def _gone(name: str, world: AdmittingAlarmSignals) -> SignalAdmission:
    concerned = by_alarm_name(name, world.records)
    if not concerned:
        return ignored("it does not exist any more, and no policy names it")
    return taken((gone_signal(name, each, world.region, world.clock.now()) for each in concerned), world.take)


def _quiet(seen: AlarmSeen, told: Told, now: Micros) -> QuietAlarm | None:
    """Why an alarm that rings is to keep quiet for now, and until when."""
    if seen.state is not AlarmState.ALARM:
        return None
    if told.muted_until > now:
        return QuietAlarm(seen.name, told.muted_until, "it is muted")
    if seen.suppressed:
        why = f"its actions are suppressed ({seen.suppressed})"
        return QuietAlarm(seen.name, Micros(now + _LOOK_AGAIN), why)
    return None


def _keep_quiet(
    quiet: QuietAlarm, seen: AlarmSeen, concerned: tuple[Concerned, ...], world: AdmittingAlarmSignals
) -> None:
    """On record, and due when the mute ends: should it ring then, it is heard."""
    known = recall(world.records, QuietAlarm, quiet.name)
    entries = tuple(
        Entry(
            group_chain(each.group),
            f"quiet|{world.region}|{seen.name}|{seen.since}",
            EntryKind.SIGNAL_MUTED,
            each.endpoint,
            {"source": f"alarm/{seen.name}", "endpoint": each.endpoint, "until": quiet.until, "reason": quiet.why},
        )
        for each in concerned
    )
    saves = (keep(known, quiet, quiet.name, due_at=quiet.until),)
    world.records.commit(Commit(saves=saves, entries=entries), at=world.clock.now())


def alarm_signal(seen: AlarmSeen, concerned: Concerned, metrics: tuple[AlarmMetric, ...], region: str) -> Signal:
    """What an alarm says of an endpoint: raised while it rings, cleared at OK."""
    raised = seen.state is AlarmState.ALARM
    return Signal(
        key=f"alarm/{seen.name}|{seen.state.value}|{seen.since}",
        source=f"alarm/{seen.name}",
        kind=SignalKind.ALARM,
        cause=concerned.cause or cause_of(metrics),
        raised=raised,
        group=concerned.group,
        region=region,
        endpoint=concerned.endpoint,
        at=seen.since,
        summary=summary_of(seen, raised=raised),
        findings=findings_of(seen) if raised else (),
        config=config_named(metrics),
        links=links_of(seen.name, region),
    )
