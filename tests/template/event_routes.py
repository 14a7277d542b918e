"""From an event to the function that gets it, as the template has it."""

import json
from dataclasses import dataclass
from typing import Any

from moto.events.models import EventPattern

from sluice.adapters.event_bus import SOURCE
from tests.template.translation import logical_id, of_type, source

COMMANDS_QUEUE = "DecisionsQueue"
"""Functions write to it directly, besides the rules that do."""


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """One way in: the resource that brings the event, the queue between (empty: none), and the function's folder."""

    through: str
    queue: str
    function: str


def ways() -> set[Way]:
    """Every way in: rules, queues that are written to directly, streams, schedules, HTTP routes."""
    return _rules() | _internal_queues() | _streams() | _schedules() | set(http_routes().values())


def http_routes() -> dict[str, Way]:
    """The ways of HTTP requests, by method and path."""
    return {
        f"{route['Properties']['Method']} {route['Properties']['Path']}": Way(
            logical_id(route["Properties"]["ApiId"]), "", folder(name)
        )
        for name, resource in source()["Resources"].items()
        for route in resource.get("Properties", {}).get("Events", {}).values()
        if resource["Type"] == "AWS::Serverless::Function" and route["Type"] == "HttpApi"
    }


def matching_rules(event: Any, *, account: str, region: str = "us-east-1") -> set[str]:
    """The rules that match an event in an account and region, each on its own bus: AWS speaks on the default one."""
    if not isinstance(event, dict):
        return set()
    own = event.get("source") == SOURCE
    rules = {n: r for n, r in of_type("AWS::Events::Rule").items() if ("EventBusName" in r) == own}
    patterns = {name: _resolved(rule["EventPattern"], account, region) for name, rule in rules.items()}
    return {name for name, pattern in patterns.items() if EventPattern(None, pattern).matches_event(event)}  # type: ignore[arg-type]  # moto has a type for events of its own making


def functions_of(rule: str) -> set[str]:
    """The functions that a rule leads to."""
    return {way.function for way in _rules() if way.through == rule}


def folder(function: str) -> str:
    """Where a function's code is, from its logical id."""
    uri: str = source()["Resources"][function]["Properties"]["CodeUri"]
    return uri


def _consumers() -> dict[str, str]:
    """Function by the resource that its event source mapping reads."""
    sources = of_type("AWS::Lambda::EventSourceMapping").values()
    return {logical_id(s["EventSourceArn"]): folder(logical_id(s["FunctionName"])) for s in sources}


def _rules() -> set[Way]:
    consumers = _consumers()
    queues = {(n, logical_id(t["Arn"])) for n, rule in of_type("AWS::Events::Rule").items() for t in rule["Targets"]}
    return {Way(name, queue, consumers[queue]) for name, queue in queues}


def _internal_queues() -> set[Way]:
    written_by_rules = {way.queue for way in _rules()}
    queues = set(_consumers()) & set(of_type("AWS::SQS::Queue")) - written_by_rules
    return {Way("", queue, _consumers()[queue]) for queue in queues | {COMMANDS_QUEUE}}


def _streams() -> set[Way]:
    sources = of_type("AWS::Lambda::EventSourceMapping").items()
    tables = of_type("AWS::DynamoDB::Table")
    return {
        Way(n, "", folder(logical_id(s["FunctionName"])))
        for n, s in sources
        if logical_id(s["EventSourceArn"]) in tables
    }


def _schedules() -> set[Way]:
    schedules = of_type("AWS::Scheduler::Schedule").items()
    return {Way(name, "", folder(logical_id(s["Target"]["Arn"]))) for name, s in schedules}


def _resolved(pattern: Any, account: str, region: str) -> Any:
    text = json.dumps(pattern)
    for name, value in {"AWS::AccountId": account, "AWS::Region": region}.items():
        text = text.replace(json.dumps({"Ref": name}), json.dumps(value))
    return json.loads(text)
