"""What every step around an approval works with, and the commits that they share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sluice.core.modes import Situation
from sluice.core.notices import Subject
from sluice.core.settlement import Settlement, settle
from sluice.errors import PermanentFailure
from sluice.model.approval import Approval
from sluice.model.codec import encode
from sluice.model.commit import Commit, Entry, Message, Save, group_chain
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import ApprovalId, Micros
from sluice.model.records import PackageRecord
from sluice.ports import Chat, Clock, Executions, Records, Timers, Tokens, Waiting
from sluice.usecases.messages import card
from sluice.usecases.policies import DefaultPolicy
from sluice.usecases.remembering import Known, keep, recall


@dataclass(frozen=True, slots=True)
class Deciding:
    """The ports of `record_decision`. `team` is the Slack workspace whose people may decide; empty: not checked.

    `incidents` and `rollbacks` are the executions of these machines. `region` is our own, `channel` the stack's.
    """

    records: Records
    tokens: Tokens
    waiting: Waiting
    timers: Timers
    chat: Chat
    clock: Clock
    team: str
    incidents: Executions
    rollbacks: Executions
    default_policy: DefaultPolicy
    region: str
    channel: str


@dataclass(frozen=True, slots=True)
class Case:
    """An approval with its package, as they were read together."""

    approval: Known[Approval]
    package: Known[PackageRecord]

    @classmethod
    def load(cls, records: Records, approval_id: ApprovalId) -> "Case | None":
        """Read both, or None when there is no such approval."""
        approval = recall(records, Approval, approval_id)
        if approval is None:
            return None
        package = recall(records, PackageRecord, approval.value.package_arn.lower())
        if package is None:
            raise PermanentFailure(f"approval {approval_id} has no package record")
        return cls(approval, package)

    @property
    def outdated(self) -> bool:
        """Whether the package was edited since the evidence of this approval was read."""
        return self.approval.value.epoch < self.package.value.evidence_epoch

    @property
    def replaced(self) -> bool:
        """Whether the package came back to pending since, and another release asks about it."""
        return self.approval.value.generation < self.package.value.generation

    @property
    def subject(self) -> Subject:
        """The version that messages speak of."""
        return Subject.of(self.approval.value)


def entry(approval: Approval, kind: EntryKind, key: str, body: dict[str, Any]) -> Entry:
    """A ledger entry about an approval, with what it is bound to."""
    bound = {
        "package_arn": approval.package_arn,
        "digest": approval.digest,
        "policy_digest": approval.policy_digest,
        "mode": approval.mode.value,
    }
    return Entry(
        chain=group_chain(approval.group),
        key=f"{kind}|{approval.id}|{key}",
        kind=kind,
        subject=approval.release_id,
        body=bound | body,
    )


def save(approval: Approval, known: Known[Approval] | None) -> Save:
    """The write of an approval, on the list of reconcile until nothing is left to be done about it."""
    return keep(known, approval, approval.id, due_at=due_at(approval))


def due_at(approval: Approval) -> Micros | None:
    """When reconcile looks at an approval: after its deadline, soon if it was not delivered or not resumed."""
    if approval.is_open:
        undelivered = Micros(approval.requested_at + _DELIVERY_GRACE)
        return undelivered if approval.deadline is None else approval.deadline
    return None if approval.resumed or approval.answer is None else approval.settled_at


def settlement_commit(case: Case, situation: Situation, *, at: Micros, because: str) -> Commit:
    """Everything that settling writes: the approval, the status about to be set, the ledger entry, the card."""
    settlement = settle(case.approval.value, situation, at=at, because=because)
    return Commit(
        saves=_saves(case, settlement),
        entries=(settled_entry(settlement.approval),),
        messages=(card(settlement.approval, at),),
    )


def settled_entry(approval: Approval) -> Entry:
    """The ledger's word on how an approval was closed, with the votes that were given."""
    body = {
        "status": approval.status.value,
        "because": approval.settled_because,
        "votes": encode(approval.votes),
        "intended_status": approval.answer.status if approval.answer is not None else "",
    }
    return entry(approval, EntryKind.APPROVAL_SETTLED, approval.status.value, body)


def joined(first: Commit, *, entries: Sequence[Entry] = (), messages: Sequence[Message] = ()) -> Commit:
    """A commit with more entries before its own and more messages after."""
    return replace(first, entries=(*entries, *first.entries), messages=(*first.messages, *messages))


def _saves(case: Case, settlement: Settlement) -> tuple[Save, ...]:
    saves = (save(settlement.approval, case.approval),)
    if settlement.intent is None:
        return saves
    package = replace(case.package.value, intent=settlement.intent)
    return (*saves, keep(case.package, package, case.package.id))


_DELIVERY_GRACE = 10 * 60 * 1_000_000
"""10 minutes in microseconds: a card that Slack took but whose timers were never set is found after this."""
