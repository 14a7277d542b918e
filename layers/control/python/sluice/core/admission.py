"""Whether a model package, as the registry describes it now, is news: pure, from the package and what is remembered."""

from dataclasses import dataclass, replace
from enum import StrEnum

from sluice.core.modes import Effect, Situation, effect_of
from sluice.model.approval import Mode
from sluice.model.ids import Micros
from sluice.model.package import ModelPackage, PackageStatus, RegistryStatus
from sluice.model.records import PackageRecord, StatusIntent
from sluice.model.release import Outcome


class Action(StrEnum):
    """What an event about a package leads to."""

    START = "start"
    RESUME_START = "resume_start"
    REFRESH = "refresh"
    OWN = "own"
    ELSEWHERE = "elsewhere"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Admission:
    """The answer: the action with its reason, and the record to keep (None: nothing to write)."""

    action: Action
    reason: str
    record: PackageRecord | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Since when Sluice answers for a group, and in which mode."""

    mode: Mode
    since: Micros


def admit(
    package: ModelPackage, record: PackageRecord | None, enrolment: Enrolment, *, status_changed: bool
) -> Admission:
    """Decide on one package.

    `status_changed` is the event's word that the approval status was edited; it only matters for packages that
    were decided before Sluice knew them, which must not be mistaken for decisions made around it.
    """
    if package.package_status is not PackageStatus.COMPLETED:
        return Admission(Action.IGNORE, f"its registration is {package.package_status.value}, not Completed")
    if record is None:
        return _first_sight(package, enrolment, status_changed=status_changed)
    if package.last_modified < record.last_modified:
        return Admission(Action.IGNORE, "a newer state of this package is already known")
    seen = replace(record, status=package.status.value, last_modified=package.last_modified, mode=enrolment.mode)
    if _is_own(package, record.intent) or _is_own(package, record.undo):
        return _own(record, seen)
    if package.status is RegistryStatus.PENDING:
        return _pending(record, seen)
    return _decided(record, seen, package)


def set_back(record: PackageRecord, *, at: Micros) -> PackageRecord:
    """The record once Sluice has resolved to undo a decision made around it, noted before the registry is touched.

    It already says pending: should the registry not be reached, the same decision is found again and undone again.
    Where no release waits for an answer any more, a new one is asked for: a pending package nobody is asked about
    would wait for ever.
    """
    undo = StatusIntent(
        status=RegistryStatus.PENDING.value,
        description=f"Sluice: set back to pending; decisions on {record.group} are made through its approval",
        at=at,
    )
    undone = replace(record, status=RegistryStatus.PENDING.value, undo=undo)
    return undone if record.awaiting else replace(_next_generation(undone), undo=undo)


def elsewhere(record: PackageRecord) -> Effect:
    """What follows from a decision made around Sluice, now that it is on record.

    An approval that is taken back while its version goes to production counts: that errs on the safe side, and to set
    it back would ask people at once to bring a version that was just doubted into production again.
    """
    in_production = record.rollout is not None or record.outcome == Outcome.WITHDRAWN.value
    withdrawn = in_production and record.status != RegistryStatus.APPROVED.value
    return effect_of(record.mode, Situation.APPROVAL_WITHDRAWN if withdrawn else Situation.DECIDED_ELSEWHERE)


def _first_sight(package: ModelPackage, enrolment: Enrolment, *, status_changed: bool) -> Admission:
    seen = PackageRecord(
        arn=package.arn.key,
        group=package.arn.group,
        version=package.arn.version,
        status=package.status.value,
        last_modified=package.last_modified,
        mode=enrolment.mode,
    )
    if package.status is RegistryStatus.PENDING:
        return Admission(Action.START, "a new package waits for approval", _next_generation(seen))
    if status_changed or package.created_at >= enrolment.since:
        return Admission(Action.ELSEWHERE, f"{package.status.value} without Sluice", seen)
    return Admission(Action.IGNORE, f"{package.status.value} before its group was enrolled", seen)


def _own(record: PackageRecord, seen: PackageRecord) -> Admission:
    if seen.awaiting and not seen.started:
        return Admission(Action.RESUME_START, "its release is recorded but not known to run", seen)
    if record.status == seen.status and record.last_modified == seen.last_modified:
        return Admission(Action.IGNORE, "a repeat of Sluice's own change")
    if seen.status != RegistryStatus.PENDING.value:
        return Admission(Action.OWN, "Sluice's own change of status", seen)
    # Recognised once: the description stays in the registry and must not hide the edits that follow.
    seen = replace(seen, undo=None)
    if not seen.awaiting:
        return Admission(Action.OWN, "set back to pending by Sluice", seen)
    refreshed = replace(seen, evidence_epoch=seen.evidence_epoch + 1)
    return Admission(Action.REFRESH, "set back to pending by Sluice; what was undone may have edited more", refreshed)


def _pending(record: PackageRecord, seen: PackageRecord) -> Admission:
    if record.generation == 0 or record.status != RegistryStatus.PENDING.value:
        return Admission(Action.START, "it came back to pending", _next_generation(seen))
    if seen.awaiting and not seen.started:
        return Admission(Action.RESUME_START, "its release is recorded but not known to run", seen)
    if not seen.awaiting and record.mode is Mode.OBSERVE and seen.mode is not Mode.OBSERVE:
        return Admission(Action.START, "its group has left observe, where nothing was decided", _next_generation(seen))
    if seen.last_modified == record.last_modified:
        return Admission(Action.IGNORE, "a repeat: this state is already known")
    if not seen.awaiting:
        return Admission(Action.IGNORE, f"edited after its release ended as {record.outcome or 'concluded'}", seen)
    refreshed = replace(seen, evidence_epoch=seen.evidence_epoch + 1)
    return Admission(Action.REFRESH, "edited while its release waits", refreshed)


def _decided(record: PackageRecord, seen: PackageRecord, package: ModelPackage) -> Admission:
    if record.status != seen.status:
        # An intent of a release that is over must not pass for the reason of a later change to the same status.
        seen = seen if seen.awaiting else replace(seen, intent=None)
        return Admission(Action.ELSEWHERE, f"{package.status.value} without Sluice", seen)
    if seen.awaiting and not seen.started:
        return Admission(Action.RESUME_START, "its release is recorded but not known to run", seen)
    if record.last_modified == seen.last_modified:
        return Admission(Action.IGNORE, "a repeat: this state is already known")
    return Admission(Action.IGNORE, f"an edit of a package that is already {package.status.value}", seen)


def _is_own(package: ModelPackage, intent: StatusIntent | None) -> bool:
    return (
        intent is not None
        and package.status.value == intent.status
        and package.approval_description == intent.description
    )


def _next_generation(seen: PackageRecord) -> PackageRecord:
    return replace(
        seen,
        generation=seen.generation + 1,
        started=False,
        concluded=False,
        intent=None,
        undo=None,
        approval=None,
        rollout=None,
        outcome="",
    )
