"""An execution ends at 25,000 events of history: however long a policy lets a rollout last, it stays under that."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sluice.core.rollout.begin import Began, busy, turn
from sluice.core.rollout.looks import MOST_LOOKS, waits_s
from sluice.core.rollout.routing import decide
from sluice.core.rollout.sight import Sight
from sluice.errors import EndpointSettling, TransientFailure
from sluice.model.approval import Mode
from sluice.model.codec import encode
from sluice.model.endpoint import EndpointSeen, EndpointStatus, VariantSeen
from sluice.model.ids import Micros, RolloutId
from sluice.model.rollout import Phase, RolloutOutcome, Route
from sluice.model.rollout_rules import Step
from tests.fakes.clock import FakeClock
from tests.machine import Execution, definition
from tests.rollout_records import ENDPOINT, a_rollout, an_endpoint, rules

LIMIT = 25_000
DAY_S = 24 * 3600
LONGEST = rules(
    steps=tuple(Step(5 * n, 600, DAY_S) for n in range(1, 11)), shadow=Step(50, 600, DAY_S), give_up_after_s=14 * DAY_S
)
"""As many steps as a policy takes; each may stay undecided for two weeks, and be decided at their end."""
POLLS = 89


@dataclass
class Longest:
    """The machine with functions that let everything last as long as it may: none of them does anything else."""

    dark_s: float = 0.0
    woken_at_each_look: bool = False
    clock: FakeClock = field(default_factory=lambda: FakeClock(Micros(1_800_000_000_000_000)))
    looks: int = 0
    changed: int = 0
    since: int = 0
    phase_since: int = 0
    polls: int = POLLS
    steps: list[str] = field(default_factory=lambda: ["candidate", *["shift"] * 9, "promote"])

    def __post_init__(self) -> None:
        tasks = {
            "BeginRolloutFunctionArn": self._begin,
            "ChangeEndpointFunctionArn": self._change,
            "JudgeCanaryFunctionArn": self._judge,
            "ConcludeRolloutFunctionArn": lambda _: "promoted",
        }
        self.since = self.clock.at
        self.run = Execution(definition("rollout"), {"rollout_id": "r", "attempt": 1}, tasks, self.clock)

    def finish(self) -> int:
        """How many events it takes to its end."""
        self.run.go_on()
        while self.run.status == "RUNNING":
            assert self.run.wake_at is not None
            self.clock.at = Micros(max(self.run.wake_at, self.clock.at))
            self.run.go_on()
        assert self.run.status == "SUCCEEDED"
        return self.run.history

    def _begin(self, _: Mapping[str, Any]) -> Any:
        now, half = self.clock.at, self.since + LONGEST.give_up_after_s * 1_000_000
        waiting = a_rollout(requested_at=Micros(self.since), begun_at=Micros(half), rules=LONGEST)
        held = an_endpoint(holder=RolloutId("6" * 32))
        if now <= half:
            return encode(turn(waiting, held, LONGEST, now) or Began(Route.CONCLUDE))
        if now <= half + LONGEST.give_up_after_s * 1_000_000:
            return encode(busy(waiting, "the endpoint is Updating", now))
        return encode(Began(Route.SHADOW))

    def _change(self, event: Mapping[str, Any]) -> Any:
        if self.polls:
            self.polls -= 1
            raise EndpointSettling("it is Updating")
        self.polls, self.phase_since = POLLS, self.clock.at
        return {"change": event["change"], "waits_s": waits_s(600, LONGEST.give_up_after_s)}

    def _judge(self, event: Mapping[str, Any]) -> None:
        if self.clock.at < self.phase_since + self.dark_s * 1_000_000:
            raise TransientFailure("DescribeEndpoint: Throttling")
        self.looks += 1
        if self.looks >= MOST_LOOKS:
            self.run.answered(event["task_token"], {"route": "return", "reason": "it was looked at too often"})
        elif self.woken_at_each_look:
            self.run.answered(event["task_token"], {"route": "again", "reason": ""})
        elif self.clock.at - self.phase_since > LONGEST.give_up_after_s * 1_000_000:
            self.run.answered(event["task_token"], {"route": self.steps.pop(0), "reason": ""})


def test_the_longest_policy_stays_under_the_limit_of_step_functions() -> None:
    longest = Longest()

    events = longest.finish()

    assert longest.run.entered.count("Look") == longest.looks < MOST_LOOKS
    assert longest.steps == []
    assert longest.clock.at - longest.since > 13 * 14 * DAY_S * 1_000_000
    assert events < LIMIT


def test_a_rollout_that_is_woken_all_the_time_stays_under_it_with_a_day_without_sight() -> None:
    woken = Longest(woken_at_each_look=True, dark_s=DAY_S)

    events = woken.finish()

    assert woken.looks == MOST_LOOKS
    assert events < LIMIT


def test_a_rollout_that_is_looked_at_too_often_is_taken_back_undecided() -> None:
    rollout = a_rollout(looks=MOST_LOOKS)
    variants = (VariantSeen("AllTraffic", 75.0, 75.0, 4, 4), VariantSeen("candidate", 25.0, 25.0, 1, 1))
    seen = EndpointSeen(ENDPOINT, "arn", rollout.candidate_config, EndpointStatus.IN_SERVICE, Micros(1), variants)
    sight = Sight(seen, Micros(rollout.phase_since + 1))

    ended, goes_on = decide(rollout, None, sight), decide(replace(rollout, looks=MOST_LOOKS - 1), None, sight)

    assert (ended.route, ended.outcome) == (Route.RETURN, RolloutOutcome.UNDECIDED)
    assert f"looked at {MOST_LOOKS} times" in ended.reason
    assert goes_on.route is None


def test_a_deployment_of_others_is_watched_no_more_often_than_that() -> None:
    rollout = a_rollout(looks=MOST_LOOKS, mode=Mode.OBSERVE, phase=Phase.WATCHING)
    seen = EndpointSeen(ENDPOINT, "arn", "fraud-v6", EndpointStatus.IN_SERVICE, Micros(1))

    ended = decide(rollout, None, Sight(seen, Micros(rollout.phase_since + 1)))

    assert (ended.route, ended.outcome) == (Route.CONCLUDE, RolloutOutcome.OBSERVED)
