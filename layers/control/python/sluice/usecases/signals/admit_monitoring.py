"""A monitor has said something: Model Monitor by a run that is over, a team's own by its event."""

from collections.abc import Iterator
from dataclasses import dataclass

from sluice.core.signals.monitors import cause_of_type, has_violations, is_blind, report_link, violated
from sluice.core.signals.violations import REPORT_BYTES, REPORTS, told_of, violations_of
from sluice.errors import InvalidInput
from sluice.model.evidence import DocumentStatus
from sluice.model.monitor_event import JobEvent, ViolationEvent
from sluice.model.monitor_seen import JobStatus, MonitorJob, MonitorRun, MonitorSchedule, RunStatus
from sluice.model.signal import Cause, Finding, Signal, SignalKind
from sluice.ports import Documents, Records
from sluice.ports.signals import Monitors
from sluice.usecases.incident.remembered import incidents_of
from sluice.usecases.signals.concerned import Concerned, by_endpoint, by_group, by_monitor_name
from sluice.usecases.signals.raised import raised_on
from sluice.usecases.signals.taking import SignalAdmission, Take, ignored, taken


@dataclass(frozen=True, slots=True)
class AdmittingMonitoring:
    """What admission of monitors' words works with; `account` and `region` are our own."""

    records: Records
    monitors: Monitors
    documents: Documents
    take: Take
    account: str
    region: str


@dataclass(frozen=True, slots=True)
class _Report:
    """What a run's report says: whether there are violations, which, where it is, and why it says nothing."""

    raised: bool = False
    findings: tuple[Finding, ...] = ()
    uri: str = ""
    why: str = ""


def admit_monitoring(told: JobEvent | ViolationEvent, world: AdmittingMonitoring) -> SignalAdmission:
    """Handle either event, if it is of our account and region."""
    if (told.account, told.region) != (world.account, world.region):
        return ignored(f"it is {told.account}'s in {told.region}")
    if isinstance(told, ViolationEvent):
        return _own(told, world)
    return admit_job(told.name, world)


def admit_job(name: str, world: AdmittingMonitoring) -> SignalAdmission:
    """Handle a processing job as it is now: one that ran for a monitoring schedule, and is over."""
    job = world.monitors.job(name)
    if job is None:
        return ignored("there is no such job any more")
    if not job.schedule:
        return ignored("it ran for no monitoring schedule")
    if job.status not in (JobStatus.COMPLETED, JobStatus.FAILED):
        return ignored(f"it is {job.status.value}, which says nothing")
    schedule = world.monitors.schedule(job.schedule) or MonitorSchedule(job.schedule)
    concerned = by_monitor_name(schedule.name, world.records) or by_endpoint((schedule.endpoint,), world.records)
    if not concerned:
        watched = f"watches {schedule.endpoint}" if schedule.endpoint else "watches no endpoint"
        return ignored(f"monitor {schedule.name} {watched}, and no policy names either")
    if job.status is JobStatus.FAILED:
        return _failed(job, schedule, concerned, world)
    return _completed(job, schedule, concerned, world)


def run_is_known(run: MonitorRun, world: AdmittingMonitoring) -> bool:
    """Whether what a run found is raised already on the endpoint that it watches, or is about none that is known."""
    concerned = by_monitor_name(run.schedule, world.records) or by_endpoint((run.endpoint,), world.records)
    newest = [incidents_of(world.records, world.region, each.endpoint).newest for each in concerned]
    source = f"monitor/{run.schedule}"
    return all(
        incident is not None
        and any(seen.source == source and seen.last_at >= run.scheduled_at for seen in incident.value.signals)
        for incident in newest
    )


def _failed(
    job: MonitorJob, schedule: MonitorSchedule, concerned: tuple[Concerned, ...], world: AdmittingMonitoring
) -> SignalAdmission:
    """A run that fails says nothing of the model. Two in a row say that nobody watches it."""
    if not is_blind(world.monitors.runs(schedule.name)):
        return ignored(f"a run of monitor {schedule.name} failed, its next one will tell: {job.failure}")
    summary = f"Monitor {schedule.name} failed twice in a row: nobody watches what it watches. {job.failure}"
    return taken((_runs_signal(job, schedule, each, summary, world.region) for each in concerned), world.take)


def _completed(
    job: MonitorJob, schedule: MonitorSchedule, concerned: tuple[Concerned, ...], world: AdmittingMonitoring
) -> SignalAdmission:
    raised = _has_violations(job, schedule, world)
    if raised is None:
        return ignored(f"the run of monitor {schedule.name} does not say what it found")
    report = _report(job, world.documents) if raised else _Report(raised=False)
    works = f"Monitor {schedule.name} works"

    def signals() -> Iterator[Signal]:
        for each in concerned:
            yield _found(job, schedule, each, report, world.region)
            if f"monitor-runs/{schedule.name}" in raised_on(each.endpoint, world.region, world.records):
                yield _runs_signal(job, schedule, each, works, world.region)

    return taken(signals(), world.take)


def _has_violations(job: MonitorJob, schedule: MonitorSchedule, world: AdmittingMonitoring) -> bool | None:
    """By what the job says, else by what the schedule says of this run."""
    told = has_violations(job.exit_message)
    if told is not None:
        return told
    runs = world.monitors.runs(schedule.name)
    status = next((run.status for run in runs if run.job_arn.lower() == job.arn.lower()), None)
    return {RunStatus.COMPLETED: False, RunStatus.COMPLETED_WITH_VIOLATIONS: True}.get(status) if status else None


def _report(job: MonitorJob, documents: Documents) -> _Report:
    """The report of violations, under either of its names. Without it the violations count, and nobody knows which."""
    missing = "Its report is nowhere: the job has no output in S3"
    for uri in (f"{output.rstrip('/')}/{name}" for output in job.outputs for name in REPORTS):
        fetched = documents.fetch(uri, limit=REPORT_BYTES)
        if fetched.status is DocumentStatus.PRESENT:
            return _read(uri, fetched.content)
        missing = f"Its report cannot be read: {fetched.reason}"
        if fetched.status is not DocumentStatus.MISSING:
            return _Report(raised=True, uri=uri, why=missing)
    return _Report(raised=True, why=missing)


def _read(uri: str, content: bytes) -> _Report:
    try:
        return _Report(raised=True, findings=violations_of(content), uri=uri)
    except InvalidInput as error:
        return _Report(raised=True, uri=uri, why=f"Its report cannot be read: {error}")


def _found(job: MonitorJob, schedule: MonitorSchedule, concerned: Concerned, report: _Report, region: str) -> Signal:
    cause = cause_of_type(schedule.type)
    summary = f"Monitor {schedule.name} found no violations"
    if report.raised:
        summary = violated(schedule.name, cause, report.findings, f"{job.exit_message} {report.why}".strip())
    return Signal(
        key=f"monitor/{schedule.name}|{job.arn}",
        source=f"monitor/{schedule.name}",
        kind=SignalKind.MONITOR,
        cause=cause,
        raised=report.raised,
        group=concerned.group,
        region=region,
        endpoint=concerned.endpoint,
        at=job.ended_at,
        summary=summary,
        findings=told_of(report.findings),
        links=report_link(report.uri, region),
    )


def _runs_signal(job: MonitorJob, schedule: MonitorSchedule, concerned: Concerned, summary: str, region: str) -> Signal:
    """Whether the monitor itself works: a source of its own, for it clears and raises nothing about the model."""
    return Signal(
        key=f"monitor-runs/{schedule.name}|{job.arn}",
        source=f"monitor-runs/{schedule.name}",
        kind=SignalKind.MONITOR,
        cause=Cause.OTHER,
        raised=job.status is JobStatus.FAILED,
        group=concerned.group,
        region=region,
        endpoint=concerned.endpoint,
        at=job.ended_at,
        summary=summary,
    )


def _own(told: ViolationEvent, world: AdmittingMonitoring) -> SignalAdmission:
    """A word of a team's own monitor. It is believed: who may put events on the bus is decided by the account."""
    concerned = by_endpoint((told.endpoint,), world.records) if told.endpoint else ()
    concerned = concerned or (by_group(told.group, world.records) if told.group else ())
    concerned = concerned or by_monitor_name(told.monitor, world.records)
    if not concerned:
        return ignored(f"no policy names {told.endpoint or told.group or told.monitor}")
    return taken((_own_signal(told, each) for each in concerned), world.take)


def _own_signal(told: ViolationEvent, concerned: Concerned) -> Signal:
    """Apart from Model Monitor's by its source, so that neither clears what the other has raised."""
    summary = violated(told.monitor, told.cause, told.findings, "It does not say which.")
    return Signal(
        key=f"own-monitor/{told.monitor}|{told.raised}|{told.at}",
        source=f"own-monitor/{told.monitor}",
        kind=SignalKind.MONITOR,
        cause=told.cause,
        raised=told.raised,
        group=concerned.group,
        region=told.region,
        endpoint=concerned.endpoint,
        at=told.at,
        summary=summary if told.raised else f"Monitor {told.monitor} finds no violations any more",
        findings=told_of(told.findings) if told.raised else (),
        links={"Monitor": told.link} if told.link else {},
    )
