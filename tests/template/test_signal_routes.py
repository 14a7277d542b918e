"""What says that production is not well comes through: every state of an alarm, jobs that are over, calls by anybody."""

import json
from typing import Any

import pytest

from sluice.core.signals.watch_alarms import watch_alarm_name
from sluice.model.alarm_event import OWN_PREFIX, TRIPWIRE_PREFIX
from sluice.model.trail_event import Operation
from tests.event_samples import sample
from tests.template.event_routes import matching_rules
from tests.template.translation import as_list, of_type, source

ROLES = of_type("AWS::IAM::Role")
WRITES = {"sagemaker:UpdateEndpoint", "sagemaker:UpdateEndpointWeightsAndCapacities", "sagemaker:UpdateModelPackage"}


def _rules(event: Any) -> set[str]:
    return matching_rules(event, account=event["account"], region=event["region"])


@pytest.mark.parametrize("state", ["OK", "ALARM", "INSUFFICIENT_DATA"])
@pytest.mark.parametrize("name", ["fraud-5xx", watch_alarm_name("fraud", "psi"), "sluice-canaryish"])
def test_every_state_of_an_alarm_is_heard(name: str, state: str) -> None:
    event = sample("cloudwatch_alarm_single_metric.json")
    event["detail"] |= {"alarmName": name, "state": {"value": state}}

    assert _rules(event) == {"AlarmRule"}


@pytest.mark.parametrize("state", ["OK", "ALARM"])
def test_alarms_that_rollouts_make_for_their_own_time_say_nothing_of_production(state: str) -> None:
    event = sample("cloudwatch_alarm_single_metric.json")
    event["detail"] |= {"alarmName": f"{OWN_PREFIX}verdict-1", "state": {"value": state}}
    verdict = _rules(event)
    event["detail"]["alarmName"] = f"{TRIPWIRE_PREFIX}1"

    assert verdict == set()
    assert _rules(event) == ({"TripwireRule"} if state == "ALARM" else set())


@pytest.mark.parametrize(
    "status, heard", [("Completed", True), ("Failed", True), ("InProgress", False), ("Stopped", False)]
)
def test_a_job_is_heard_of_when_it_is_over(status: str, heard: bool) -> None:  # noqa: FBT001  # a column of the table
    event = sample("sagemaker_processing_job_monitor_clean.json")
    event["detail"]["ProcessingJobStatus"] = status

    assert bool(_rules(event)) is heard


@pytest.mark.parametrize("operation", [*Operation, "CreateEndpoint", "AddTags"])
def test_calls_that_change_what_serves_are_heard_of_and_no_others(operation: str) -> None:
    event = sample("cloudtrail_sagemaker_updateendpoint.json")
    event["detail"]["eventName"] = str(operation)

    assert _rules(event) == ({"ApiCallRule"} if operation in list(Operation) else set())


@pytest.mark.parametrize("function", ["AdmitEndpointChangeFunction", "WatchProductionFunction"])
def test_every_role_of_the_stack_that_may_change_what_serves_is_known_as_its_own(function: str) -> None:
    joined = source()["Resources"][function]["Properties"]["Environment"]["Variables"]["OWN_ROLES"]["Fn::Join"]

    own = {part["Fn::GetAtt"][0] for part in joined[1]}

    assert own == {role for role in ROLES if _actions(role) & WRITES}


def test_only_who_looks_at_production_makes_the_alarms_of_policies_and_no_others() -> None:
    made = [
        s for s in _statements("WatchProductionFunctionRole") if "cloudwatch:PutMetricAlarm" in as_list(s["Action"])
    ]

    alarms = [str(s["Resource"]["Fn::Sub"]).rpartition(":alarm:")[2] for s in made]

    assert alarms == ["sluice-watch-*"]
    others = [r for r in ROLES if "sluice-watch" in json.dumps(_statements(r)) and r != "WatchProductionFunctionRole"]
    assert others == []


def _statements(role: str) -> list[dict[str, Any]]:
    documents = [p["PolicyDocument"] for p in ROLES[role].get("Policies", []) if "PolicyDocument" in p]
    return [statement for document in documents for statement in as_list(document["Statement"])]


def _actions(role: str) -> set[str]:
    return {action for statement in _statements(role) for action in as_list(statement["Action"])}
