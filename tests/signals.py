"""Signals over fakes: an endpoint with its policy, alarms, and a list of what was taken."""

from dataclasses import replace
from typing import Any

from sluice.core.incident.grouping import Action
from sluice.model.alarm_event import AlarmEvent
from sluice.model.alarm_seen import AlarmMetric, AlarmSeen
from sluice.model.commit import Commit
from sluice.model.endpoint import EndpointOwner
from sluice.model.ids import Micros
from sluice.model.metric_query import AlarmState
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.records import PolicyRecord
from sluice.model.response_rules import ResponseRules, WatchRules
from sluice.model.signal import Signal
from sluice.usecases.incident.take_signal import Taken
from sluice.usecases.remembering import keep, recall
from sluice.usecases.signals.admit_alarm import AdmittingAlarmSignals, admit_alarm
from sluice.usecases.signals.named import named
from sluice.usecases.signals.taking import SignalAdmission
from tests.fakes.clock import FakeClock
from tests.fakes.records import FakeRecords
from tests.fakes.seen_alarms import FakeSeenAlarms
from tests.packages import ACCOUNT, REGION, a_policy
from tests.rollouts import ENDPOINT, rules

SECOND = 1_000_000
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
        self.alarms = FakeSeenAlarms()
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

    def later(self, seconds: float) -> Micros:
        """Time passes."""
        self.clock.advance(seconds)
        return self.clock.now()
