"""A whole Sluice over fakes: the use cases with their ports, and executions of the state machine between them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sluice.core.admission import Admission
from sluice.core.rollout.naming import rollout_id_of
from sluice.model.approval import Approval, Choice
from sluice.model.approval_commands import CastVote
from sluice.model.codec import decode
from sluice.model.commands import from_json
from sluice.model.commit import Commit
from sluice.model.ids import ApprovalId, Micros, RolloutId, SlackUserId
from sluice.model.package import ModelPackage, RegistryStatus
from sluice.model.people import People, PeopleRecord, Person
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.records import PackageRecord, PolicyRecord
from sluice.model.release import Release
from sluice.model.rollout import Phase, Rollout, RolloutOutcome
from sluice.model.rollout_event import RolloutRequestedEvent
from sluice.usecases.admit_model_package import admit_model_package
from sluice.usecases.deliver_outbox import Delivered, deliver_outbox
from sluice.usecases.reconcile import Mended, Reconciling, reconcile
from sluice.usecases.record_decision import record_decision
from sluice.usecases.remembering import keep, recall
from sluice.usecases.rollout.admit_rollout import admit_rollout
from sluice.usecases.rollout.conclude_rollout import finished
from sluice.usecases.rollout.remembered import save as save_rollout
from tests.approvals import NOW
from tests.fakes.deaths import Life
from tests.packages import (
    ACCOUNT,
    ANNA,
    ANNAS_ROLE,
    ARN,
    BEN,
    CHAIN,
    CHANNEL,
    CHEN,
    REGION,
    STUDIO,
    TEAM,
    a_package,
)
from tests.release_run import Run
from tests.world_ports import Ports

ENROLLED = Micros(NOW - 1)


def an_event(detail_type: str, detail: Any, *, number: int = 0, region: str = REGION) -> dict[str, Any]:
    """A domain event as EventBridge brings it."""
    return {
        "version": "0",
        "id": f"event-{number}",
        "detail-type": detail_type,
        "source": "sluice",
        "account": ACCOUNT,
        "time": "2026-05-28T20:26:40Z",
        "region": region,
        "resources": [],
        "detail": detail,
    }


class World(Ports):
    """Everything that there is. `life` ends the functions that run; `revive` begins another process."""

    def __init__(self, policy: PolicyInForce | None = None, *, package: ModelPackage | None = None) -> None:
        super().__init__(*([package] if package else []))
        self.runs: dict[str, Run] = {}
        self._brought: set[int] = set()
        if policy is not None:
            self.govern(policy)
        self.know(Person(ANNA, "Anna", principals=(ANNAS_ROLE,)), Person(BEN, "Ben"), Person(CHEN, "Chen"))

    def govern(self, policy: PolicyInForce, *, since: Micros = ENROLLED) -> None:
        """Put a policy in force."""
        known = recall(self.records, PolicyRecord, policy.group.lower())
        record = PolicyRecord(policy, "{}", since if known is None else known.value.since)
        self.records.commit(Commit(saves=(keep(known, record, policy.group.lower()),)), at=since)

    def know(self, *people: Person) -> None:
        """Put `/sluice/people` in force."""
        known = recall(self.records, PeopleRecord, "people")
        record = PeopleRecord(People(people), "{}")
        self.records.commit(Commit(saves=(keep(known, record, "people"),)), at=NOW)

    # What happens from outside

    def register(self, package: ModelPackage | None = None) -> None:
        """A package is registered, and its event comes."""
        self.registry.put(package or a_package())
        self.event()

    def event(self, *, status_changed: bool = False) -> Admission:
        """An event about the package comes."""
        return admit_model_package(ARN, self.admitting, status_changed=status_changed)

    def edit(self, **changes: Any) -> None:
        """Somebody edits the package in the registry."""
        package = self.registry.packages[ARN.key]
        later: dict[str, Any] = {"last_modified": Micros(package.last_modified + 1_000_000), "last_modified_by": STUDIO}
        self.registry.put(replace(package, **(later | changes)))

    def vote(self, person: SlackUserId, choice: Choice = Choice.APPROVE, reason: str = "", **changes: Any) -> CastVote:
        """A person presses on the present card; the command comes to be handled."""
        reason = reason or ("" if choice is Choice.APPROVE else "recall is too low")
        on = changes.pop("approval_id", None) or self.approval.id
        command = replace(CastVote(on, person, TEAM, CHANNEL, choice, reason, self.clock.now()), **changes)
        record_decision(command, self.deciding)
        return command

    def meanwhile(self, happens: Callable[[], object]) -> None:
        """Let something happen between what the next writer has read and what it writes."""

        def first(_: Commit) -> None:
            happens()

        self.records.before_commit = first

    # What goes on by itself

    def deliver(self) -> Delivered:
        """One run of deliver_outbox over everything that is due."""
        due = list(self.outbox.pending(before=Micros(self.clock.now() + 1)))
        return deliver_outbox(due, self.delivering)

    def work(self) -> None:
        """Deliver, decide and let executions run until nothing moves any more; timers stay as they are."""
        for _ in range(30):
            before = self._state()
            self.deliver()
            self.decide()
            for event in self.announced("RolloutRequested"):
                admit_rollout(RolloutRequestedEvent.parse(event), self.admitting_rollouts)
            self.run_executions()
            if self._state() == before:
                return
        raise AssertionError("it never comes to rest")

    def decide(self) -> None:
        """Carry out what waits in the decisions queue."""
        for command in [*self.queue.take(), *self.announced("RolloutFinished")]:
            record_decision(from_json(command), self.deciding)

    def announced(self, detail_type: str) -> list[dict[str, Any]]:
        """Events of a kind that came onto the bus since this was last asked, as EventBridge brings them."""
        sent = [(n, detail) for n, (kind, detail) in enumerate(self.bus.events) if kind == detail_type]
        new = [(n, detail) for n, detail in sent if n not in self._brought]
        self._brought |= {n for n, _ in new}
        return [an_event(detail_type, detail, number=n, region=self.region) for n, detail in new]

    def end_rollout(
        self, outcome: RolloutOutcome, because: str = "it was seen to its end", *, of: RolloutId | None = None
    ) -> None:
        """A rollout comes to its end, as conclude_rollout records it: that of the present release or another."""
        known = recall(self.records, Rollout, of or self.rollout.id)
        assert known is not None
        ended = replace(known.value, phase=Phase.DONE, outcome=outcome, because=because)
        saves = (save_rollout(ended, known, self.clock.now()),)
        self.records.commit(Commit(saves=saves, messages=(finished(ended),)), at=self.clock.now())

    def pass_time(self, seconds: float) -> None:
        """Let time pass, with the timers that come due, each delivered once."""
        self.clock.advance(seconds)
        for command in self.timers.fire(before=self.clock.now()):
            self.queue.send(command)
        self.work()

    def run_executions(self) -> None:
        """Let each execution go on until it waits or ends."""
        for name, release in self.executions.started.items():
            begin = release.get("begin", "evidence")
            run = self.runs.setdefault(name, Run(self, decode(Release, release), begin))
            if name not in self.executions.broke:
                run.go_on()
            if run.concluded is not None:
                self.executions.done.add(name)

    def reconcile(self) -> Mended:
        """One run of reconcile, and what follows from it."""
        ways = Reconciling(
            self.admitting,
            self.concluding,
            self.admitting_rollouts,
            self.admitting_endpoints,
            self.taking_signals,
            self.queue,
        )
        return reconcile(ways)

    def revive(self, life: Life | None = None) -> Life:
        """From now on functions run in a new process."""
        self.life = life or Life()
        return self.life

    # What there is to be seen

    @property
    def package(self) -> PackageRecord:
        """The package's record."""
        known = recall(self.records, PackageRecord, ARN.key)
        assert known is not None
        return known.value

    @property
    def rollout(self) -> Rollout:
        """The rollout of the package's present generation."""
        release = f"{self.package.group}/{self.package.version}/{self.package.generation}"
        known = recall(self.records, Rollout, rollout_id_of(release, REGION))
        assert known is not None
        return known.value

    @property
    def approval(self) -> Approval:
        """The present approval of the package."""
        assert self.package.approval is not None
        return self.approval_of(self.package.approval)

    def approval_of(self, approval_id: ApprovalId) -> Approval:
        """An approval by its id."""
        known = recall(self.records, Approval, approval_id)
        assert known is not None
        return known.value

    @property
    def status(self) -> RegistryStatus:
        """The status in the registry."""
        return self.registry.packages[ARN.key].status

    def kinds(self) -> list[str]:
        """Kinds of the ledger's entries about the group, in order."""
        return [record.kind for record in self.records.entries(CHAIN)]

    def outcomes(self) -> list[str]:
        """How the executions ended that did."""
        return [run.concluded.outcome.value for run in self.runs.values() if run.concluded is not None]

    def _state(self) -> tuple[Any, ...]:
        moved = tuple((row.state, row.attempts) for row in self.records.outbox.values())
        steps = tuple((name, run.step) for name, run in self.runs.items())
        return (len(self.records.commits), moved, steps, len(self.queue.waiting), len(self.waiting.answers))
