"""The endpoint view over the booted engine: an endpoint as it serves, and its rollout as the ledger tells it."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from local import clock
from local.console.pages import create_app
from local.engine.process import free_port
from local.slack import server
from sluice.adapters.records import DynamoRecords
from sluice.model.codec import encode
from sluice.model.commit import Commit
from sluice.model.endpoint import Change, EndpointRecord, endpoint_id
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import GroupName, Micros, RolloutId
from sluice.model.judging import Verdict
from sluice.model.rollout import Rollout, Snapshot
from sluice.model.rollout_rules import Step, Target
from sluice.usecases.remembering import keep
from sluice.usecases.rollout.entries import rollout_entry
from tests.contract.tables import create_tables
from tests.integration.local.conftest import Rig
from tests.integration.local.serving_rig import Serving
from tests.rollout_records import BAD, a_look, a_rollout, rules

HOST = {"Host": "127.0.0.1:8000"}
MINUTE = 60_000_000


@pytest.fixture
def slack_url() -> Iterator[str]:
    running = server.start(wall=lambda: 1_780_000_000.0)
    yield running.root_url
    running.stop()


def outputs_of(url: str, slack_url: str, **more: str) -> dict[str, str]:
    return {
        "aws_endpoint_url": url,
        "region": "us-east-1",
        "account_id": "111122223333",
        "slack_url": slack_url,
        **more,
    }


@pytest.fixture
def records(rig: Rig) -> tuple[DynamoRecords, dict[str, str]]:
    """Records in tables of the test's own, and the outputs that name them."""
    tables = create_tables(rig.client("dynamodb"), suffix=uuid.uuid4().hex[:8])
    named = {
        "ControlTableName": tables.control,
        "LedgerTableName": tables.ledger,
        "OutboxTableName": tables.outbox,
    }
    return DynamoRecords(rig.client("dynamodb"), tables.control, tables.ledger, tables.outbox), named


def serve_two(shop: Serving) -> None:
    """Nine tenths of the requests by what served before, one by the candidate, for twenty minutes."""
    shop.model("old")
    shop.model("new")
    sides = (
        shop.variant("old", InitialVariantWeight=9.0),
        shop.variant("new", "candidate", InitialVariantWeight=1.0, InitialInstanceCount=1),
    )
    shop.create(shop.config("both", *sides))
    clock.advance(1200)


def a_canary(shop: Serving) -> Rollout:
    """A rollout on the shop's endpoint, in the step that serves there."""
    begun = Micros(int(clock.now() * 1_000_000) - 15 * MINUTE)
    ours = rules(target=Target(shop.name), steps=(Step(10, 300, 3600), Step(50, 300, 3600)))
    request = replace(a_rollout().request, rollout_id=RolloutId(uuid.uuid4().hex), group=GroupName(shop.name.lower()))
    return a_rollout(
        request=request,
        rules=ours,
        begun_at=begun,
        phase_since=begun,
        step=0,
        snapshot=Snapshot({"EndpointConfigName": "before"}, 2),
    )


def tell(records: DynamoRecords, rollout: Rollout) -> None:
    """Write the rollout with what the ledger says of its first step: worse, and to be taken back."""
    look = a_look(BAD, verdict=Verdict.ROLL_BACK, sentence="errors are worse")
    said: tuple[tuple[EntryKind, int, dict[str, Any]], ...] = (
        (EntryKind.ENDPOINT_LOCKED, 0, {}),
        (EntryKind.CHANGE_INTENDED, 1, {"change": "shift_traffic", "effect": 1, "weights": {"a": 90, "candidate": 10}}),
        (EntryKind.CHANGE_DONE, 2, {"change": Change.SHIFT_TRAFFIC, "effect": 1}),
        (EntryKind.CANARY_JUDGED, 8, {"route": "return", "judgement": encode(look)}),
    )
    save = keep(None, rollout, rollout.id)
    for kind, minute, body in said:
        at = Micros(rollout.begun_at + minute * MINUTE)
        entry = rollout_entry(rollout, kind, str(minute), body)
        records.commit(Commit((save,) if minute == 0 else (), (entry,)), at=at)


def shown(client: FlaskClient, endpoint: str) -> str:
    answer = client.get(f"/fragments/endpoint?show={endpoint}", headers=HOST)
    assert answer.status_code == 200
    return answer.text


def test_an_endpoint_without_rollouts_shows_what_serves_and_its_figures(
    rig: Rig, shop: Serving, slack_url: str
) -> None:
    serve_two(shop)
    client = create_app(outputs_of(rig.engine.url, slack_url)).test_client()

    told = shown(client, shop.name)

    assert "InService" in told
    assert f"{shop.name}-both" in told
    assert '<meter class="candidate" min="0" max="1" value="0.1">' in told
    assert told.count("<figure>") == 3
    assert 'class="trouble"' not in told


def test_a_rollout_shows_steps_verdict_evidence_and_changes(
    rig: Rig, shop: Serving, slack_url: str, records: tuple[DynamoRecords, dict[str, str]]
) -> None:
    store, named = records
    serve_two(shop)
    rollout = a_canary(shop)
    tell(store, rollout)
    client = create_app(outputs_of(rig.engine.url, slack_url, **named)).test_client()

    told = shown(client, shop.name)

    assert 'class="trouble"' not in told
    assert f'data-rollout="{rollout.id}"' in told
    assert "Version 7" in told
    assert "Errors rose from 1.0 % to 3.1 %" in told
    assert "3.09 %" in told
    assert "takes back" in told
    assert "aria-current=step><div><b>10 % of the traffic</b>" in told
    assert ">10 %</text>" in told


def test_a_hold_is_told_with_its_reason(
    rig: Rig, shop: Serving, slack_url: str, records: tuple[DynamoRecords, dict[str, str]]
) -> None:
    store, named = records
    serve_two(shop)
    held = EndpointRecord("us-east-1", shop.name, "shop", hold="it could not be taken back")
    store.commit(Commit((keep(None, held, endpoint_id("us-east-1", shop.name)),)), at=Micros(1))
    client = create_app(outputs_of(rig.engine.url, slack_url, **named)).test_client()

    assert "it could not be taken back" in shown(client, shop.name)


def test_every_endpoint_has_a_tab(rig: Rig, shop: Serving, slack_url: str) -> None:
    serve_two(shop)
    client = create_app(outputs_of(rig.engine.url, slack_url)).test_client()

    tabs = client.get("/fragments/tabs", headers=HOST).text

    assert f"show={shop.name}" in tabs


def test_an_endpoint_that_is_not_there_is_said_not_to_be(rig: Rig, slack_url: str) -> None:
    client = create_app(outputs_of(rig.engine.url, slack_url)).test_client()

    assert "There is no endpoint &lt;b&gt;nowhere" in shown(client, "<b>nowhere")


def test_a_cloud_that_is_gone_is_named_and_leaves_the_tabs(slack_url: str) -> None:
    client = create_app(outputs_of(f"http://127.0.0.1:{free_port()}", slack_url)).test_client()

    assert "Could not connect to the endpoint URL" in shown(client, "fraud-scoring")
    assert "Releases and ledger" in client.get("/fragments/tabs", headers=HOST).text


def test_the_page_of_an_endpoint_keeps_it_when_somebody_else_looks(slack_url: str) -> None:
    client = create_app(outputs_of(f"http://127.0.0.1:{free_port()}", slack_url)).test_client()

    page = client.get("/?show=fraud-scoring", headers=HOST).text

    assert '<input type="hidden" name="show" value="fraud-scoring">' in page
    assert 'id="releases"' not in page
