"""Rollbacks over fakes: versions promoted by real rollouts, an alarm that speaks, and the real machine of a rollback."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sluice.model.codec import encode
from sluice.model.commit import Commit
from sluice.model.governing import Mode
from sluice.model.ids import EPOCH, IncidentId, PackageArn, RollbackId, RolloutId
from sluice.model.incident import Answered, Incident, IncidentStatus
from sluice.model.package import RegistryStatus
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.production import ProductionRecord, Served
from sluice.model.records import PackageRecord, PolicyRecord
from sluice.model.response_rules import PagingRules, ResponseRules, RollbackRules
from sluice.model.rollback import Demand, Rollback
from sluice.model.rollout import RolloutOutcome
from sluice.model.rollout_rules import RolloutRules, Step
from sluice.model.signal import Signal, SignalKind
from sluice.usecases.incident.remembered import incidents_of, save_incident
from sluice.usecases.incident.take_signal import Taken, take_signal
from sluice.usecases.remembering import keep, recall
from sluice.usecases.rollback.conclude_rollback import ConcludingRollback, HowItEnded, conclude_rollback
from sluice.usecases.rollback.confirm_recovery import Confirming, confirm_recovery
from sluice.usecases.rollback.decide_rollback import DecidingRollback, decide_rollback
from sluice.usecases.rollback.holding import Call, TakingBack
from sluice.usecases.rollback.remembered import save_rollback
from sluice.usecases.rollback.starting import start_rollback
from sluice.usecases.rollback.take_back import take_back
from tests.fakes.deaths import Died
from tests.machine import Execution, definition
from tests.packages import ARN, CHANNEL, CHEN, GROUP, REGION, a_policy
from tests.rollouts import ENDPOINT, RolloutWorld, rules
from tests.trouble import a_signal

ALARM = "checkout-errors"
SOURCE = f"alarm/{ALARM}"
PIPELINE = "fraud-retraining"
STARTED = "arn:aws:sagemaker:us-east-1:111122223333:pipeline/fraud-retraining/execution/abc"
_QUICK = (Step(50, 300, 3600),)
"""How the versions before were promoted: nobody looks at that here."""
_SAGEMAKER = "arn:aws:states:::aws-sdk:sagemaker:"


class _Machines:
    """`Executions` of `rollback`, each stepped by its world."""

    def __init__(self, world: "RollbackWorld") -> None:
        self.world = world
        self.runs: dict[str, Execution] = {}
        self.asked = 0

    def start(self, name: str, given: Mapping[str, Any]) -> None:
        """Start the execution of that name once."""
        self.asked += 1
        if name not in self.runs:
            run = Execution(definition("rollback"), dict(given), self.world.steps(), self.world.clock, name)
            self.runs[name] = run
            self.world.machines.append(run)

    def status(self, name: str) -> str | None:
        """What became of it."""
        return self.runs[name].status if name in self.runs else None


class RollbackWorld(RolloutWorld):
    """A world in which versions 7 and 8 were promoted one after the other, an hour apart."""

    def __init__(
        self,
        plan: RolloutRules | None = None,
        *,
        mode: Mode = Mode.ENFORCE,
        back: RollbackRules | None = None,
        paging: PagingRules | None = None,
        promoted: tuple[int, ...] = (7, 8),
        **more: Any,
    ) -> None:
        plan = plan or rules()
        super().__init__(replace(plan, steps=plan.steps and _QUICK), **more)
        self.pipelines: list[tuple[str, str]] = []
        self.refused: dict[str, Exception] = {}
        self.runs_of_rollbacks = _Machines(self)
        self.rollbacks = self.runs_of_rollbacks  # type: ignore[assignment]  # the same port, over these machines
        self.alarms.theirs.add(ALARM)
        for version in promoted:
            assert self.finish(self.request(version)).outcome is RolloutOutcome.PROMOTED
            self._remember(version)
            self.pass_minutes(60)
        answer = ResponseRules(rollback=back or RollbackRules(), paging=paging or PagingRules())
        self.govern(a_policy(mode=mode, rollout=plan, response=answer))

    # What happens

    def ring(self, name: str = ALARM, **changes: Any) -> Taken:
        """An alarm goes to ALARM, and its signal is taken."""
        self.alarms.theirs.add(name)
        self.alarms.ring(name)
        return self.say(f"alarm/{name}", **changes)

    def calm(self, name: str = ALARM) -> Taken:
        """The alarm is OK again, and its signal is taken."""
        self.alarms.ringing.discard(name)
        return self.say(f"alarm/{name}", raised=False, key=f"{name}|ok|{self.clock.at}")

    def say(self, source: str = SOURCE, **changes: Any) -> Taken:
        """A source speaks; if its function dies the event comes again, as from SQS."""
        at = changes.pop("at", self.clock.now())
        signal: Signal = a_signal(source, at, **changes)
        try:
            return take_signal(signal, self.taking_signals)
        except Died:
            return take_signal(signal, self.taking_signals)

    def demand(self, signal: Signal | None = None, reason: str = "customers complain") -> RollbackId:
        """Chen wants the endpoint back, without any incident."""
        now = self.clock.now()
        told = signal or a_signal("person/U0CHEN", now, kind=SignalKind.PERSON, config=self.seen.config)
        wanted = Demand(CHEN, "Chen", reason, now)
        rollback_id = RollbackId(f"{len(self.runs_of_rollbacks.runs):032x}")
        record = Rollback(
            id=rollback_id,
            incident_id=IncidentId(""),
            group=GROUP,
            region=REGION,
            endpoint=ENDPOINT,
            signal=told,
            requested_at=now,
            demand=wanted,
        )
        self.records.commit(Commit((save_rollback(record, None, now),)), at=now)
        start_rollback(record, self.rollbacks)
        return rollback_id

    def restart_rollback(self) -> None:
        """Reconcile has found the present execution dead, and starts another."""
        known = recall(self.records, Rollback, self.rollback.id)
        assert known is not None
        again = replace(known.value, attempt=known.value.attempt + 1)
        now = self.clock.now()
        self.records.commit(Commit((save_rollback(again, known, now),)), at=now)
        start_rollback(again, self.rollbacks)

    def end_rollback(self, minutes: float = 120) -> Rollback:
        """Let the newest answer run to its end."""
        self.pass_minutes(minutes, until=lambda: self.rollback.is_over)
        self.work()
        return self.rollback

    def forget(self, config: str, *, model: bool = False) -> None:
        """Somebody deletes a configuration, or its model as well."""
        content = self.endpoints.configs.pop(config)
        if model:
            for variant in content["ProductionVariants"]:
                del self.endpoints.models[variant["ModelName"]]

    def remember(self, version: int, **changes: Any) -> None:
        """Something else is remembered of what served."""
        known = recall(self.records, ProductionRecord, self.production.id)
        assert known is not None
        served = tuple(replace(e, **changes) if e.version == version else e for e in known.value.served)
        self.records.commit(Commit((keep(known, replace(known.value, served=served), known.id),)), at=self.clock.now())

    def resolve_incident(self) -> None:
        """Chen has seen to it."""
        known = incidents_of(self.records, REGION, ENDPOINT).newest
        assert known is not None
        now = self.clock.now()
        ended = Answered("slack", now, CHEN, "Chen", "it was the upstream")
        over = replace(known.value, status=IncidentStatus.RESOLVED, resolved=ended)
        self.records.commit(Commit((save_incident(over, known, now),)), at=now)

    def await_people(self, version: int) -> None:
        """The package came back to pending since, and people are asked about it again."""
        known = recall(self.records, PackageRecord, _arn(version).key)
        assert known is not None
        again = replace(known.value, generation=2, concluded=False)
        self.records.commit(Commit((keep(known, again, known.id),)), at=self.clock.now())

    # What there is to be seen

    @property
    def incident(self) -> Incident:
        """The newest incident of the endpoint."""
        newest = incidents_of(self.records, REGION, ENDPOINT).newest
        assert newest is not None
        return newest.value

    @property
    def rollback(self) -> Rollback:
        """The newest answer."""
        return self.answers[-1]

    @property
    def answers(self) -> list[Rollback]:
        """Every rollback, in the order in which they were asked for."""
        ids = dict.fromkeys(run.input["rollback_id"] for run in self.runs_of_rollbacks.runs.values())
        found = [recall(self.records, Rollback, rollback_id) for rollback_id in ids]
        return [known.value for known in found if known is not None]

    @property
    def production(self) -> ProductionRecord:
        """What is remembered of what served."""
        known = recall(self.records, ProductionRecord, f"{REGION}/{ENDPOINT}")
        assert known is not None
        return known.value

    @property
    def history(self) -> tuple[Served, ...]:
        """What served, the newest last."""
        return self.production.served

    @property
    def policy(self) -> PolicyInForce:
        """The policy of the group."""
        known = recall(self.records, PolicyRecord, GROUP.lower())
        assert known is not None
        return known.value.in_force

    def config_of(self, version: int) -> str:
        """The configuration that a version served with."""
        return next(each.config for each in reversed(self.history) if each.version == version)

    def status_of(self, version: int) -> RegistryStatus:
        """What the registry says of a version."""
        return self.registry.packages[_arn(version).key].status

    def told(self, kind: str) -> list[dict[str, Any]]:
        """The bodies of the ledger's entries of a kind."""
        return [json.loads(record.body) for record in self.ledger() if record.kind == kind]

    def notices(self) -> list[tuple[str, str]]:
        """Messages about ends of rollbacks: their channels and texts."""
        rows = [row.message for row in self.records.outbox.values() if row.message.id.startswith("notice|rollback|")]
        return [(str(message.body["channel"]), str(message.body["text"])) for message in rows]

    def answer(self, rollback_id: RollbackId) -> Rollback:
        """A rollback by its id."""
        known = recall(self.records, Rollback, rollback_id)
        assert known is not None
        return known.value

    def package_record(self, version: int) -> PackageRecord:
        """What is remembered of a version."""
        known = recall(self.records, PackageRecord, _arn(version).key)
        assert known is not None
        return known.value

    # The functions

    def steps(self) -> dict[str, Callable[[Mapping[str, Any]], Any]]:
        """The tasks of the machine."""
        return {
            "DecideRollbackFunctionArn": self._decide_rollback,
            "TakeBackFunctionArn": self._take_back,
            "ConfirmRecoveryFunctionArn": self._confirm,
            "ConcludeRollbackFunctionArn": self._conclude_rollback,
            f"{_SAGEMAKER}describeModelPackage": self._describe_package,
            f"{_SAGEMAKER}updateModelPackage": self._update_package,
            f"{_SAGEMAKER}startPipelineExecution": self._start_pipeline,
        }

    def _decide_rollback(self, event: Mapping[str, Any]) -> Any:
        m = self._mortal
        world = DecidingRollback(
            m(self.records), m(self.endpoints), m(self.registry), m(self.alarms), lambda _: self.default, self.clock
        )
        return encode(decide_rollback(_call(event), world))

    def _take_back(self, event: Mapping[str, Any]) -> Any:
        m = self._mortal
        world = TakingBack(
            m(self.records),
            m(self.endpoints),
            m(self.scaling),
            m(self.metrics),
            m(self.registry),
            self.clock,
            {"sluice:stack": "sluice"},
        )
        take_back(_call(event), world)
        return {}

    def _confirm(self, event: Mapping[str, Any]) -> Any:
        world = Confirming(self._mortal(self.records), self._mortal(self.alarms), self.clock)
        return encode(confirm_recovery(_call(event), world))

    def _conclude_rollback(self, event: Mapping[str, Any]) -> Any:
        world = ConcludingRollback(self._mortal(self.records), lambda _: self.default, self.clock, CHANNEL)
        how = HowItEnded(**{name: event.get(name, "") for name in ("held", "error", "retraining", "registry")})
        concluded = conclude_rollback(_call(event), how, world)
        return {"outcome": "replaced" if concluded is None else concluded.value}

    def _describe_package(self, event: Mapping[str, Any]) -> Any:
        self._refusal("describeModelPackage")
        package = self.registry.describe(PackageArn.parse(event["ModelPackageName"]))
        assert package is not None
        return {"ModelApprovalStatus": package.status.value}

    def _update_package(self, event: Mapping[str, Any]) -> Any:
        self._refusal("updateModelPackage")
        self.registry.set_status(
            PackageArn.parse(event["ModelPackageArn"]),
            status=RegistryStatus(event["ModelApprovalStatus"]),
            description=event["ApprovalDescription"],
            client_token=event["ClientToken"],
        )
        return {"ModelPackageArn": event["ModelPackageArn"]}

    def _start_pipeline(self, event: Mapping[str, Any]) -> Any:
        self._refusal("startPipelineExecution")
        started = (event["PipelineName"], event["ClientRequestToken"])
        if started not in self.pipelines:
            self.pipelines.append(started)
        return {"PipelineExecutionArn": STARTED}

    def _refusal(self, operation: str) -> None:
        if operation in self.refused:
            raise self.refused[operation]

    def _remember(self, version: int) -> None:
        """The package's record, as its release left it."""
        arn, now = _arn(version), self.clock.now()
        record = PackageRecord(arn.key, GROUP, version, "Approved", EPOCH, Mode.ENFORCE, 1, True, True)
        known = recall(self.records, PackageRecord, arn.key)
        self.records.commit(Commit((keep(known, record, arn.key),)), at=now)


def rollout_of(version: int) -> RolloutId:
    """The rollout of a version in these worlds."""
    return RolloutId(f"{version:032x}")


def _arn(version: int) -> PackageArn:
    return PackageArn.parse(ARN.text.rsplit("/", 1)[0] + f"/{version}")


def _call(event: Mapping[str, Any]) -> Call:
    return Call(RollbackId(event["rollback_id"]), event["attempt"])
