"""Incidents from the first signal to the review: the real machine, stepped over fakes while time passes."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from sluice.model.codec import decode, encode
from sluice.model.commands import from_json
from sluice.model.commit import Commit
from sluice.model.governing import RoleNeed
from sluice.model.ids import Micros, SlackUserId
from sluice.model.incident_commands import AskIncident, PagerSaid, WakeIncident
from sluice.model.incident_wish import IncidentWish
from sluice.model.ledger import LedgerRecord
from sluice.model.response_rules import Level, PageRoute, PagingRules, Severity
from sluice.model.rollback import Decision, RollbackOutcome, RollbackPhase
from sluice.usecases.incident.attend_incident import Attendance, Attending, AwaitedWord, attend_incident, await_word
from sluice.usecases.incident.draft_review import Drafting, draft_review
from sluice.usecases.messages import command
from sluice.usecases.record_decision import record_decision
from sluice.usecases.remembering import recall
from sluice.usecases.rollback.remembered import save_rollback
from tests.fakes.deaths import Died, mortal
from tests.fakes.ledger import FakeLedger
from tests.fakes.metrics import FakeMetrics
from tests.machine import Execution, definition
from tests.packages import ACCOUNT, ANNA, BEN, CHAIN, CHANNEL, CHEN, DORA, REGION, TEAM, a_policy
from tests.rollouts import rules
from tests.trouble import TroubledWorld

MINUTE = 60_000_000
MANAGERS = (RoleNeed("ml_engineering", 1, (CHEN,)),)
OLGA = SlackUserId("U0OLGA")
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:pagerduty-fraud"
EVERYTHING = tuple(Severity)


def routes(*levels: tuple[int, tuple[str, ...]]) -> tuple[PageRoute, ...]:
    """One route for everything, with levels of `(minutes, targets)`."""
    return (PageRoute(EVERYTHING, tuple(Level(minutes * 60, to) for minutes, to in levels)),)


def paging(**changes: Any) -> PagingRules:
    """Anna at once, Ben after ten minutes, then again each half an hour."""
    ordinary: dict[str, Any] = {"routes": routes((0, (ANNA,)), (10, (BEN, "pagerduty"))), "pagerduty_secret": SECRET}
    return PagingRules(**(ordinary | changes))


@dataclass
class FakeReviews:
    """`Reviews` in memory."""

    kept: dict[str, str] = field(default_factory=dict)

    def keep(self, key: str, text: str) -> str:
        """Keep a document."""
        self.kept[key] = text
        return "sluice-archive"


class _Waiting:
    """`Waiting` over the executions of a world."""

    def __init__(self, runs: dict[str, Execution]) -> None:
        self.runs = runs

    def resume(self, task_token: str, answer: Mapping[str, Any]) -> bool:
        """Hand an answer to whoever waits."""
        return any(run.answered(task_token, answer) for run in self.runs.values())


class IncidentWorld(TroubledWorld):
    """An endpoint whose alarms speak, and everything that follows."""

    def __init__(self, pages: PagingRules | None = None, **policy: Any) -> None:
        super().__init__(pages or paging(), rollout=rules(managers=MANAGERS), **policy)
        self.machines: dict[str, Execution] = {}
        self.waiting = _Waiting(self.machines)  # type: ignore[assignment]  # the same port, over these machines
        self.reviews, self.metrics = FakeReviews(), FakeMetrics()

    # What happens

    def press(self, wish: IncidentWish, person: SlackUserId = ANNA, reason: str = "we saw to it", **more: Any) -> None:
        """A person presses a button of the card, and the command is handled."""
        at = self.clock.now()
        asked = AskIncident(self.incident.id, person, TEAM, CHANNEL, wish, reason, at)
        self.command(replace(asked, **more))

    def at_pagerduty(self, wish: IncidentWish, *, event_id: str = "evt-1", at: Micros | None = None) -> None:
        """Somebody answers at PagerDuty."""
        self.command(PagerSaid(self.incident.id, wish, "Dora", event_id, at or self.clock.now()))

    def command(self, asked: Any) -> None:
        """A command is handled; if its function dies it comes again, as from SQS."""
        try:
            record_decision(asked, self.deciding)
        except Died:
            record_decision(asked, self.deciding)

    def end_rollback(self, outcome: RollbackOutcome, because: str = "", **changes: Any) -> None:
        """The rollback under way comes to its end, as conclude_rollback tells it."""
        known = recall(self.records, type(self.rollback), self.incident.rollback or "")
        assert known is not None
        decision = Decision.HOLD if outcome is RollbackOutcome.HELD else Decision.ROLL_BACK
        done: dict[str, Any] = {"phase": RollbackPhase.DONE, "outcome": outcome, "because": because}
        ended = replace(known.value, **({"decision": decision} | done | changes))
        now = self.clock.now()
        woken = command(f"{ended.id}|{outcome.value}", WakeIncident(self.incident.id, "its rollback has ended"))
        self.records.commit(Commit((save_rollback(ended, known, now),), messages=(woken,)), at=now)

    # What goes on by itself

    def work(self) -> None:
        """Messages, commands and executions until nothing moves."""
        for _ in range(60):
            before = self._motion()
            with suppress(Died):
                self.deliver()
            for message in self.queue.take():
                self._decide(message)
            self._run()
            if self._motion() == before:
                return
        raise AssertionError("it never comes to rest")

    def pass_minutes(self, minutes: float, *, until: Callable[[], bool] = lambda: False) -> None:
        """Time passes, from one moment at which something is due to the next."""
        end = self.clock.at + int(minutes * MINUTE)
        self.work()
        while self.clock.at < end and not until():
            self.clock.at = Micros(min([end, *self._next_moments()]))
            self.work()

    # What there is to be seen

    @property
    def run(self) -> Execution:
        """The execution of the incident's present attempt."""
        return self.machines[f"{self.incident.id}-{self.incident.attempt}"]

    def paged(self) -> list[tuple[int, str, str]]:
        """Every page that was ordered: minutes since the incident was opened, its action, and the target."""
        rows = [row for row in self.records.outbox.values() if row.message.kind.value == "page"]
        opened = self.incident.opened_at
        found = [((row.created_at - opened) // MINUTE, row.message.body) for row in rows]
        return [(minute, str(body["action"]), str(body["target"])) for minute, body in found]

    def calls(self) -> list[tuple[int, str]]:
        """Who was called, by the minute."""
        return [(minute, target) for minute, action, target in self.paged() if action == "trigger"]

    def kinds(self) -> list[str]:
        """The ledger's entries about the group, by kind."""
        return [entry.kind for entry in self.ledger()]

    def ledger(self) -> list[LedgerRecord]:
        """The ledger's entries about the group."""
        return list(self.records.entries(CHAIN))

    # The functions

    @property
    def attending(self) -> Attending:
        """The world of attend_incident."""
        return Attending(self._mortal(self.records), self._mortal(self.tokens), self.clock)

    def _run(self) -> None:
        for name, given in self.incidents.started.items():
            if name not in self.machines:
                self.machines[name] = Execution(definition("incident"), given, self._tasks(), self.clock, name)
            self.machines[name].go_on()

    def _tasks(self) -> dict[str, Callable[[Mapping[str, Any]], Any]]:
        return {"AttendIncidentFunctionArn": self._attend, "DraftReviewFunctionArn": self._draft}

    def _attend(self, event: Mapping[str, Any]) -> Any:
        world = self.attending
        if "task_token" in event:
            await_word(decode(AwaitedWord, event), world)
            return {}
        return encode(attend_incident(decode(Attendance, event), world))

    def _draft(self, event: Mapping[str, Any]) -> Any:
        ledger = FakeLedger(self.records)
        m = self._mortal
        world = Drafting(m(self.records), ledger, m(self.reviews), m(self.metrics), self.clock)
        return {"review": draft_review(decode(Attendance, event), world)}

    def _mortal[T](self, port: T) -> T:
        return mortal(port, self.life)

    def _decide(self, message: Mapping[str, Any]) -> None:
        """A command whose function dies comes again, as from SQS."""
        try:
            record_decision(from_json(message), self.deciding)
        except Died:
            self.queue.send(message)

    def _next_moments(self) -> list[int]:
        """When the next thing happens: an execution wakes, a message is due again."""
        running = [r.wake_at for r in self.machines.values() if r.status == "RUNNING" and r.wake_at is not None]
        waiting = [pending.due_at for pending in self.outbox.pending(before=Micros(2**62))]
        return [max(at, self.clock.at + 1) for at in (*running, *waiting)]

    def _motion(self) -> tuple[Any, ...]:
        moved = tuple((row.state, row.attempts) for row in self.records.outbox.values())
        runs = tuple((run.transitions, run.status, run.token) for run in self.machines.values())
        return (len(self.records.commits), moved, runs, len(self.queue.waiting), len(self.incidents.started))


__all__ = ["ANNA", "BEN", "CHEN", "DORA", "MINUTE", "OLGA", "IncidentWorld", "a_policy", "paging", "routes"]
