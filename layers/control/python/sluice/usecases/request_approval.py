"""The machine asks people: keep its task token, open the approval on this evidence, queue its card."""

from dataclasses import dataclass, replace

from sluice.core.notices import votes_voided
from sluice.core.patience import EXECUTION_LIFE
from sluice.core.registrant import resolve
from sluice.errors import PermanentFailure
from sluice.model.approval import Approval, ApprovalStatus
from sluice.model.approval_commands import DecidedElsewhere, EvidenceTouched, ResumeRelease
from sluice.model.codec import encode
from sluice.model.commit import Commit, Entry, Message, Save
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import ApprovalId, Digest, Micros, PackageArn
from sluice.model.judgement import Judgement
from sluice.model.package import RegistryStatus
from sluice.model.records import PackageRecord
from sluice.model.release import Answer, Outcome, Release, Route
from sluice.ports import Clock, Ids, Judgements, Records, Tokens
from sluice.usecases.deciding import entry, save
from sluice.usecases.documents_in_force import people_in_force
from sluice.usecases.messages import card, command, notice
from sluice.usecases.policies import DefaultPolicy, policy_held
from sluice.usecases.remembering import Known, keep, recall, settling_races


@dataclass(frozen=True, slots=True)
class Question:
    """What the machine hands over: the release, the evidence it was judged on, and the token to answer with."""

    release: Release
    digest: Digest
    epoch: int
    gates_ref: str
    task_token: str


@dataclass(frozen=True, slots=True)
class Asking:
    """What asking works with."""

    records: Records
    tokens: Tokens
    judgements: Judgements
    default_policy: DefaultPolicy
    ids: Ids
    clock: Clock
    channel: str


def request_approval(question: Question, world: Asking) -> ApprovalId:
    """Open an approval, or go on with the one that is open on the same evidence; its votes stay.

    The token is kept before anybody can vote, so that every settled approval can be resumed.
    """
    judgement = world.judgements.load(question.gates_ref)
    return settling_races(lambda: _attempt(question, judgement, world))


def _attempt(question: Question, judgement: Judgement, world: Asking) -> ApprovalId:
    package = recall(world.records, PackageRecord, PackageArn.parse(question.release.package_arn).key)
    if package is None:
        raise PermanentFailure(f"{question.release.release_id} has no package record")
    if package.value.generation > question.release.generation:
        return _too_late(question, judgement, world)
    before = recall(world.records, Approval, package.value.approval) if package.value.approval else None
    if before is not None and _goes_on(before.value, question):
        held = before.value.is_open and package.value.evidence_epoch > question.epoch
        approval = replace(before.value, on_hold=held, epoch=question.epoch, resumed=False)
        commit = Commit(saves=(save(approval, before),), messages=_after(approval, package.value, question, world))
    else:
        approval = _new(question, judgement, world, voided=len(_votes(before)))
        commit = _opening(question, world, approval, before, package)
    world.tokens.put(approval.id, question.task_token, expires=Micros(world.clock.now() + EXECUTION_LIFE))
    world.records.commit(commit, at=world.clock.now())
    return approval.id


def _too_late(question: Question, judgement: Judgement, world: Asking) -> ApprovalId:
    """Nobody is asked for a release whose package came back to pending since: another one asks, this one ends."""
    now = world.clock.now()
    approval = replace(
        _new(question, judgement, world, voided=0),
        status=ApprovalStatus.SUPERSEDED,
        settled_at=now,
        settled_because="The package came back to pending since; a later release asks about it.",
        answer=Answer(Route.CONCLUDE, Outcome.DECIDED_ELSEWHERE),
    )
    world.tokens.put(approval.id, question.task_token, expires=Micros(now + EXECUTION_LIFE))
    messages = (command(approval.id, ResumeRelease(approval.id)),)
    world.records.commit(Commit(saves=(save(approval, None),), messages=messages), at=now)
    return approval.id


def _goes_on(before: Approval, question: Question) -> bool:
    """Same release, same evidence: open, or settled while nobody waited and so still owed its answer."""
    same = (before.release_id, before.digest) == (question.release.release_id, question.digest)
    return same and before.status is not ApprovalStatus.SUPERSEDED


def _opening(
    question: Question, world: Asking, approval: Approval, before: Known[Approval] | None, package: Known[PackageRecord]
) -> Commit:
    saves: list[Save] = [
        save(approval, None),
        keep(package, replace(package.value, approval=approval.id), package.id),
    ]
    entries = [_requested(approval)]
    messages = [*_after(approval, package.value, question, world)]
    if before is not None and before.value.is_open:
        superseded = _superseded(before.value, world.clock.now())
        saves.append(save(superseded, before))
        entries.append(_voided(superseded))
        messages.append(card(superseded, world.clock.now()))
        voters = [v.person for v in superseded.votes]
        if voters:
            messages.append(notice(f"voided|{superseded.id}", approval.channel, votes_voided(superseded, voters)))
    return Commit(saves=tuple(saves), entries=tuple(entries), messages=tuple(messages))


def _after(approval: Approval, package: PackageRecord, question: Question, world: Asking) -> tuple[Message, ...]:
    """What must follow: the card, or at once what happened to the package since its evidence was read."""
    key = f"{approval.id}|{question.epoch}|{world.clock.now()}"
    if not approval.is_open:
        return (command(key, ResumeRelease(approval.id)),)
    if package.status != RegistryStatus.PENDING.value:
        return (command(key, DecidedElsewhere(package.arn, package.status, "somebody", approval.id)),)
    if package.evidence_epoch > question.epoch:
        return (command(key, EvidenceTouched(package.arn, package.evidence_epoch)),)
    return (card(approval, world.clock.now()),)


def _new(question: Question, judgement: Judgement, world: Asking, *, voided: int) -> Approval:
    release = question.release
    policy = policy_held(world.records, release.group, world.default_policy).policy
    return Approval(
        id=ApprovalId(world.ids.new()),
        release_id=release.release_id,
        package_arn=release.package_arn,
        group=release.group,
        version=release.version,
        generation=release.generation,
        tier=policy.tier,
        mode=policy.mode,
        digest=question.digest,
        epoch=question.epoch,
        policy_digest=policy.digest,
        channel=policy.channel or world.channel,
        registrant=resolve(judgement.registration, people_in_force(world.records)),
        registration=judgement.registration,
        needs=policy.approvers,
        gates=judgement.report.lines,
        comparison=judgement.report.comparison,
        production_version=judgement.report.production_version,
        production_endpoint=judgement.report.production_endpoint,
        timing=policy.timing,
        requested_at=world.clock.now(),
        voided_votes=voided,
    )


def _votes(before: Known[Approval] | None) -> tuple[object, ...]:
    return before.value.votes if before is not None and before.value.is_open else ()


def _superseded(approval: Approval, now: Micros) -> Approval:
    because = "The evidence has changed since; its votes are void and a new card asks on the new evidence."
    return replace(
        approval, status=ApprovalStatus.SUPERSEDED, settled_at=now, settled_because=because, on_hold=False, resumed=True
    )


def _requested(approval: Approval) -> Entry:
    body = {
        "tier": approval.tier.value,
        "needs": encode(approval.needs),
        "registrant": encode(approval.registrant),
        "gates": encode(approval.gates),
        "epoch": approval.epoch,
    }
    return entry(approval, EntryKind.APPROVAL_REQUESTED, approval.digest, body)


def _voided(approval: Approval) -> Entry:
    return entry(approval, EntryKind.VOTES_VOIDED, approval.digest, {"votes": encode(approval.votes)})
