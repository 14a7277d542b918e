"""The rules bring every sample that is taken to its function, and no other; the bus lets only our own events in."""

import json
from typing import Any

import pytest

from sluice.adapters.event_bus import SOURCE
from tests.event_samples import files, from_outside, sample, takers_of
from tests.template.event_routes import folder, functions_of, http_routes, matching_rules
from tests.template.translation import as_list, of_type

TAKEN = [file for file in from_outside() if takers_of(file)]
EMITTED = [file for file in files() if file.startswith("domain/")]
OURS = [file for file in EMITTED if takers_of(file)]


def _account(event: Any) -> str:
    return str(event.get("account", "111122223333"))


@pytest.mark.parametrize("file", from_outside())
def test_a_sample_is_brought_to_exactly_the_functions_that_take_it(file: str) -> None:
    event = sample(file)

    rules = matching_rules(event, account=_account(event))

    assert len(rules) <= 1
    assert [function for rule in rules for function in functions_of(rule)] == takers_of(file)


@pytest.mark.parametrize("file", [*TAKEN, *OURS])
def test_an_event_of_another_account_is_not_taken(file: str) -> None:
    assert matching_rules(sample(file), account="999999999999") == set()


def test_every_rule_has_a_sample() -> None:
    matched = {
        rule for file in [*TAKEN, *OURS] for rule in matching_rules(sample(file), account=_account(sample(file)))
    }

    assert matched == set(of_type("AWS::Events::Rule"))


@pytest.mark.parametrize("name", ["/sluice", "/sluicegate/x", "sluice/policies/fraud", "/other/sluice/policies/fraud"])
def test_a_parameter_outside_sluices_path_is_not_taken(name: str) -> None:
    event = sample("ssm_sluice_policy_updated.json")

    event["detail"]["name"] = name

    assert matching_rules(event, account=_account(event)) == set()


@pytest.mark.parametrize("file", ["slack_interactions", "slack_commands", "slack_events"])
def test_a_request_of_slack_has_a_route_to_its_function(file: str) -> None:
    request = sample(f"deliveries/{file}.json")

    way = http_routes()[request["routeKey"]]

    assert [way.function] == takers_of(f"deliveries/{file}.json")


def test_the_tick_is_what_the_schedules_send_to_their_functions() -> None:
    targets = [schedule["Target"] for schedule in of_type("AWS::Scheduler::Schedule").values()]

    inputs = [json.loads(target["Input"]) for target in targets]

    assert inputs == [sample("deliveries/schedule_tick.json")] * len(targets)
    assert sorted(folder(t["Arn"]["Fn::GetAtt"][0]) for t in targets) == takers_of("deliveries/schedule_tick.json")


@pytest.mark.parametrize("file", EMITTED)
def test_what_we_emit_is_brought_to_exactly_the_functions_that_take_it(file: str) -> None:
    event = sample(file)

    rules = matching_rules(event, account=_account(event))

    assert [function for rule in rules for function in functions_of(rule)] == takers_of(file)


def test_a_rollout_of_another_region_is_not_taken() -> None:
    event = sample("domain/RolloutRequested.json")

    assert matching_rules(event, account=_account(event), region="eu-west-1") == set()


@pytest.mark.parametrize("file", EMITTED)
def test_what_we_emit_is_not_taken_from_the_default_bus(file: str) -> None:
    on_default = [r for r in of_type("AWS::Events::Rule").values() if "EventBusName" not in r]

    assert sample(file)["source"] not in {source for rule in on_default for source in rule["EventPattern"]["source"]}


def _bus_lets_in(event_source: str) -> bool:
    """Whether the statements on the bus let an entry of this source in, for a principal of our account."""
    statements = [policy["Statement"] for policy in of_type("AWS::Events::EventBusPolicy").values()]
    applying = [s["Effect"] for s in statements if _applies(s["Condition"], event_source)]
    return "Allow" in applying and "Deny" not in applying


def _applies(condition: dict[str, dict[str, Any]], event_source: str) -> bool:
    ((operator, keys),) = condition.items()
    listed = as_list(keys["events:source"])
    return {"StringEquals": event_source in listed, "StringNotEquals": event_source not in listed}[operator]


@pytest.mark.parametrize("file", EMITTED)
def test_the_bus_lets_in_what_we_emit(file: str) -> None:
    assert sample(file)["source"] == SOURCE
    assert _bus_lets_in(sample(file)["source"])


@pytest.mark.parametrize("event_source", ["aws.sagemaker", "sluice.other", "Sluice", "", "my.application"])
def test_the_bus_lets_in_no_other_source(event_source: str) -> None:
    assert not _bus_lets_in(event_source)
