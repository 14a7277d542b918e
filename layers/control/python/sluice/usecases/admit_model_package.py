"""A model package event arrives: read the truth, decide whether it is news, remember it, start what follows."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sluice.core.admission import Action, Admission, Enrolment, admit, elsewhere, set_back
from sluice.core.modes import Effect
from sluice.core.notices import Subject, decided_elsewhere
from sluice.errors import InvalidInput
from sluice.model.approval import Registrant
from sluice.model.approval_commands import DecidedElsewhere, EvidenceTouched
from sluice.model.codec import encode
from sluice.model.commit import Commit, Entry, Message, group_chain
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import PackageArn
from sluice.model.package import ModelPackage, RegistryStatus
from sluice.model.records import PackageRecord
from sluice.model.release import Release
from sluice.model.rollout_commands import WakeRollout
from sluice.ports import Clock, Executions, Records, Registry
from sluice.usecases.messages import command as command_message
from sluice.usecases.messages import notice
from sluice.usecases.policies import DefaultPolicy, Held, policy_held
from sluice.usecases.remembering import Known, keep, recall, settling_races


@dataclass(frozen=True, slots=True)
class Admitting:
    """What admission works with; `account` and `region` are our own, `home_region` is the one that runs releases."""

    records: Records
    registry: Registry
    executions: Executions
    default_policy: DefaultPolicy
    clock: Clock
    account: str
    region: str
    home_region: str
    channel: str


def admit_model_package(arn: PackageArn, world: Admitting, *, status_changed: bool = False) -> Admission:
    """Admit one package; raises InvalidInput for a package of another account or region."""
    if (arn.account, arn.region) != (world.account, world.region):
        raise InvalidInput(f"a package of {arn.account} in {arn.region}; this is {world.account} in {world.region}")
    if world.region != world.home_region:
        return Admission(Action.IGNORE, f"releases run in the home region, {world.home_region}")
    return settling_races(lambda: _attempt(arn, world, status_changed=status_changed))


def _attempt(arn: PackageArn, world: Admitting, *, status_changed: bool) -> Admission:
    package = world.registry.describe(arn)
    if package is None:
        return Admission(Action.IGNORE, "there is no such package any more")
    known = recall(world.records, PackageRecord, arn.key)
    held = policy_held(world.records, package.arn.group, world.default_policy)
    enrolment = Enrolment(held.policy.mode, held.since)
    admission = admit(package, known.value if known else None, enrolment, status_changed=status_changed)
    if admission.record is not None:
        _Step(world, package, held, known, admission.record).take(admission)
    return admission


@dataclass(frozen=True, slots=True)
class _Step:
    """One admitted change of one package, about to be written and acted upon."""

    world: Admitting
    package: ModelPackage
    held: Held
    known: Known[PackageRecord] | None
    record: PackageRecord

    def take(self, admission: Admission) -> None:
        match admission.action:
            case Action.START | Action.RESUME_START:
                entry = self.entry(EntryKind.PACKAGE_ADMITTED, str(self.record.generation), admission)
                self.commit(self.record, [entry], *self.wake())
                self.start(self.record)
            case Action.REFRESH:
                touched = EvidenceTouched(self.record.arn, self.record.evidence_epoch)
                entry = self.entry(EntryKind.EVIDENCE_TOUCHED, f"epoch-{self.record.evidence_epoch}", admission)
                self.commit(self.record, [entry], self.command(touched))
            case Action.ELSEWHERE:
                self.decided_elsewhere(admission)
            case Action.OWN | Action.IGNORE:
                self.commit(self.record)

    def decided_elsewhere(self, admission: Admission) -> None:
        entry = self.entry(EntryKind.DECISION_ELSEWHERE, str(self.package.last_modified), admission)
        effect = elsewhere(self.record)
        if effect is Effect.SET_BACK_TO_PENDING:
            self.undo(entry, admission)
            return
        decided = DecidedElsewhere(self.record.arn, self.record.status, self.who(), self.record.approval)
        messages = [self.command(decided)] if self.record.awaiting else []
        if effect is not Effect.RECORD:
            messages.append(self.report(set_back=False))
        self.commit(self.record, [entry], *messages, *self.wake())

    def undo(self, entry: Entry, admission: Admission) -> None:
        record = set_back(self.record, at=self.world.clock.now())
        entries = [entry]
        if not record.started:
            asked_anew = replace(self, record=record)
            entries.append(asked_anew.entry(EntryKind.PACKAGE_ADMITTED, str(record.generation), admission))
        self.commit(record, entries, self.report(set_back=True), *self.wake())
        if record.undo is not None:
            self.world.registry.set_status(
                self.package.arn,
                status=RegistryStatus.PENDING,
                description=record.undo.description,
                client_token=_token("set-back", record.arn, str(self.package.last_modified)),
            )
        if not record.started:
            self.start(record)

    def start(self, record: PackageRecord) -> None:
        self.world.executions.start(execution_name(record.arn, record.generation), encode(self.release(record)))
        again = recall(self.world.records, PackageRecord, record.arn)
        if again is not None and again.value.generation == record.generation and not again.value.started:
            save = keep(again, replace(again.value, started=True), record.arn)
            self.world.records.commit(Commit(saves=(save,)), at=self.world.clock.now())

    def release(self, record: PackageRecord) -> Release:
        return Release(
            release_id=release_id(record),
            package_arn=self.package.arn.text,
            group=self.package.arn.group,
            version=record.version,
            generation=record.generation,
            region=self.package.arn.region,
        )

    def commit(self, record: PackageRecord, entries: Sequence[Entry] = (), *messages: Message) -> None:
        due_at = self.world.clock.now() if record.awaiting and not record.started else None
        commit = Commit(
            saves=(keep(self.known, record, record.arn, due_at=due_at),),
            entries=tuple(entries),
            messages=messages,
        )
        self.world.records.commit(commit, at=self.world.clock.now())

    def entry(self, kind: EntryKind, key: str, admission: Admission) -> Entry:
        body = {
            "package_arn": self.package.arn.text,
            "status": self.package.status.value,
            "last_modified": self.package.last_modified,
            "last_modified_by": encode(self.package.last_modified_by),
            "generation": self.record.generation,
            "mode": self.record.mode.value,
            "reason": admission.reason,
        }
        chain = group_chain(self.record.group)
        return Entry(chain, f"{kind}|{self.record.arn}|{key}", kind, release_id(self.record), body)

    def wake(self) -> list[Message]:
        """A rollout whose package's status was changed looks at once: without approval the candidate is taken back."""
        rollout = self.known.value.rollout if self.known is not None else None
        if rollout is None:
            return []
        return [self.command(WakeRollout(rollout, f"the registry says {self.package.status.value}"))]

    def command(self, command: EvidenceTouched | DecidedElsewhere | WakeRollout) -> Message:
        key = f"{self.record.arn}|{self.package.last_modified}"
        return command_message(key, command)

    def report(self, *, set_back: bool) -> Message:
        subject = Subject(self.package.arn.group, self.record.version, Registrant(None, "", ""))
        card = decided_elsewhere(subject, status=self.package.status.value, actor=self.who(), set_back=set_back)
        key = f"elsewhere|{self.record.arn}|{self.package.last_modified}"
        return notice(key, self.held.policy.channel or self.world.channel, card)

    def who(self) -> str:
        by = self.package.last_modified_by
        return by.studio_profile or by.source_identity or by.principal_arn or "somebody SageMaker does not name"


def release_id(record: PackageRecord) -> str:
    """GROUP/VERSION/GENERATION, as people read it."""
    return f"{record.group}/{record.version}/{record.generation}"


def execution_name(arn: str, generation: int) -> str:
    """Name of the execution: what makes starting it twice start it once (64 of Step Functions' 80 characters)."""
    return hashlib.sha256(f"{arn.lower()}|{generation}".encode()).hexdigest()


def _token(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:36]
