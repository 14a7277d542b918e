"""Rollouts over fakes: the real machine, the real use cases, traffic by the minute, and people who press."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from sluice.core.rollout.configs import CANDIDATE
from sluice.model.alarm_event import AlarmEvent
from sluice.model.approval import Mode, RoleNeed, Tier
from sluice.model.codec import decode, encode
from sluice.model.commands import from_json
from sluice.model.commit import Commit
from sluice.model.endpoint import Change, EndpointConfig, EndpointRecord, EndpointSeen, endpoint_id
from sluice.model.ids import Digest, Micros, RolloutId
from sluice.model.judging import JudgeRule, MetricRule
from sluice.model.ledger import LedgerRecord
from sluice.model.package import ModelPackage, RegistryStatus
from sluice.model.rollout import Phase, Rollout, RolloutRequest, WishKind
from sluice.model.rollout_commands import AskRollout
from sluice.model.rollout_rules import MetricSource, RolloutRules, Series, Step, Target
from sluice.usecases.record_decision import record_decision
from sluice.usecases.remembering import recall
from sluice.usecases.rollout.admit_alarm import AdmittingAlarms, AlarmAdmission, admit_alarm
from sluice.usecases.rollout.begin_rollout import Beginning, begin_rollout
from sluice.usecases.rollout.change_endpoint import change_endpoint
from sluice.usecases.rollout.changing import Call, Changing
from sluice.usecases.rollout.conclude_rollout import ConcludingRollout, conclude_rollout
from sluice.usecases.rollout.judge_canary import Judging, Look, judge_canary
from sluice.usecases.rollout.remembered import save
from tests.event_samples import sample
from tests.fakes.alarms import FakeAlarms
from tests.fakes.deaths import Died, mortal
from tests.fakes.endpoints import FakeEndpoints
from tests.fakes.metrics import FakeMetrics
from tests.fakes.quotas import FakeQuotas
from tests.fakes.scaling import FakeScaling
from tests.machine import Execution, definition
from tests.packages import ARN, CHAIN, CHANNEL, CHEN, GROUP, REGION, TEAM, a_package, a_policy
from tests.world import World

ENDPOINT = "fraud-scoring"
PRODUCTION = "AllTraffic"
SERVING = "fraud-scoring-v6"
ROLE = "arn:aws:iam::111122223333:role/serving"
MANAGERS = (RoleNeed("ml_engineering", 1, (CHEN,)),)
_MINUTE = 60_000_000

ERRORS = MetricSource(
    "errors",
    requests=Series("AWS/SageMaker", "Invocations", "Sum"),
    events=(Series("AWS/SageMaker", "Invocation5XXErrors", "Sum"),),
)


def rules(**changes: Any) -> RolloutRules:
    """Two steps of ten minutes at least, errors judged."""
    ordinary: dict[str, Any] = {
        "target": Target(ENDPOINT, PRODUCTION, execution_role=ROLE, instance_type="ml.m5.large", instances=2),
        "judge": JudgeRule(metrics=(MetricRule("errors"),), alpha=0.01),
        "sources": (ERRORS,),
        "steps": (Step(10, 600, 3600), Step(50, 600, 3600)),
        "managers": MANAGERS,
    }
    return RolloutRules(**(ordinary | changes))


def serving_config(instances: int = 4) -> EndpointConfig:
    """What serves before: one variant of version 6."""
    variant = {
        "VariantName": PRODUCTION,
        "ModelName": "fraud-v6",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": instances,
        "InitialVariantWeight": 1.0,
    }
    return {"EndpointConfigName": SERVING, "ProductionVariants": [variant]}


@dataclass
class Traffic:
    """Requests a minute to the whole endpoint, and the share of them that fails by variant or configuration.

    CloudWatch shows nothing of `silent` variants. `early` is the share that the new fleet of a blue/green update gets before it is done.
    """

    requests: float = 600.0
    rates: dict[str, float] = field(default_factory=lambda: {PRODUCTION: 0.01, CANDIDATE: 0.01})
    early: float = 0.0
    silent: set[str] = field(default_factory=set)
    _owed: dict[tuple[str, str, str], float] = field(default_factory=dict)

    def minute(self, seen: EndpointSeen, start: Micros, metrics: FakeMetrics) -> None:
        """One minute of traffic, split by the weights of the moment; what does not come out even is carried over."""
        for variant in seen.variants:
            share = seen.share(variant.name)
            if seen.pending_config is not None:
                self._serve(seen, variant.name, seen.pending_config, share * self.early, start, metrics)
                share *= 1 - self.early
            self._serve(seen, variant.name, seen.config, share, start, metrics)
        for shadow in seen.shadows:
            self._serve(seen, shadow.name, seen.config, shadow.weight, start, metrics)

    def _serve(
        self, seen: EndpointSeen, variant: str, config: str, share: float, start: Micros, metrics: FakeMetrics
    ) -> None:
        rate = self.rates.get(config, self.rates.get(variant, 0.01))
        requests = self._whole((config, variant, "r"), self.requests * share)
        errors = self._whole((config, variant, "e"), requests * rate)
        for more in () if variant in self.silent else ({}, {"EndpointConfigName": config}):
            dimensions: Mapping[str, str] = {"EndpointName": seen.name, "VariantName": variant, **more}
            metrics.traffic(dimensions, start, requests=(requests,), errors=(errors,))

    def _whole(self, key: tuple[str, str, str], amount: float) -> int:
        owed = self._owed.get(key, 0.0) + amount
        self._owed[key] = owed - int(owed)
        return int(owed)


class _Waiting:
    """`Waiting` over the executions of a world."""

    def __init__(self, runs: list[Execution]) -> None:
        self.runs = runs
        self.answers: list[tuple[str, Any]] = []

    def resume(self, task_token: str, answer: Mapping[str, Any]) -> bool:
        """Hand an answer to whoever waits."""
        self.answers.append((task_token, answer))
        return any(run.answered(task_token, answer) for run in self.runs)


class RolloutWorld(World):
    """A world with an endpoint, where version 7 is approved and waits to be rolled out."""

    def __init__(
        self,
        plan: RolloutRules | None = None,
        *,
        mode: Mode = Mode.ENFORCE,
        serving: EndpointConfig | None = None,
        first: bool = False,
    ) -> None:
        approved = a_package(status=RegistryStatus.APPROVED)
        plan = plan or rules()
        super().__init__(a_policy(mode=mode, rollout=plan), package=approved)
        self.alarms, self.scaling, self.quotas = FakeAlarms(plan.alarms), FakeScaling(), FakeQuotas()
        self.endpoints = FakeEndpoints(self.clock, alarms=self.alarms, scaling=self.scaling)
        self.endpoints.models["fraud-v6"] = (None, {"ExecutionRoleArn": ROLE})
        self.metrics = FakeMetrics(clock=self.clock, alarms=self.alarms)
        self.traffic = Traffic()
        self.machines: list[Execution] = []
        self.waiting = _Waiting(self.machines)  # type: ignore[assignment]  # the same port, over these machines
        if not first:
            self.endpoints.serve(ENDPOINT, serving or serving_config())
            self._played_until = Micros(self.clock.at - 6 * 3600 * 1_000_000)
            self._play()
        self._played_until = self.clock.at

    # What happens

    def request(self, version: int = 7, package: ModelPackage | None = None) -> RolloutId:
        """A rollout is requested and its execution started."""
        arn = ARN if version == ARN.version else replace(ARN, text=ARN.text[:-1] + str(version), version=version)
        self.registry.put(package or a_package(arn=arn, status=RegistryStatus.APPROVED))
        rollout_id = RolloutId(f"{version:032x}")
        now = self.clock.now()
        request = RolloutRequest(
            rollout_id, f"{GROUP}/{version}/1", arn.text, GROUP, version, 1, REGION, Digest("sha256:" + "ab" * 32)
        )
        rollout = Rollout(request, mode=Mode.ENFORCE, tier=Tier.STANDARD, channel=CHANNEL, requested_at=now)
        self.records.commit(Commit((save(rollout, None, now),)), at=now)
        self.start(rollout_id)
        return rollout_id

    def start(self, rollout_id: RolloutId, attempt: int = 1) -> Execution:
        """An execution of the machine."""
        name = f"{rollout_id}-{attempt}"
        run = Execution(
            definition("rollout"), {"rollout_id": rollout_id, "attempt": attempt}, self._tasks(), self.clock, name
        )
        self.machines.append(run)
        return run

    def restart(self, rollout_id: RolloutId) -> Execution:
        """Reconcile has found the present execution dead, and starts another."""
        known = recall(self.records, Rollout, rollout_id)
        assert known is not None
        again = replace(known.value, attempt=known.value.attempt + 1)
        now = self.clock.now()
        self.records.commit(Commit((save(again, known, now),)), at=now)
        return self.start(rollout_id, again.attempt)

    def change(self, rollout_id: RolloutId, change: Change, *, attempt: int = 1) -> Any:
        """The function change_endpoint, called once by an execution."""
        event = {"rollout_id": rollout_id, "attempt": attempt, "change": change.value, "error": ""}
        return self._change(event)

    def press(self, rollout_id: RolloutId, kind: WishKind, reason: str = "we know better") -> None:
        """Chen presses a button of the rollout's card; a press whose function dies comes again, as from SQS."""
        asked = AskRollout(rollout_id, CHEN, TEAM, CHANNEL, kind, reason, self.clock.now())
        try:
            record_decision(asked, self.deciding)
        except Died:
            record_decision(asked, self.deciding)

    def alarm(self, name: str) -> AlarmAdmission:
        """CloudWatch's event of an alarm of the team arrives; what its state really is, `alarms` tells."""
        event = sample("cloudwatch_alarm_metric_math.json") | {"account": ARN.account, "region": REGION}
        event["detail"] |= {"alarmName": name, "state": {"value": "ALARM"}}
        admitting = AdmittingAlarms(self.records, self.queue, ARN.account, REGION)
        return admit_alarm(AlarmEvent.parse(event), admitting)

    def work(self) -> None:
        """Messages, commands and executions until nothing moves."""
        for _ in range(60):
            before = self._motion()
            with suppress(Died):
                self.deliver()
            for command in self.queue.take():
                self._decide(command)
            for run in self.machines:
                run.go_on()
            if self._motion() == before:
                return
        raise AssertionError("it never comes to rest")

    def pass_minutes(self, minutes: float, *, until: Callable[[], bool] = lambda: False) -> None:
        """Time passes with its traffic, from one moment at which something is due to the next."""
        end = self.clock.at + int(minutes * _MINUTE)
        self.work()
        while self.clock.at < end and not until():
            self.clock.at = Micros(min(end, *self._next_moments()))
            self._play()
            self.work()

    def finish(self, rollout_id: RolloutId, minutes: float = 240) -> Rollout:
        """Let it run to its end."""
        self.pass_minutes(minutes, until=lambda: self.rollout(rollout_id).is_over)
        self.work()
        return self.rollout(rollout_id)

    # What there is to be seen

    def rollout(self, rollout_id: RolloutId) -> Rollout:  # type: ignore[override]  # several rollouts here
        """A rollout as it stands."""
        known = recall(self.records, Rollout, rollout_id)
        assert known is not None
        return known.value

    @property
    def endpoint(self) -> EndpointRecord:
        """The endpoint's record."""
        known = recall(self.records, EndpointRecord, endpoint_id(REGION, ENDPOINT))
        assert known is not None
        return known.value

    @property
    def seen(self) -> EndpointSeen:
        """The endpoint as SageMaker shows it."""
        seen = self.endpoints.as_it_is(ENDPOINT)
        assert seen is not None
        return seen

    def ledger(self) -> list[LedgerRecord]:
        """The entries about the group."""
        return list(self.records.entries(CHAIN))

    def await_phase(self, rollout_id: RolloutId, phase: Phase, *, step: int = 0, minutes: float = 120) -> None:
        """Let time pass until a rollout is in a phase."""

        def there() -> bool:
            rollout = self.rollout(rollout_id)
            return rollout.phase is phase and rollout.step == step

        self.pass_minutes(minutes, until=there)
        assert there(), self.rollout(rollout_id).phase

    # The functions

    def _tasks(self) -> dict[str, Callable[[Mapping[str, Any]], Any]]:
        return {
            "BeginRolloutFunctionArn": self._begin,
            "ChangeEndpointFunctionArn": self._change,
            "JudgeCanaryFunctionArn": self._judge,
            "ConcludeRolloutFunctionArn": self._conclude,
        }

    def _begin(self, event: Mapping[str, Any]) -> Any:
        m = self._mortal
        world = Beginning(
            m(self.records),
            m(self.endpoints),
            m(self.scaling),
            m(self.quotas),
            m(self.alarms),
            m(self.registry),
            lambda _: self.default,
            self.clock,
            CHANNEL,
        )
        return encode(begin_rollout(RolloutId(event["rollout_id"]), event["attempt"], world))

    def _change(self, event: Mapping[str, Any]) -> Any:
        m = self._mortal
        world = Changing(
            m(self.records),
            m(self.endpoints),
            m(self.scaling),
            m(self.alarms),
            m(self.metrics),
            m(self.registry),
            self.clock,
            {"sluice:stack": "sluice"},
        )
        change = Change(event["change"])
        call = Call(RolloutId(event["rollout_id"]), event["attempt"], event["error"])
        return encode(change_endpoint(call, change, world))

    def _judge(self, event: Mapping[str, Any]) -> Any:
        m = self._mortal
        world = Judging(
            m(self.records),
            m(self.tokens),
            m(self.endpoints),
            m(self.metrics),
            m(self.alarms),
            m(self.registry),
            self.clock,
        )
        judge_canary(decode(Look, event), world)
        return None

    def _conclude(self, event: Mapping[str, Any]) -> Any:
        m = self._mortal
        world = ConcludingRollout(m(self.records), m(self.endpoints), m(self.alarms), self.clock)
        call = Call(RolloutId(event["rollout_id"]), event["attempt"], event.get("error", ""))
        concluded = conclude_rollout(call, world, held=event.get("held", ""))
        return None if concluded is None else concluded.value

    def _mortal[T](self, port: T) -> T:
        return mortal(port, self.life)

    def _decide(self, command: Mapping[str, Any]) -> None:
        """A command whose function dies comes again, as from SQS."""
        try:
            record_decision(from_json(command), self.deciding)
        except Died:
            self.queue.send(command)

    def _next_moments(self) -> list[int]:
        """When the next thing happens: a minute of traffic is over, an execution wakes, a message is due again."""
        running = [run.wake_at for run in self.machines if run.status == "RUNNING" and run.wake_at is not None]
        waiting = [pending.due_at for pending in self.outbox.pending(before=Micros(2**62))]
        return [max(at, self.clock.at + 1) for at in (self._played_until + _MINUTE, *running, *waiting)]

    def _play(self) -> None:
        """The traffic of each whole minute that has passed."""
        while self._played_until + _MINUTE <= self.clock.at:
            seen = self.endpoints.as_it_is(ENDPOINT)
            if seen is not None:
                self.traffic.minute(seen, self._played_until, self.metrics)
            self._played_until = Micros(self._played_until + _MINUTE)

    def _motion(self) -> tuple[Any, ...]:
        moved = tuple((row.state, row.attempts) for row in self.records.outbox.values())
        runs = tuple((run.transitions, run.status, run.token) for run in self.machines)
        return (len(self.records.commits), moved, runs, len(self.queue.waiting))
