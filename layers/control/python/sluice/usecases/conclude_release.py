"""A release has its end: see that the registry says what was decided, record it, tell everybody."""

from dataclasses import dataclass, replace

from sluice.core.causes import plain_error
from sluice.core.notices import Subject, observed, rejected_by_gates, release_failed
from sluice.core.registrant import resolve
from sluice.core.rollout.naming import rollout_id_of
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.approval import Approval, ApprovalStatus, Mode, Registrant
from sluice.model.codec import encode
from sluice.model.commit import Commit, Entry, Message, Save, group_chain
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import PackageArn, RolloutId
from sluice.model.judgement import Judgement
from sluice.model.package import ModelPackage, RegistryStatus
from sluice.model.records import PackageRecord
from sluice.model.release import OF_ROLLOUT, Answer, Outcome, Release
from sluice.model.rollout import Rollout
from sluice.ports import Clock, Judgements, Records, Registry
from sluice.usecases.deciding import save, settled_entry
from sluice.usecases.documents_in_force import people_in_force
from sluice.usecases.messages import card, domain_event, notice
from sluice.usecases.policies import DefaultPolicy, policy_held
from sluice.usecases.remembering import Known, keep, recall, settling_races
from sluice.usecases.rollout.remembered import save as save_rollout

_EVENTS = {
    Outcome.APPROVED: "ReleaseApproved",
    Outcome.FAILED: "ReleaseFailed",
    Outcome.ROLLOUT_FAILED: "ReleaseFailed",
    Outcome.DIVERGED: "ReleaseFailed",
    Outcome.HELD: "ReleaseFailed",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """How the machine came to its end. `error` is what a step failed with; `gates_ref` is empty before the gates.

    `tries` is how often people had its rollout tried again: each try is a last step of its own.
    """

    release: Release
    answer: Answer
    gates_ref: str = ""
    error: str = ""
    tries: int = 0

    def key(self, outcome: Outcome) -> str:
        """What tells this end from every other."""
        told = f"{self.release.release_id}|{outcome.value}"
        return f"{told}|{self.tries}" if self.tries else told


@dataclass(frozen=True, slots=True)
class Concluding:
    """What concluding works with."""

    records: Records
    registry: Registry
    judgements: Judgements
    default_policy: DefaultPolicy
    clock: Clock
    channel: str


@dataclass(frozen=True, slots=True)
class Concluded:
    """What is true at the end. With `rollout` it is the end of the decision only: the version goes to production."""

    outcome: Outcome
    status: str
    rollout: bool = False


def conclude_release(ending: Ending, world: Concluding) -> Concluded:
    """Record the end once; raises TransientFailure while the registry does not yet show the status that was set."""
    return settling_races(lambda: _attempt(ending, world))


def _attempt(ending: Ending, world: Concluding) -> Concluded:
    arn = PackageArn.parse(ending.release.package_arn)
    known = recall(world.records, PackageRecord, arn.key)
    if known is None:
        raise PermanentFailure(f"{ending.release.release_id} has no package record")
    package = world.registry.describe(arn)
    outcome = _outcome(ending, package)
    status = package.status.value if package is not None else "Deleted"
    concluded = Concluded(outcome, status, rollout=_goes_on(ending.release, outcome, world))
    rollout = _rollout_ended(ending, world)
    if rollout is not None and rollout.value.tries and not rollout.value.is_over:
        return concluded  # a repeat that comes late: the rollout is tried again by now
    told = _told(rollout, world)
    commit = Commit(saves=told)
    if known.value.generation == ending.release.generation:
        ended = ending if rollout is None else replace(ending, tries=rollout.value.tries)
        commit = _commit(ended, known, concluded, world)
        commit = replace(commit, saves=(*commit.saves, *told))
    if commit != Commit():
        world.records.commit(commit, at=world.clock.now())
    return concluded


def _goes_on(release: Release, outcome: Outcome, world: Concluding) -> bool:
    """Whether the approved version is taken to production by Sluice."""
    policy = policy_held(world.records, release.group, world.default_policy).policy
    return outcome is Outcome.APPROVED and policy.rollout is not None and policy.mode is not Mode.OBSERVE


def _rollout_ended(ending: Ending, world: Concluding) -> Known[Rollout] | None:
    """The rollout whose outcome this is."""
    if ending.answer.outcome not in OF_ROLLOUT or ending.error:
        return None
    return recall(world.records, Rollout, rollout_id_of(ending.release.release_id, ending.release.region))


def _told(rollout: Known[Rollout] | None, world: Concluding) -> tuple[Save, ...]:
    """Its release knows how the rollout ended now."""
    if rollout is None or rollout.value.told:
        return ()
    return (save_rollout(replace(rollout.value, told=True), rollout, world.clock.now()),)


def _outcome(ending: Ending, package: ModelPackage | None) -> Outcome:
    """The outcome as the registry bears it out."""
    wanted = ending.answer.status
    if ending.error or not wanted or package is None:
        return Outcome.FAILED if ending.error else ending.answer.outcome
    if package.status.value == wanted:
        return ending.answer.outcome
    if package.approval_description == ending.answer.description:
        raise TransientFailure(f"the registry does not show {wanted} yet")
    # A version that was taken back has been taken back, whatever somebody has set meanwhile.
    return ending.answer.outcome if ending.answer.outcome in OF_ROLLOUT else Outcome.DECIDED_ELSEWHERE


def _commit(ending: Ending, known: Known[PackageRecord], concluded: Concluded, world: Concluding) -> Commit:
    outcome, status = concluded.outcome, concluded.status
    record = replace(
        _seen(ending, known.value, status),
        concluded=True,
        started=True,
        outcome=outcome.value,
        rollout=_under_way(ending, known.value, concluded, world),
    )
    saves: list[Save] = [keep(known, record, known.id)]
    messages = [_event(ending, outcome, status), *_notices(ending, outcome, world)]
    entries = _entries(ending, concluded)
    left_open = _left_open(known.value, outcome, world)
    if left_open is not None:
        closed = left_open.value
        saves.append(save(closed, left_open))
        entries.insert(0, settled_entry(closed))
        messages.append(card(closed, world.clock.now()))
    return Commit(saves=tuple(saves), entries=tuple(entries), messages=tuple(messages))


def _under_way(ending: Ending, record: PackageRecord, concluded: Concluded, world: Concluding) -> RolloutId | None:
    """The rollout whose outcome is still awaited: also that of a release that failed while it waited."""
    if concluded.rollout:
        return rollout_id_of(ending.release.release_id, ending.release.region)
    if concluded.outcome is not Outcome.FAILED or record.rollout is None:
        return None
    return record.rollout if recall(world.records, Rollout, record.rollout) is not None else None


def _seen(ending: Ending, record: PackageRecord, status: str) -> PackageRecord:
    """The record with what this shows of the registry.

    Only our own change is known by it; somebody else's has yet to be admitted as such, and must stay news. So must a
    package that is pending once more, when this release is over: nobody would be asked about it any more.
    """
    if ending.answer.status and status == RegistryStatus.PENDING.value:
        return replace(record, status=ending.answer.status, undo=None)
    return replace(record, status=status) if status == ending.answer.status else record


def _left_open(record: PackageRecord, outcome: Outcome, world: Concluding) -> Known[Approval] | None:
    """An approval that nobody will answer any more, already closed: its release ended on changed evidence or failed."""
    approval = recall(world.records, Approval, record.approval) if record.approval else None
    if approval is None or not approval.value.is_open:
        return None
    because = {
        Outcome.GATES_FAILED: "The evidence has changed since, and no longer passes the gates.",
        Outcome.FAILED: "The release failed before the decision.",
    }.get(outcome, f"The release ended: {outcome.value.replace('_', ' ')}.")
    status = ApprovalStatus.EXPIRED if outcome is Outcome.EXPIRED else ApprovalStatus.SUPERSEDED
    closed = replace(
        approval.value,
        status=status,
        settled_at=world.clock.now(),
        settled_because=because,
        on_hold=False,
        resumed=True,
    )
    return replace(approval, value=closed)


def _entries(ending: Ending, concluded: Concluded) -> list[Entry]:
    release, outcome, status = ending.release, concluded.outcome, concluded.status
    chain, subject = group_chain(release.group), release.release_id
    facts = {"package_arn": release.package_arn, "status": status, "outcome": outcome.value}
    entries = []
    if ending.answer.status:
        kept = status == ending.answer.status
        kind = EntryKind.REGISTRY_STATUS_SET if kept else EntryKind.REGISTRY_STATUS_UNCHANGED
        body = facts | {"wanted": ending.answer.status, "description": ending.answer.description}
        # A release sets the status at its decision, and once more when its rollout has come back.
        key = f"{kind}|{ending.key(outcome)}" if outcome in OF_ROLLOUT else f"{kind}|{subject}"
        entries.append(Entry(chain, key, kind, subject, body))
    if concluded.rollout:
        return entries
    ended = facts | {"error": plain_error(ending.error)[:2000], "gates_ref": ending.gates_ref}
    key = f"{EntryKind.RELEASE_CONCLUDED}|{ending.key(outcome)}"
    return [*entries, Entry(chain, key, EntryKind.RELEASE_CONCLUDED, subject, ended)]


def _event(ending: Ending, outcome: Outcome, status: str) -> Message:
    detail = encode(ending.release) | {"outcome": outcome.value, "status": status}
    return domain_event(ending.key(outcome), _EVENTS.get(outcome, "ReleaseEnded"), detail)


def _notices(ending: Ending, outcome: Outcome, world: Concluding) -> list[Message]:
    release = ending.release
    channel = policy_held(world.records, release.group, world.default_policy).policy.channel or world.channel
    key = ending.key(outcome)
    if outcome is Outcome.FAILED:
        subject = Subject(release.group, release.version, Registrant(None, "", ""))
        return [notice(key, channel, release_failed(subject, plain_error(ending.error)))]
    if not ending.gates_ref or outcome not in (Outcome.GATES_FAILED, Outcome.OBSERVED):
        return []
    judgement = world.judgements.load(ending.gates_ref)
    subject = Subject(release.group, release.version, _registrant(judgement, world))
    if outcome is Outcome.OBSERVED:
        return [notice(key, channel, observed(subject, judgement.report.lines, ending.answer.description))]
    drawn = rejected_by_gates(subject, judgement.report.lines)
    person = subject.registrant.person
    return [notice(key, where, drawn) for where in ([channel, person] if person else [channel])]


def _registrant(judgement: Judgement, world: Concluding) -> Registrant:
    return resolve(judgement.registration, people_in_force(world.records))
