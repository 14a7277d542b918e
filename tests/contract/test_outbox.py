"""What every `Outbox` must do, the fake as well as the real one."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sluice.adapters.outbox import DynamoOutbox, pending_of
from sluice.adapters.records import DynamoRecords
from sluice.errors import InvalidInput
from sluice.model.commit import Commit, Message, MessageKind
from sluice.model.ids import Micros
from sluice.model.outbox import PendingMessage
from sluice.ports import Outbox, Records
from tests.contract.tables import create_tables
from tests.fakes.outbox import FakeOutbox
from tests.fakes.records import FakeRecords

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
CREATED = Micros(1_000)
LATER = Micros(9_000)


@dataclass
class Store:
    """An outbox, what fills it, and a look at a message's state and reason."""

    records: Records
    outbox: Outbox
    state: Callable[[str], tuple[str, str]]

    def one(self) -> PendingMessage:
        (pending,) = self.outbox.pending(before=LATER)
        return pending


def _fake() -> Store:
    records = FakeRecords()
    return Store(records, FakeOutbox(records), lambda i: (records.outbox[i].state, records.outbox[i].reason))


def _dynamo(client: "DynamoDBClient", suffix: str) -> Store:
    tables = create_tables(client, suffix=suffix)

    def state(identity: str) -> tuple[str, str]:
        item = client.get_item(TableName=tables.outbox, Key={"pk": {"S": identity}})["Item"]
        return item["state"]["S"], item.get("reason", {}).get("S", "")

    return Store(
        DynamoRecords(client, tables.control, tables.ledger, tables.outbox), DynamoOutbox(client, tables.outbox), state
    )


@pytest.fixture(params=["fake", "dynamodb", "engine_dynamodb"])
def store(request: pytest.FixtureRequest, fresh: str) -> Store:
    made = _fake() if request.param == "fake" else _dynamo(request.getfixturevalue(request.param), fresh)
    made.records.commit(Commit(messages=(notice("m"),)), at=CREATED)
    return made


def notice(identity: str) -> Message:
    return Message(identity, MessageKind.NOTICE, {"channel": "C0FRAUD", "text": "héllo"})


def test_a_committed_message_is_pending_from_its_creation_on(store: Store) -> None:
    pending = list(store.outbox.pending(before=Micros(CREATED + 1)))

    assert pending == [PendingMessage(notice("m"), created_at=CREATED, due_at=CREATED, attempts=0)]


def test_a_message_is_not_pending_before_it_is_due(store: Store) -> None:
    assert list(store.outbox.pending(before=CREATED)) == []


def test_messages_come_earliest_first(store: Store) -> None:
    store.records.commit(Commit(messages=(notice("later"),)), at=Micros(CREATED + 2))
    store.records.commit(Commit(messages=(notice("sooner"),)), at=Micros(CREATED - 1))

    assert [p.message.id for p in store.outbox.pending(before=LATER)] == ["sooner", "m", "later"]


def test_a_claimed_message_counts_the_attempt_and_is_hidden_until_then(store: Store) -> None:
    claimed = store.outbox.claim(store.one(), until=Micros(5_000))

    assert claimed == PendingMessage(notice("m"), created_at=CREATED, due_at=Micros(5_000), attempts=1)
    assert list(store.outbox.pending(before=Micros(5_000))) == []
    assert list(store.outbox.pending(before=Micros(5_001))) == [claimed]


def test_of_two_claims_on_one_reading_the_first_wins(store: Store) -> None:
    seen = store.one()

    first, second = (store.outbox.claim(seen, until=Micros(5_000)) for _ in range(2))

    assert first is not None
    assert second is None


def test_a_claim_that_ran_out_can_be_taken_over(store: Store) -> None:
    store.outbox.claim(store.one(), until=Micros(5_000))

    taken_over = store.outbox.claim(store.one(), until=Micros(8_000))

    assert taken_over is not None
    assert taken_over.attempts == 2


def test_a_sent_message_is_never_pending_again(store: Store) -> None:
    claimed = store.outbox.claim(store.one(), until=Micros(5_000))
    assert claimed is not None

    store.outbox.mark_sent(claimed, at=Micros(2_000))

    assert list(store.outbox.pending(before=LATER)) == []
    assert store.state("m") == ("sent", "")
    assert store.outbox.claim(claimed, until=LATER) is None


def test_a_sent_message_committed_again_is_not_sent_again(store: Store) -> None:
    store.outbox.mark_sent(store.one(), at=Micros(2_000))

    store.records.commit(Commit(messages=(notice("m"),)), at=Micros(3_000))

    assert list(store.outbox.pending(before=LATER)) == []


def test_a_failed_delivery_is_due_at_the_given_moment_with_its_reason(store: Store) -> None:
    claimed = store.outbox.claim(store.one(), until=Micros(5_000))
    assert claimed is not None

    store.outbox.mark_failed(claimed, due_at=Micros(7_000), reason="rate limited")

    assert list(store.outbox.pending(before=Micros(7_000))) == []
    assert [p.attempts for p in store.outbox.pending(before=Micros(7_001))] == [1]
    assert store.state("m") == ("pending", "rate limited")


def test_a_dead_message_is_kept_with_its_reason_and_never_due(store: Store) -> None:
    claimed = store.outbox.claim(store.one(), until=Micros(5_000))
    assert claimed is not None

    store.outbox.mark_dead(claimed, reason="channel_not_found")

    assert list(store.outbox.pending(before=LATER)) == []
    assert store.state("m") == ("dead", "channel_not_found")


@pytest.mark.parametrize("verdict", ["failed", "dead"])
def test_a_late_verdict_of_a_deliverer_that_lost_its_claim_changes_nothing(store: Store, verdict: str) -> None:
    slow = store.outbox.claim(store.one(), until=Micros(5_000))
    fast = store.outbox.claim(store.one(), until=Micros(8_000))
    assert slow is not None

    if verdict == "failed":
        store.outbox.mark_failed(slow, due_at=Micros(1), reason="late")
    else:
        store.outbox.mark_dead(slow, reason="late")

    assert store.one() == fast
    assert store.state("m") == ("pending", "")


def test_a_delivery_that_arrived_counts_even_after_its_claim_was_lost(store: Store) -> None:
    slow = store.outbox.claim(store.one(), until=Micros(5_000))
    fast = store.outbox.claim(store.one(), until=Micros(8_000))
    assert slow is not None
    assert fast is not None

    store.outbox.mark_sent(slow, at=Micros(6_000))
    store.outbox.mark_failed(fast, due_at=Micros(7_000), reason="timeout")

    assert store.state("m") == ("sent", "")
    assert list(store.outbox.pending(before=LATER)) == []


def test_verdicts_on_a_message_that_is_not_there_change_nothing(store: Store) -> None:
    ghost = PendingMessage(notice("ghost"), created_at=CREATED, due_at=CREATED, attempts=0)

    store.outbox.mark_sent(ghost, at=CREATED)
    store.outbox.mark_failed(ghost, due_at=CREATED, reason="x")
    store.outbox.mark_dead(ghost, reason="x")

    assert [p.message.id for p in store.outbox.pending(before=LATER)] == ["m"]


@pytest.mark.parametrize("client", ["dynamodb", "engine_dynamodb"])
def test_a_dead_message_is_tried_once_more_as_the_operations_page_says(
    request: pytest.FixtureRequest, fresh: str, client: str
) -> None:
    table: DynamoDBClient = request.getfixturevalue(client)
    store = _dynamo(table, fresh)
    store.records.commit(Commit(messages=(notice("m"),)), at=CREATED)
    store.outbox.mark_dead(store.one(), reason="invalid_blocks")
    update, condition = re.findall(r'--(?:update|condition)-expression "(.+?)"', PAGE.read_text())
    values = re.findall(r"'(\{\":pending.+?\})'", PAGE.read_text())

    table.update_item(
        TableName=f"outbox{fresh}",
        Key={"pk": {"S": "m"}},
        UpdateExpression=update,
        ConditionExpression=condition,
        ExpressionAttributeNames={"#s": "state"},
        ExpressionAttributeValues=json.loads(values[0]),
    )

    assert store.outbox.claim(store.one(), until=Micros(5_000)) is not None


@pytest.mark.parametrize("client", ["dynamodb", "engine_dynamodb"])
def test_only_a_sent_message_is_forgotten_by_the_table_thirty_days_later(
    request: pytest.FixtureRequest, fresh: str, client: str
) -> None:
    table: DynamoDBClient = request.getfixturevalue(client)
    store = _dynamo(table, fresh)
    store.records.commit(Commit(messages=(notice("sent"), notice("dead"), notice("waiting"))), at=CREATED)
    pending = {p.message.id: p for p in store.outbox.pending(before=LATER)}

    store.outbox.mark_sent(pending["sent"], at=Micros(7_000_000))
    store.outbox.mark_dead(pending["dead"], reason="invalid_blocks")

    items = table.scan(TableName=f"outbox{fresh}")["Items"]
    assert {item["pk"]["S"]: item["expires"]["N"] for item in items if "expires" in item} == {
        "sent": str(7 + 30 * 24 * 3600)
    }


@pytest.mark.parametrize("missing", ["pk", "kind", "body", "due_at", "attempts", "created_at"])
def test_a_stream_image_without_a_field_is_refused(missing: str) -> None:
    image = {
        "pk": {"S": "m"},
        "kind": {"S": "notice"},
        "body": {"S": "{}"},
        "due_at": {"N": "1"},
        "created_at": {"N": "1"},
        "attempts": {"N": "0"},
    }
    del image[missing]

    with pytest.raises(InvalidInput):
        pending_of(image)
