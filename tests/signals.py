"""Signals over fakes: an endpoint with its policy, alarms, and a list of what was taken."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from sluice.model.alarm_event import AlarmEvent
from sluice.model.alarm_seen import AlarmMetric, AlarmSeen
from sluice.model.commit import Commit
from sluice.model.endpoint import EndpointConfig, EndpointOwner, EndpointRecord, EndpointStatus, endpoint_id
from sluice.model.endpoint_event import EndpointEvent
from sluice.model.governing import Mode
from sluice.model.ids import Micros, RolloutId
from sluice.model.incident import Incident
from sluice.model.metric_query import AlarmState
from sluice.model.monitor_event import JobEvent
from sluice.model.monitor_seen import JobStatus, MonitorJob, MonitorRun, MonitorSchedule, RunStatus
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.production import ProductionRecord, Served
from sluice.model.records import PolicyRecord
from sluice.model.response_rules import ResponseRules, WatchRules
from sluice.model.signal import Signal
from sluice.model.trail_event import ApiCall, Operation
from sluice.usecases.incident.remembered import incidents_of
from sluice.usecases.incident.take_signal import Taken, TakingSignals, take_signal
from sluice.usecases.remembering import keep, recall
from sluice.usecases.signals.admit_alarm import AdmittingAlarmSignals, admit_alarm
from sluice.usecases.signals.admit_endpoint_change import AdmittingEndpointSignals, admit_endpoint_change
from sluice.usecases.signals.admit_monitoring import AdmittingMonitoring, admit_monitoring
from sluice.usecases.signals.keep_watch_alarms import KeepingAlarms
from sluice.usecases.signals.named import named
from sluice.usecases.signals.taking import SignalAdmission, ignored
from sluice.usecases.signals.watch_production import Watched, WatchingProduction, watch_production
from sluice.usecases.signals.watch_promotions import WatchingPromotions, watch_promotions
from tests.fakes.alarms import FakeAlarms
from tests.fakes.clock import FakeClock
from tests.fakes.endpoints import FakeEndpoints
from tests.fakes.evidence import FakeDocuments
from tests.fakes.executions import FakeExecutions
from tests.fakes.metrics import FakeMetrics
from tests.fakes.monitors import FakeMonitors
from tests.fakes.records import FakeRecords
from tests.fakes.registry import FakeRegistry
from tests.fakes.seen_alarms import FakeSeenAlarms
from tests.packages import ACCOUNT, ARN, CHANNEL, GROUP, REGION, a_policy
from tests.rollouts import ENDPOINT, rules, serving_config

SECOND = 1_000_000
SCHEDULE = "Fraud-daily"
REPORTS = "s3://reports/fraud"
EVE = f"arn:aws:sts::{ACCOUNT}:assumed-role/Developer/eve"
OUR_ROLE = f"arn:aws:iam::{ACCOUNT}:role/sluice-ChangeEndpointFunctionRole"
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
ALARM_ARN = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:"

OBSERVED = a_policy(mode=Mode.OBSERVE)


def watching(**watch: Any) -> PolicyInForce:
    """A policy for the endpoint that names what is given: `alarms`, `monitors`, `metrics`."""
    return a_policy(rollout=rules(), response=ResponseRules(watch=WatchRules(**watch)))


def metric(name: str = "Invocation5XXErrors", namespace: str = "AWS/SageMaker", **dimensions: str) -> AlarmMetric:
    """A metric of the endpoint."""
    return AlarmMetric(namespace, name, dimensions or {"EndpointName": ENDPOINT, "VariantName": "AllTraffic"})


class SignalWorld:
    """What admission of signals works with; `signals` are those that were taken."""

    def __init__(self, *policies: PolicyInForce) -> None:
        self.clock, self.records = FakeClock(), FakeRecords()
        self.own_alarms = FakeAlarms()
        self.metrics = FakeMetrics(clock=self.clock)
        self.alarms, self.monitors, self.documents = FakeSeenAlarms(), FakeMonitors(), FakeDocuments()
        self.endpoints, self.registry = FakeEndpoints(self.clock), FakeRegistry()
        self.incidents, self.rollbacks = FakeExecutions(), FakeExecutions()
        self.signals: list[Signal] = []
        for policy in policies or (watching(),):
            self.govern(policy)

    def govern(self, policy: PolicyInForce) -> None:
        """A policy is accepted: itself, its endpoint's owner and what it names are on record."""
        assert policy.rollout is not None
        known = recall(self.records, PolicyRecord, policy.group.lower())
        held = keep(known, PolicyRecord(policy, "{}", self.clock.at), policy.group.lower())
        name = policy.rollout.target.endpoint
        owner = EndpointOwner(name, policy.group)
        owned = keep(recall(self.records, EndpointOwner, name.lower()), owner, name.lower(), due_at=self.clock.at)
        self.records.commit(Commit((held, owned, *named(policy, self.records, self.clock.now()))), at=self.clock.at)

    def take(self, signal: Signal) -> Taken:
        """A signal is taken as ever, and remembered here."""
        self.signals.append(signal)
        return take_signal(signal, self.taking)

    @property
    def taking(self) -> TakingSignals:
        """The world of take_signal."""
        return TakingSignals(
            self.records, self.incidents, self.rollbacks, lambda _: OBSERVED, self.clock, REGION, CHANNEL
        )

    # Alarms

    def alarm(self, name: str, state: AlarmState = AlarmState.ALARM, **changes: Any) -> AlarmSeen:
        """An alarm comes into a state now."""
        seen = AlarmSeen(name, ALARM_ARN + name, state, self.clock.now(), "Threshold Crossed")
        seen = replace(seen, **({"metrics": (metric(),)} | changes))
        self.alarms.put(seen)
        return seen

    def hear(self, name: str, state: AlarmState = AlarmState.ALARM, **told: Any) -> SignalAdmission:
        """The event of an alarm arrives."""
        event = replace(AlarmEvent(ACCOUNT, REGION, name, state), **told)
        return admit_alarm(event, self.admitting_alarms)

    @property
    def admitting_alarms(self) -> AdmittingAlarmSignals:
        """The world of admit_alarm."""
        return AdmittingAlarmSignals(self.records, self.alarms, self.take, self.clock, ACCOUNT, REGION)

    # Monitors

    def schedule(self, name: str = SCHEDULE, kind: str = "DataQuality", endpoint: str = ENDPOINT) -> None:
        """A monitoring schedule is there."""
        self.monitors.schedules[name] = MonitorSchedule(name, kind, endpoint)

    def run(
        self, found: RunStatus = RunStatus.COMPLETED, report: bytes | None = None, *, told: bool = True, **changes: Any
    ) -> SignalAdmission:
        """A run of the monitor is over, and the event of its job arrives."""
        number = len(self.monitors.jobs) + 1
        name, now = f"model-monitoring-{number}", self.clock.now()
        arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:processing-job/{name}"
        failed = found is RunStatus.FAILED
        says = {
            RunStatus.COMPLETED: "Completed: Job completed successfully with no violations.",
            RunStatus.COMPLETED_WITH_VIOLATIONS: "CompletedWithViolations: Job completed successfully with 2 violations.",
        }
        job = MonitorJob(
            name,
            arn,
            JobStatus.FAILED if failed else JobStatus.COMPLETED,
            now,
            SCHEDULE.lower(),
            says.get(found, ""),
            "AlgorithmError: no data" if failed else "",
            (f"{REPORTS}/{number}",),
        )
        self.monitors.jobs[name] = replace(job, **changes)
        self.monitors.history.setdefault(SCHEDULE, []).insert(0, MonitorRun(found, now, arn))
        if report is not None:
            self.documents.contents[f"{REPORTS}/{number}/constraint_violations.json"] = report
        return self.job(name) if told else ignored("its event was lost")

    def job(self, name: str) -> SignalAdmission:
        """The event of a processing job arrives."""
        return admit_monitoring(JobEvent(ACCOUNT, REGION, name), self.admitting_monitoring)

    @property
    def admitting_monitoring(self) -> AdmittingMonitoring:
        """The world of admit_monitoring."""
        return AdmittingMonitoring(self.records, self.monitors, self.documents, self.take, ACCOUNT, REGION)

    # Endpoints

    def serve(self, config: EndpointConfig | None = None, *, by_us: bool = True, package: str = ARN.text) -> None:
        """The endpoint serves a configuration; put there by Sluice or by others."""
        config = config or serving_config()
        self.endpoints.serve(ENDPOINT, config)
        if by_us:
            self.promoted(config, package)

    def promoted(self, config: EndpointConfig, package: str = ARN.text) -> None:
        """Sluice has recorded what it put there."""
        record_id = endpoint_id(REGION, ENDPOINT)
        known = recall(self.records, ProductionRecord, record_id)
        now = self.clock.now()
        before = tuple(replace(each, until=each.until or now) for each in known.value.served) if known else ()
        served = Served(config["EndpointConfigName"], package, 7, now, document=config)
        record = ProductionRecord(REGION, ENDPOINT, GROUP, (*before, served))
        self.records.commit(Commit((keep(known, record, record_id),)), at=now)

    def hold(self, holder: str | None = "f" * 32) -> None:
        """A rollout takes the endpoint's lock, or gives it back."""
        record_id = endpoint_id(REGION, ENDPOINT)
        known = recall(self.records, EndpointRecord, record_id)
        before = known.value if known else EndpointRecord(REGION, ENDPOINT, GROUP)
        record = replace(before, holder=RolloutId(holder) if holder else None)
        self.records.commit(Commit((keep(known, record, record_id),)), at=self.clock.now())

    def becomes(self, status: EndpointStatus = EndpointStatus.IN_SERVICE, config: str = "", **changes: Any) -> None:
        """The endpoint comes into a status, with another configuration if one is given."""
        served = self.endpoints.endpoints[ENDPOINT]
        served.status, served.modified_at = status, self.clock.now()
        served.config = config or served.config
        for name, value in changes.items():
            setattr(served, name, value)

    def changed(self, **told: Any) -> SignalAdmission:
        """The event of the endpoint arrives."""
        event = replace(EndpointEvent(ACCOUNT, REGION, ENDPOINT.lower()), **told)
        return admit_endpoint_change(event, self.admitting_endpoint_signals)

    def called(self, operation: Operation = Operation.UPDATE_ENDPOINT, **call: Any) -> SignalAdmission:
        """CloudTrail tells of a call of Eve's."""
        now = self.clock.now()
        told = ApiCall(ACCOUNT, REGION, f"event-{now}", operation, now, EVE, endpoint=ENDPOINT, config="theirs")
        return admit_endpoint_change(replace(told, **call), self.admitting_endpoint_signals)

    @property
    def admitting_endpoint_signals(self) -> AdmittingEndpointSignals:
        """The world of admit_endpoint_change."""
        return AdmittingEndpointSignals(
            records=self.records,
            endpoints=self.endpoints,
            registry=self.registry,
            default_policy=lambda _: OBSERVED,
            take=self.take,
            clock=self.clock,
            account=ACCOUNT,
            region=REGION,
            own_roles=frozenset({OUR_ROLE}),
        )

    # Looking without an event

    def watch(self) -> Watched:
        """One run of watch_production."""
        keeping = KeepingAlarms(self.records, self.own_alarms, self.clock, {"sluice:stack": "sluice"})
        return watch_production(
            WatchingProduction(
                self.admitting_alarms, self.admitting_monitoring, self.admitting_endpoint_signals, keeping
            )
        )

    def compare(self) -> int:
        """One run of watch_promotions."""
        return watch_promotions(
            WatchingPromotions(
                self.records, self.endpoints, self.metrics, lambda _: OBSERVED, self.take, self.clock, REGION
            )
        )

    def incident(self) -> Incident:
        """The newest incident of the endpoint."""
        newest = incidents_of(self.records, REGION, ENDPOINT).newest
        assert newest is not None
        return newest.value

    def later(self, seconds: float) -> Micros:
        """Time passes."""
        self.clock.advance(seconds)
        return self.clock.now()
