"""docs/policy.md and the JSON Schemas say what the models say, and every example in it is valid."""

import json
import re
from typing import Any

import jsonschema
import pytest
import yaml

from docs.policy_reference import DOCUMENTS, PAGE, field_texts, page_with_tables, schema_of, schema_path, schema_text
from sluice.core.policy_text import parse_text, read_document
from sluice.model.approval import Tier
from sluice.model.ids import GroupName
from sluice.model.policy import PolicyDocument
from sluice.model.rollout_rules import EndpointKind, GuardrailKind, Strategy
from sluice.model.tiers import (
    APPROVAL_DEFAULTS,
    BAKE_DEFAULTS,
    ESCALATION_DEFAULTS,
    FLOORS,
    RESPONSE_DEFAULTS,
    STEP_DEFAULTS,
)
from tests.unit.policy_texts import CRITICAL, PILOT, RESPONSE, ROLLOUT, STANDARD

TEXT = PAGE.read_text()
EXAMPLES = re.findall(r"```yaml\n# (\w+)\n(.*?)```", TEXT, re.DOTALL)
DOCUMENT_EXAMPLES = [(kind, text) for kind, text in EXAMPLES if kind in DOCUMENTS]
RESPONSE_EXAMPLES = [text for kind, text in EXAMPLES if kind == "response"]
ROLLOUT_EXAMPLES = [text for kind, text in EXAMPLES if kind == "rollout"]


def row(title: str) -> list[str]:
    """Cells of the tier table, as durations and words."""
    line = next(line for line in TEXT.splitlines() if line.startswith(f"| {title}"))
    return [cell.strip() for cell in line.split("|")[2:-1]]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_schema_is_current(name: str) -> None:
    assert schema_path(name).read_text() == schema_text(DOCUMENTS[name]), (
        "run: .venv/bin/python docs/policy_reference.py"
    )


def test_the_tables_of_the_page_are_current() -> None:
    assert page_with_tables(TEXT) == TEXT, "run: .venv/bin/python docs/policy_reference.py"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_field_is_documented(name: str) -> None:
    schema = schema_of(DOCUMENTS[name])
    parts = {DOCUMENTS[name].__name__: schema, **schema.get("$defs", {})}
    fields = [(part, field) for part, said in parts.items() for field in said.get("properties", {})]

    assert fields
    assert all(field_texts()[part][field] for part, field in fields)


@pytest.mark.parametrize(
    "kind, text", DOCUMENT_EXAMPLES, ids=[f"{kind}-{i}" for i, (kind, _) in enumerate(DOCUMENT_EXAMPLES)]
)
def test_every_example_is_valid_for_sluice_and_for_the_schema(kind: str, text: str) -> None:
    read_document(DOCUMENTS[kind], text)

    jsonschema.validate(parse_text(text).values, schema_of(DOCUMENTS[kind]))


def test_there_is_an_example_of_each_tier_and_of_each_document() -> None:
    policies = [read_document(PolicyDocument, text).tier for kind, text in DOCUMENT_EXAMPLES if kind == "policy"]

    assert policies == list(Tier)
    assert {kind for kind, _ in DOCUMENT_EXAMPLES} == set(DOCUMENTS)


@pytest.mark.parametrize("text", ROLLOUT_EXAMPLES)
def test_every_rollout_of_the_page_is_valid_in_a_policy_of_each_tier(text: str) -> None:
    for tier in (PILOT, STANDARD):
        read_document(PolicyDocument, tier + text)

        jsonschema.validate(parse_text(tier + text).values, schema_of(PolicyDocument))


def test_there_is_a_rollout_of_each_strategy_and_kind_of_endpoint() -> None:
    plans = [read_document(PolicyDocument, STANDARD + text).rollout for text in ROLLOUT_EXAMPLES]

    assert {plan.strategy for plan in plans if plan} == set(Strategy)
    assert {plan.target.kind for plan in plans if plan} == set(EndpointKind)
    assert {GuardrailKind(p.guardrails.type.upper()) for p in plans if p and p.guardrails} == set(GuardrailKind)
    assert any(plan.shadow for plan in plans if plan)


@pytest.mark.parametrize("text", RESPONSE_EXAMPLES)
def test_every_response_of_the_page_is_valid_in_a_policy_of_each_tier(text: str) -> None:
    for tier in (PILOT, STANDARD, CRITICAL):
        read_document(PolicyDocument, tier + ROLLOUT + text)

        jsonschema.validate(parse_text(tier + ROLLOUT + text).values, schema_of(PolicyDocument))


def test_the_page_shows_every_part_of_a_response() -> None:
    shown = {part for text in RESPONSE_EXAMPLES for part in parse_text(text).values}

    assert shown == {"watch", "rollback", "paging"}


def test_the_table_of_tiers_tells_the_response_that_the_code_fills_in() -> None:
    usual = [RESPONSE_DEFAULTS[tier] for tier in Tier]

    assert row("a promoted version is compared for") == [u["watch"]["for"] for u in usual]
    assert row("back by itself, at most") == [
        f"{u['rollback']['at_most']} in 24h, {u['rollback']['cool_down']} apart" for u in usual
    ]
    assert [cell.split(",")[0] for cell in row("`repeat`")] == [u["paging"]["repeat"] for u in usual]
    assert row("`silence`") == [u["paging"]["silence"] for u in usual]
    assert [cell.split("`")[1] for cell in row("`freeze` from")] == [u["paging"]["freeze"] for u in usual]


def test_the_table_of_tiers_tells_whom_the_code_calls() -> None:
    policies = [read_document(PolicyDocument, text + ROLLOUT) for text in (PILOT, STANDARD, CRITICAL)]
    urgent = [p.in_force(GroupName("g")).response.paging.routes[0].levels for p in policies]

    assert ["`owner.contacts`" in cell for cell in row("urgent incidents call")] == [
        set(p.owner.contacts) <= set(levels[0].to) for p, levels in zip(policies, urgent, strict=True)
    ]
    assert row("and those who manage after") == [
        f"{levels[1].after_s // 60}m" if len(levels) > 1 else "never" for levels in urgent
    ]


def test_the_table_of_tiers_tells_the_rollout_that_the_code_fills_in() -> None:
    bakes = [BAKE_DEFAULTS[tier] for tier in Tier]

    assert row("steps of a rollout") == [", ".join(f"{p} %" for p in STEP_DEFAULTS[tier]) for tier in Tier]
    assert row("a step is watched") == [
        f"{b['minimum']} to {b['maximum']}" + (f", {b['requests']} requests" if b["requests"] else "") for b in bakes
    ]
    assert row("first traffic, at most") == [f"{FLOORS[tier].first_percent} %" for tier in Tier]
    assert row("`min_instances`, at least") == [str(FLOORS[tier].min_instances) for tier in Tier]


def test_the_cloudformation_example_holds_a_valid_policy() -> None:
    (text,) = [text for kind, text in EXAMPLES if kind == "cloudformation"]
    properties = yaml.safe_load(text)["Resources"]["FraudPolicy"]["Properties"]

    assert read_document(PolicyDocument, properties["Value"]).tier is Tier.PILOT
    assert (properties["Type"], properties["Tier"]) == ("String", "Intelligent-Tiering")


def test_the_table_of_tiers_tells_the_defaults_and_floors_of_the_code() -> None:
    defaults = [APPROVAL_DEFAULTS[tier] for tier in Tier]

    assert row("`expires_after`") == [
        f"{d['expires_after']}, at most {FLOORS[t].expires_within}" for t, d in zip(Tier, defaults, strict=True)
    ]
    assert row("`remind_after`") == [", ".join(d["remind_after"]) for d in defaults]
    assert [cell.split("`")[1] for cell in row("`on_expiry`")] == [d["on_expiry"] for d in defaults]
    assert row("`escalate`") == [ESCALATION_DEFAULTS[tier] or "never" for tier in Tier]
    assert [cell.split(",")[0] for cell in row("approvers, at least")] == [str(FLOORS[tier].approvals) for tier in Tier]


@pytest.mark.parametrize("text", [PILOT, STANDARD, CRITICAL, STANDARD + ROLLOUT + RESPONSE])
def test_what_sluice_accepts_the_schema_accepts(text: str) -> None:
    jsonschema.validate(parse_text(text).values, json.loads(schema_text(PolicyDocument)))


@pytest.mark.parametrize(
    "changes",
    [
        {"tier": "gold"},
        {"colour": "red"},
        {"approval": {"expires_after": "soon"}},
        {"rollout": {}},
        {"rollout": {"target": {"endpoint": "f", "kind": "batch"}}},
        {"rollout": {"target": {"endpoint": "f"}, "judge": {"alpha": 2}}},
        {"watch": {"alarms": {"a": "changed"}}},
        {"rollback": {"at_most": 11}},
        {"paging": {"call": ["olga"]}},
        {"paging": {"freeze": "sometimes"}},
        {"owner": {"team": 3}},
        {"version": 2},
    ],
)
def test_what_no_field_may_say_the_schema_refuses_too(changes: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**yaml.safe_load(STANDARD), **changes}, schema_of(PolicyDocument))
