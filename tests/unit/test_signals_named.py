"""What a policy names is found by its name: noted when the policy is accepted, in the same commit."""

from sluice.model.endpoint import EndpointOwner
from sluice.model.watched_alarm import WatchAlarms, WatchedAlarm, WatchedMonitor
from sluice.usecases.remembering import recall
from sluice.usecases.rollout.alarm_watch import watched
from sluice.usecases.validate_policy import Outcome, Validating, validate_policy
from tests.fakes.clock import FakeClock
from tests.fakes.parameters import FakeParameters
from tests.fakes.records import FakeRecords
from tests.rollout_records import a_rollout, rules
from tests.unit.policy_texts import ROLLOUT, STANDARD

NAME = "/sluice/policies/fraud"
WATCH = """
watch:
  alarms: {fraud-kpi: kpi}
  monitors: [Fraud-Daily]
  metrics: [{name: psi, namespace: Drift, metric: PSI, above: 0.2}]
"""


class _Policies:
    def __init__(self) -> None:
        self.records, self.parameters, self.clock = FakeRecords(), FakeParameters(), FakeClock()

    def write(self, text: str) -> Outcome:
        self.parameters.put(NAME, text)
        world = Validating(self.records, self.parameters, self.clock, "C0STACK")
        return validate_policy(NAME, world).outcome

    def alarm(self, name: str) -> WatchedAlarm | None:
        known = recall(self.records, WatchedAlarm, name)
        return None if known is None else known.value


def test_alarms_monitors_and_metrics_of_an_accepted_policy_lead_to_its_group() -> None:
    policies = _Policies()

    assert policies.write(STANDARD + ROLLOUT + WATCH) is Outcome.ACCEPTED

    monitor = recall(policies.records, WatchedMonitor, "fraud-daily")
    own = recall(policies.records, WatchAlarms, "fraud")
    assert policies.alarm("fraud-kpi") == WatchedAlarm("fraud-kpi", groups=("fraud",))
    assert monitor is not None
    assert monitor.value.groups == ("fraud",)
    assert own is not None
    assert (own.value.names, own.value.made) == (("sluice-watch-fraud/psi",), "")


def test_a_policy_that_is_refused_names_nothing() -> None:
    policies = _Policies()

    assert policies.write(STANDARD + WATCH) is Outcome.REFUSED

    assert policies.alarm("fraud-kpi") is None


def test_the_same_policy_again_writes_no_name_again() -> None:
    policies = _Policies()
    policies.write(STANDARD + ROLLOUT + WATCH)
    before = recall(policies.records, WatchedAlarm, "fraud-kpi")

    policies.write(STANDARD + ROLLOUT + WATCH + "# a comment\n")

    assert recall(policies.records, WatchedAlarm, "fraud-kpi") == before


def test_the_alarms_of_metrics_that_are_named_no_more_stay_noted_until_they_are_deleted() -> None:
    policies = _Policies()
    policies.write(STANDARD + ROLLOUT + WATCH)

    policies.write(STANDARD + ROLLOUT + WATCH.replace("name: psi", "name: ks"))

    own = recall(policies.records, WatchAlarms, "fraud")
    assert own is not None
    assert own.value.names == ("sluice-watch-fraud/psi", "sluice-watch-fraud/ks")


def test_a_rollout_that_names_an_alarm_and_a_policy_that_does_know_of_each_other() -> None:
    policies = _Policies()
    policies.write(STANDARD + ROLLOUT + WATCH)
    rollout = a_rollout(rules=rules(alarms=("fraud-kpi",)))

    (save,) = watched(rollout, policies.records)

    assert (save.body["rollouts"], save.body["groups"]) == ([rollout.id], ["fraud"])


def test_the_endpoint_of_the_policy_leads_to_its_group_as_well() -> None:
    policies = _Policies()
    policies.write(STANDARD + ROLLOUT + WATCH)

    found = list(policies.records.due(EndpointOwner.KIND, before=policies.clock.now()))

    assert [stored.body["group"] for stored in found] == ["fraud"]
