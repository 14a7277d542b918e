"""Reading the ledger, from a fake as well as from DynamoDB, after real commits."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from sluice.adapters.ledger_table import DynamoLedger
from sluice.adapters.record_items import Tables
from sluice.adapters.records import DynamoRecords
from sluice.core.ledger import head_of
from sluice.core.verify_ledger import verify
from sluice.errors import PermanentFailure
from sluice.model.commit import Commit
from sluice.model.ids import Micros
from sluice.model.ledger import LedgerRecord, Unreadable
from sluice.model.verification import FaultKind
from sluice.ports import LedgerReading, Records
from tests.chains import FRAUD, entry_of
from tests.contract.tables import create_tables
from tests.fakes.ledger import FakeLedger
from tests.fakes.records import FakeRecords

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass
class Store:
    records: Records
    ledger: LedgerReading


def _dynamo(client: "DynamoDBClient", tables: Tables) -> Store:
    ledger = DynamoLedger(client, ledger_table=tables.ledger, control_table=tables.control)
    return Store(DynamoRecords(client, tables.control, tables.ledger, tables.outbox), ledger)


@pytest.fixture(params=["fake", "dynamodb", "engine_dynamodb"])
def store(request: pytest.FixtureRequest, fresh: str) -> Store:
    if request.param == "fake":
        records = FakeRecords()
        return Store(records, FakeLedger(records))
    client: DynamoDBClient = request.getfixturevalue(request.param)
    return _dynamo(client, create_tables(client, suffix=fresh))


def write(store: Store, *numbers: int, chain: str = FRAUD, **body: str) -> None:
    for number in numbers:
        store.records.commit(Commit(entries=(entry_of(number, chain=chain, **body),)), at=Micros(number))


def test_committed_entries_are_read_by_number_and_hold(store: Store) -> None:
    write(store, *range(1, 13))

    records = list(store.ledger.read(FRAUD))

    assert [r.seq for r in records] == list(range(1, 13))
    assert verify(FRAUD, records).holds


def test_reading_can_begin_behind_a_number(store: Store) -> None:
    write(store, 1, 2, 3, 4)

    assert [r.seq for r in store.ledger.read(FRAUD, after=2)] == [3, 4]


def test_more_than_one_answer_of_the_table_is_read_to_its_end(store: Store) -> None:
    write(store, *range(1, 31), padding="x" * 100_000)

    assert [r.seq for r in store.ledger.read(FRAUD)] == list(range(1, 31))


def test_a_chain_is_read_from_its_newest_record_back(store: Store) -> None:
    write(store, *range(1, 121))
    write(store, 1, chain="platform")

    records = list(store.ledger.newest_first(FRAUD))

    assert [r.seq for r in records] == list(range(120, 0, -1))
    assert next(store.ledger.newest_first("group/nothing"), None) is None


def test_all_chains_are_known(store: Store) -> None:
    write(store, 1)
    write(store, 1, chain="platform")

    assert store.ledger.chains() == {FRAUD, "platform"}


def test_the_newest_marker_knows_the_head(store: Store) -> None:
    write(store, *range(9, 15))
    (*_, last) = store.ledger.read(FRAUD)
    assert isinstance(last, LedgerRecord)

    noted = store.ledger.newest_marker(FRAUD)

    assert noted is not None
    assert noted.head == head_of(last)


def test_a_chain_without_records_has_no_marker(store: Store) -> None:
    assert store.ledger.newest_marker(FRAUD) is None
    assert list(store.ledger.read(FRAUD)) == []


def test_a_record_written_while_the_chain_is_read_is_read_too(store: Store) -> None:
    """Else an export that is listed later would hold more than the table, which looks like a cut tail."""
    write(store, 1, 2)
    reading = store.ledger.read(FRAUD)
    next(reading)
    next(reading)

    write(store, 3)

    assert [r.seq for r in reading] == [3]


def test_a_tail_deleted_from_the_table_is_missed_by_the_markers(dynamodb: "DynamoDBClient") -> None:
    tables = create_tables(dynamodb)
    store = _dynamo(dynamodb, tables)
    write(store, 1, 2, 3)
    dynamodb.delete_item(TableName=tables.ledger, Key={"pk": {"S": FRAUD}, "sk": {"N": "3"}})
    noted = store.ledger.newest_marker(FRAUD)
    assert noted is not None

    fault = verify(FRAUD, store.ledger.read(FRAUD), noted=[noted]).fault

    assert fault is not None
    assert (fault.seq, fault.kind) == (3, FaultKind.TRUNCATED)


def test_a_record_that_lost_a_field_is_unreadable_and_no_crash(dynamodb: "DynamoDBClient") -> None:
    tables = create_tables(dynamodb)
    store = _dynamo(dynamodb, tables)
    write(store, 1, 2)
    dynamodb.update_item(
        TableName=tables.ledger, Key={"pk": {"S": FRAUD}, "sk": {"N": "2"}}, UpdateExpression="REMOVE body"
    )

    first, second = store.ledger.read(FRAUD)

    assert isinstance(first, LedgerRecord)
    assert isinstance(second, Unreadable)
    assert "body" in second.why


def test_a_marker_that_lost_its_number_is_told_as_tampering(dynamodb: "DynamoDBClient") -> None:
    tables = create_tables(dynamodb)
    store = _dynamo(dynamodb, tables)
    write(store, 1)
    key = {"pk": {"S": f"ledger-key#{FRAUD}"}, "sk": {"S": entry_of(1).key}}
    dynamodb.update_item(TableName=tables.control, Key=key, UpdateExpression="REMOVE seq")

    with pytest.raises(PermanentFailure, match="tampered"):
        store.ledger.newest_marker(FRAUD)


def test_f29_clocks_that_disagree_do_not_disorder_a_chain(store: Store) -> None:
    """Functions' clocks may be five minutes apart: numbers, given by condition, order the records."""
    five_minutes = 5 * 60 * 1_000_000
    now = 1_790_000_000_000_000
    for number, skew in enumerate((0, -five_minutes, five_minutes, 0), start=1):
        store.records.commit(Commit(entries=(entry_of(number),)), at=Micros(now + number + skew))

    records = list(store.ledger.read(FRAUD))

    assert [r.key for r in records if isinstance(r, LedgerRecord)] == [entry_of(n).key for n in (1, 2, 3, 4)]
    assert verify(FRAUD, records).holds
