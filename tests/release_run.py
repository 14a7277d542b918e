"""An execution of `release` over fakes: its steps are the use cases, its routes those of the state machine."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sluice.model.codec import decode
from sluice.model.package import RegistryStatus
from sluice.model.release import Answer, Outcome, Release, Route
from sluice.usecases.check_gates import Checking, check_gates
from sluice.usecases.collect_evidence import Collected, Collecting, collect_evidence
from sluice.usecases.conclude_release import Concluded, Ending, conclude_release
from sluice.usecases.request_approval import Question, request_approval
from sluice.usecases.rollout.request_rollout import Wanted, request_rollout
from tests.packages import ARN

if TYPE_CHECKING:
    from tests.world import World


class Run:
    """One execution of `release`: the routes of statemachines/release.asl.json, in the order of its states."""

    def __init__(self, world: "World", release: Release, begin: str = "evidence") -> None:
        self.world, self.release = world, release
        self.step = 0
        self.token, self.gates_ref = "", ""
        self.concluded: Concluded | None = None
        self.ends: list[Answer] = []
        self._next: Callable[[], None] | None = self._request_rollout if begin == "rollout" else self._collect

    def go_on(self) -> None:
        """Run until it waits or ends; a step that raised is run again the next time, as by Retry."""
        while self._next is not None:
            at, self.step = self._next, self.step + 1
            at()
            if self._next == at:
                self.step -= 1
                return

    def go_on_to(self, step: str) -> None:
        """Run until a step comes next, with what others do meanwhile."""
        wanted = getattr(self, f"_{step}")
        for _ in range(30):
            if self._next == wanted:
                return
            at = self._next
            assert at is not None
            at()
            if self._next == at:
                self.world.deliver()
                self.world.decide()
        raise AssertionError(f"{step} never comes")

    def _collect(self) -> None:
        w = self.world
        world = Collecting(w.records, w.registry, w.documents, w.lineage, w.archive, w.clock)
        self.collected = collect_evidence(self.release, world)
        self._next = self._check

    def _check(self) -> None:
        w = self.world
        checking = Checking(w.records, w.registry, w.documents, w.archive, w.judgements, lambda _: w.default, w.clock)
        checked = check_gates(self.release, self.collected, checking)
        self.gates_ref = checked.gates_ref
        if checked.answer is None:
            self._next = self._ask
        else:
            self._route(checked.answer)

    def _ask(self) -> None:
        self.token = self.world.waiting.wait()
        request_approval(self.question(self.collected), self.world.asking)
        self._next = self._wait

    def question(self, collected: Collected) -> Question:
        """What RequestApproval is asked with."""
        return Question(self.release, collected.digest, collected.epoch, self.gates_ref, self.token)

    def _wait(self) -> None:
        answer = self.world.waiting.answers.get(self.token)
        if answer is not None:
            self._took(decode(Answer, answer))

    def _took(self, answer: Answer) -> None:
        if answer.route is not Route.COLLECT_AGAIN:
            self.ends.append(answer)
        self._route(answer)

    def time_out(self) -> None:
        """The task's outer bound is over: the Catch of States.Timeout."""
        self.world.waiting.give_up(self.token)
        self._route(Answer(Route.CONCLUDE, Outcome.EXPIRED))

    def ask_again(self) -> None:
        """RequestApproval failed after its effect: Retry calls it with a new token, and the old one is dead."""
        if self._next == self._wait and self.token not in self.world.waiting.answers:
            self.world.waiting.give_up(self.token)
            self._next = self._ask

    def _route(self, answer: Answer) -> None:
        self.answer = answer
        match answer.route:
            case Route.SET_STATUS:
                self._next = self._set_status
            case Route.COLLECT_AGAIN:
                self._next = self._collect
            case _:
                self._next = self._conclude

    def _set_status(self) -> None:
        self._set_status_of(RegistryStatus.PENDING)

    def _set_status_of(self, expected: RegistryStatus) -> None:
        """What was decided elsewhere meanwhile is not overwritten."""
        registry = self.world.registry
        package = registry.describe(ARN)
        if package is not None and package.status is expected:
            a = self.answer
            status = RegistryStatus(a.status)
            registry.set_status(ARN, status=status, description=a.description, client_token=a.client_token)
        self._next = self._conclude

    def _conclude(self) -> None:
        ending = Ending(self.release, self.answer, self.gates_ref)
        concluded = conclude_release(ending, self.world.concluding)
        if concluded.rollout:
            self._next = self._request_rollout
            return
        self.concluded, self._next = concluded, None

    def _request_rollout(self) -> None:
        self.token = self.world.waiting.wait()
        request_rollout(Wanted(self.release, self.token), self.world.requesting)
        self._next = self._wait_for_rollout

    def _wait_for_rollout(self) -> None:
        answer = self.world.waiting.answers.get(self.token)
        if answer is not None:
            self.answer = decode(Answer, answer)
            self._next = self._reject if self.answer.route is Route.SET_STATUS else self._conclude

    def _reject(self) -> None:
        self._set_status_of(RegistryStatus.APPROVED)

    def request_again(self) -> None:
        """RequestRollout timed out, or failed after its effect: it is called with a new token, the old one is dead."""
        if self._next == self._wait_for_rollout and self.token not in self.world.waiting.answers:
            self.world.waiting.give_up(self.token)
            self._next = self._request_rollout
