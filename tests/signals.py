"""Signals over fakes: an endpoint with its policy, alarms, and a list of what was taken."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from sluice.core.incident.grouping import Action
from sluice.model.alarm_event import AlarmEvent
from sluice.model.alarm_seen import AlarmMetric, AlarmSeen
from sluice.model.commit import Commit
from sluice.model.endpoint import EndpointOwner
from sluice.model.ids import Micros
from sluice.model.metric_query import AlarmState
from sluice.model.monitor_event import JobEvent
from sluice.model.monitor_seen import JobStatus, MonitorJob, MonitorRun, MonitorSchedule, RunStatus
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.records import PolicyRecord
from sluice.model.response_rules import ResponseRules, WatchRules
from sluice.model.signal import Signal
from sluice.usecases.incident.take_signal import Taken
from sluice.usecases.remembering import keep, recall
from sluice.usecases.signals.admit_alarm import AdmittingAlarmSignals, admit_alarm
from sluice.usecases.signals.admit_monitoring import AdmittingMonitoring, admit_monitoring
from sluice.usecases.signals.named import named
from sluice.usecases.signals.taking import SignalAdmission
from tests.fakes.clock import FakeClock
from tests.fakes.evidence import FakeDocuments
from tests.fakes.monitors import FakeMonitors
from tests.fakes.records import FakeRecords
from tests.fakes.seen_alarms import FakeSeenAlarms
from tests.packages import ACCOUNT, REGION, a_policy
from tests.rollouts import ENDPOINT, rules

SECOND = 1_000_000
SCHEDULE = "Fraud-daily"
REPORTS = "s3://reports/fraud"
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
ALARM_ARN = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:"


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
        self.alarms, self.monitors, self.documents = FakeSeenAlarms(), FakeMonitors(), FakeDocuments()
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
        owned = keep(recall(self.records, EndpointOwner, name.lower()), owner, name.lower())
        self.records.commit(Commit((held, owned, *named(policy, self.records))), at=self.clock.at)

    def take(self, signal: Signal) -> Taken:
        """What `take_signal` would be given."""
        self.signals.append(signal)
        return Taken(Action.OPEN, None, "it is the first")

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
        self, found: RunStatus = RunStatus.COMPLETED, report: bytes | None = None, **changes: Any
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
        return self.job(name)

    def job(self, name: str) -> SignalAdmission:
        """The event of a processing job arrives."""
        return admit_monitoring(JobEvent(ACCOUNT, REGION, name), self.admitting_monitoring)

    @property
    def admitting_monitoring(self) -> AdmittingMonitoring:
        """The world of admit_monitoring."""
        return AdmittingMonitoring(self.records, self.monitors, self.documents, self.take, ACCOUNT, REGION)

    def later(self, seconds: float) -> Micros:
        """Time passes."""
        self.clock.advance(seconds)
        return self.clock.now()
