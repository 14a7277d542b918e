"""What no event told of production is found: alarms, monitors and endpoints are looked at as if their events had come.

What cannot be looked at does not keep the rest from it: its failure is raised at the end.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from sluice.errors import SluiceError
from sluice.model.alarm_seen import QuietAlarm
from sluice.model.codec import decode
from sluice.model.endpoint import EndpointOwner
from sluice.model.ids import Micros
from sluice.model.incident import Incident
from sluice.model.monitor_seen import MonitorRun
from sluice.model.watched_alarm import WatchAlarms
from sluice.usecases.one_by_one import each
from sluice.usecases.signals.admit_alarm import AdmittingAlarmSignals
from sluice.usecases.signals.admit_endpoint_change import AdmittingEndpointSignals, look_at_endpoint
from sluice.usecases.signals.admit_monitoring import AdmittingMonitoring, admit_job, run_is_known
from sluice.usecases.signals.keep_watch_alarms import KeepingAlarms, keep_watch_alarms, standing_alarms
from sluice.usecases.signals.recheck_alarms import ends_quiet, raised_alarms, rings_no_more, rings_unheard

type Look = Callable[[], bool]
"""Looks at one thing; whether there was news of it."""

_ALL = Micros(2**62)
_RUNS_WITHIN = 2 * 3600 * 1_000_000
"""Microseconds: a run begins up to 20 minutes after it is due, and takes its time."""


@dataclass(frozen=True, slots=True)
class WatchingProduction:
    """What looking works with: that of each ordinary way in."""

    alarms: AdmittingAlarmSignals
    monitoring: AdmittingMonitoring
    endpoints: AdmittingEndpointSignals
    keeping: KeepingAlarms


@dataclass(frozen=True, slots=True)
class Watched:
    """How often there was news in one run."""

    alarms_kept: int = 0
    rang_unheard: int = 0
    unmuted: int = 0
    cleared: int = 0
    runs: int = 0
    endpoints: int = 0


def watch_production(world: WatchingProduction) -> Watched:
    """Look at everything once."""
    failures: list[SluiceError] = []

    def news(looks: Iterator[Look]) -> int:
        return each(looks, lambda look: look(), failures)

    watched = Watched(
        alarms_kept=news(_own_alarms(world.keeping)),
        rang_unheard=news(_ringing(world.alarms)),
        unmuted=news(_quiet(world.alarms)),
        cleared=news(_raised(world.alarms)),
        runs=news(_violated(world.monitoring, world.alarms.clock.now())),
        endpoints=news(_owned(world.endpoints)),
    )
    if failures:
        raise failures[0]
    return watched


def _own_alarms(world: KeepingAlarms) -> Iterator[Look]:
    groups = [decode(WatchAlarms, stored.body) for stored in world.records.due(WatchAlarms.KIND, before=_ALL)]
    standing = standing_alarms(groups, world.alarms)
    for group in groups:
        yield partial(keep_watch_alarms, group.group, standing, world)


def _ringing(world: AdmittingAlarmSignals) -> Iterator[Look]:
    for alarm in world.alarms.ringing():
        yield partial(rings_unheard, alarm, world)


def _quiet(world: AdmittingAlarmSignals) -> Iterator[Look]:
    for stored in world.records.due(QuietAlarm.KIND, before=world.clock.now()):
        yield partial(ends_quiet, stored, world)


def _raised(world: AdmittingAlarmSignals) -> Iterator[Look]:
    """The alarms that open incidents have raised, all read together."""
    known = (decode(Incident, stored.body) for stored in world.records.due(Incident.KIND, before=_ALL))
    raised = list(raised_alarms(incident for incident in known if not incident.is_over))
    seen = world.alarms.seen(tuple(dict.fromkeys(name for _, name in raised)))
    for incident, name in raised:
        yield partial(rings_no_more, incident, name, seen.get(name), world)


def _violated(world: AdmittingMonitoring, now: Micros) -> Iterator[Look]:
    for run in world.monitors.violated(since=Micros(now - _RUNS_WITHIN)):
        yield partial(_run, run, world)


def _run(run: MonitorRun, world: AdmittingMonitoring) -> bool:
    if not run.job_arn or run_is_known(run, world):
        return False
    return admit_job(run.job_arn.rpartition("/")[2], world).news


def _owned(world: AdmittingEndpointSignals) -> Iterator[Look]:
    for stored in world.records.due(EndpointOwner.KIND, before=_ALL):
        yield partial(_endpoint, decode(EndpointOwner, stored.body), world)


def _endpoint(owner: EndpointOwner, world: AdmittingEndpointSignals) -> bool:
    return look_at_endpoint(owner, world).news
