"""What no event told (lost events, approvals past their time, answers not handed over) is found and mended.

It repeats the ordinary ways in: a package is admitted as if its event had come, a command is sent as if its timer had
fired. So mending twice, or beside the event that comes after all, changes nothing twice. What cannot be mended does
not keep the rest from it: its failure is raised at the end.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sluice.core.admission import Action
from sluice.errors import SluiceError
from sluice.model.approval import Approval, Mode
from sluice.model.approval_commands import CardDelivered, EvidenceTouched, ResumeRelease, Timer, TimerFired
from sluice.model.codec import decode
from sluice.model.command_json import to_json
from sluice.model.commit import PLATFORM_CHAIN, Commit, Entry, Stored
from sluice.model.endpoint import EndpointOwner
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros, PackageArn
from sluice.model.incident import Incident
from sluice.model.package import PackageSummary, RegistryStatus
from sluice.model.records import PackageRecord
from sluice.model.release import Answer, BrokenExecution, Outcome, Route
from sluice.model.rollback import Rollback
from sluice.model.rollout import Rollout
from sluice.ports import CommandQueue
from sluice.usecases.admit_model_package import Admitting, admit_model_package
from sluice.usecases.conclude_release import Concluding, Ending, conclude_release
from sluice.usecases.deciding import due_at
from sluice.usecases.incident.entries import incident_subject
from sluice.usecases.incident.mend_incidents import MendingIncidents, mend_incident, mend_rollback
from sluice.usecases.incident.take_signal import TakingSignals
from sluice.usecases.one_by_one import each
from sluice.usecases.remembering import recall
from sluice.usecases.rollout.admit_endpoint_change import AdmittingEndpoints, EndpointAction, admit_missed_change
from sluice.usecases.rollout.admit_rollout import AdmittingRollouts
from sluice.usecases.rollout.mend_rollouts import MendingRollouts, mend_rollout

if TYPE_CHECKING:
    from sluice.model.commands import Command

_LOOK_BACK = 30 * 24 * 3600 * 1_000_000
"""Microseconds: versions older than 30 days are not looked at again; their events are long past."""
_BROKEN_BACK = 24 * 3600 * 1_000_000
"""Microseconds: executions that broke within a day; a run comes every few minutes."""
_QUIET = 2 * 60 * 1_000_000
"""Microseconds that a due record is left to the ordinary way first."""


@dataclass(frozen=True, slots=True)
class Reconciling:
    """What the ordinary ways in work with, which are gone once more."""

    admitting: Admitting
    concluding: Concluding
    rollouts: AdmittingRollouts
    endpoints: AdmittingEndpoints
    signals: TakingSignals
    queue: CommandQueue


@dataclass(frozen=True, slots=True)
class Mended:
    """What was found and mended in one run."""

    packages: int = 0
    starts: int = 0
    approvals: int = 0
    executions: int = 0
    rollouts: int = 0
    endpoints: int = 0
    incidents: int = 0
    rollbacks: int = 0


def reconcile(ways: Reconciling) -> Mended:
    """One run over everything that may have been missed."""
    failures: list[SluiceError] = []
    world, queue = ways.admitting, ways.queue
    versions = world.registry.recent(since=Micros(world.clock.now() - _LOOK_BACK))
    due_before = Micros(world.clock.now() - _QUIET)
    starts = world.records.due(PackageRecord.KIND, before=due_before)
    approvals = world.records.due(Approval.KIND, before=due_before)
    standing = world.records.due(Rollout.KIND, before=due_before)
    owned = world.records.due(EndpointOwner.KIND, before=due_before)
    open_ones = world.records.due(Incident.KIND, before=due_before)
    asked = world.records.due(Rollback.KIND, before=due_before)
    mending, attending = MendingRollouts(ways.rollouts, queue), MendingIncidents(ways.signals, queue)
    broken = world.executions.broken(since=Micros(world.clock.now() - _BROKEN_BACK))
    mended = Mended(
        packages=each(versions, lambda summary: _admitted_late(summary, world), failures),
        starts=each(starts, lambda stored: _started_late(stored, world), failures),
        approvals=each(approvals, lambda stored: _owed_sent(stored, world, queue), failures),
        executions=each(broken, lambda execution: _concluded_late(execution, world, ways.concluding), failures),
        rollouts=each(standing, lambda stored: _brought_on(stored, world, mending), failures),
        endpoints=each(owned, lambda stored: _seen_late(stored, world, ways.endpoints), failures),
        incidents=each(open_ones, lambda stored: _attended(stored, world, attending), failures),
        rollbacks=each(asked, lambda stored: _answered(stored, world, attending), failures),
    )
    if failures:
        raise failures[0]
    return mended


def _admitted_late(summary: PackageSummary, world: Admitting) -> bool:
    """Admit a package whose status is not the one that is remembered, or that is not remembered at all."""
    known = recall(world.records, PackageRecord, summary.arn.key)
    if known is not None and known.value.status == summary.status.value and not _only_observed(known.value):
        return False
    admission = admit_model_package(summary.arn, world)
    mended = admission.action is not Action.IGNORE
    if mended:
        _note(f"package|{summary.arn.key}|{world.clock.now()}", admission.reason, summary.arn.text, world)
    return mended


def _only_observed(record: PackageRecord) -> bool:
    """Whether its release ended in `observe`: should the group have left that mode, people are to be asked."""
    return record.concluded and record.mode is Mode.OBSERVE and record.status == RegistryStatus.PENDING.value


def _started_late(stored: Stored, world: Admitting) -> bool:
    arn = PackageArn.parse(decode(PackageRecord, stored.body).arn)
    admission = admit_model_package(arn, world)
    mended = admission.action is Action.RESUME_START
    if mended:
        _note(f"start|{arn.key}|{world.clock.now()}", admission.reason, arn.text, world)
    return mended


def _concluded_late(broken: BrokenExecution, world: Admitting, concluding: Concluding) -> bool:
    """Bring a release to its end whose execution died: aborted, out of time, or unable to record its own failure."""
    known = recall(world.records, PackageRecord, PackageArn.parse(broken.release.package_arn).key)
    if known is None or known.value.generation != broken.release.generation or not _unfinished(known.value, world):
        return False
    reason = f"its execution ended as {broken.status}"
    answer = Answer(Route.CONCLUDE, Outcome.FAILED)
    conclude_release(Ending(broken.release, answer, error=reason), concluding)
    _note(f"execution|{broken.release.release_id}", reason, broken.release.release_id, world)
    return True


def _unfinished(record: PackageRecord, world: Admitting) -> bool:
    """Whether a release has no end yet; one whose rollout is on record is taken up again when that has ended."""
    if record.rollout is None:
        return record.awaiting
    return recall(world.records, Rollout, record.rollout) is None


def _brought_on(stored: Stored, world: Admitting, mending: MendingRollouts) -> bool:
    rollout = decode(Rollout, stored.body)
    reason = mend_rollout(rollout, mending)
    if reason:
        _note(f"rollout|{rollout.id}|{world.clock.now()}", reason, rollout.request.release_id, world)
    return reason != ""


def _attended(stored: Stored, world: Admitting, attending: MendingIncidents) -> bool:
    incident = decode(Incident, stored.body)
    reason = mend_incident(incident, attending)
    if reason:
        _note(f"incident|{incident.id}|{world.clock.now()}", reason, incident_subject(incident.id), world)
    return reason != ""


def _answered(stored: Stored, world: Admitting, attending: MendingIncidents) -> bool:
    rollback = decode(Rollback, stored.body)
    reason = mend_rollback(rollback, attending)
    if reason:
        _note(f"rollback|{rollback.id}|{world.clock.now()}", reason, f"rollback/{rollback.id}", world)
    return reason != ""


def _seen_late(stored: Stored, world: Admitting, endpoints: AdmittingEndpoints) -> bool:
    """Look at an endpoint of a group in `observe`: an event was lost, or came while another deployment was watched."""
    owner = decode(EndpointOwner, stored.body)
    admission = admit_missed_change(owner, endpoints)
    mended = admission.action is not EndpointAction.IGNORE
    if mended:
        _note(f"endpoint|{owner.endpoint}|{world.clock.now()}", admission.reason, owner.endpoint, world)
    return mended


def _owed_sent(stored: Stored, world: Admitting, queue: CommandQueue) -> bool:
    command = owed_to(decode(Approval, stored.body))
    if command is None:
        return False
    queue.send(to_json(command))
    subject = command.package_arn if isinstance(command, EvidenceTouched) else getattr(command, "approval_id", "")
    key = f"{type(command).__name__}|{subject}|{world.clock.now()}"
    _note(key, f"sent {type(command).__name__} again", subject, world)
    return True


def owed_to(approval: Approval) -> "Command | None":
    """The command that an approval which is due still waits for, if any."""
    if due_at(approval) is None:
        return None
    if not approval.is_open:
        return ResumeRelease(approval.id)
    if approval.on_hold:
        # Nobody can answer it; if the command to collect the evidence again was lost, this is that command.
        return EvidenceTouched(approval.package_arn.lower(), approval.epoch + 1)
    if approval.deadline is not None:
        return TimerFired(approval.id, Timer.EXPIRE)
    if approval.message_ts is not None and approval.posted_at is not None:
        return CardDelivered(approval.id, approval.posted_at)
    return None


def _note(key: str, reason: str, subject: str, world: Admitting) -> None:
    entry = Entry(PLATFORM_CHAIN, f"reconcile|{key}", EntryKind.RECONCILE_MENDED, subject, {"reason": reason})
    world.records.commit(Commit(entries=(entry,)), at=world.clock.now())
