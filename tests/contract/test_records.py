"""What every `Records` must do, the fake as well as the real one."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from sluice.adapters.record_items import Tables
from sluice.adapters.records import DynamoRecords
from sluice.core.ledger import genesis, hash_of
from sluice.errors import InvalidInput, PermanentFailure, StaleRecord
from sluice.model.commit import Commit, Entry, Message, MessageKind, RecordKey, Save, Stored
from sluice.model.ids import Micros
from sluice.model.ledger import LedgerRecord
from sluice.ports import Records
from tests.contract.tables import create_tables
from tests.fakes.records import FakeRecords

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = Micros(1_790_000_000_000_000)
PACKAGE = RecordKey("package", "arn:aws:sagemaker:us-east-1:111122223333:model-package/fraud/1")
CHAIN = "group/fraud"


class Store(Protocol):
    """A `Records` whose ledger and outbox a test can look into."""

    records: Records

    def chain(self, chain: str) -> list[LedgerRecord]: ...

    def outbox_ids(self) -> set[str]: ...


class InMemory:
    def __init__(self) -> None:
        self.fake = FakeRecords()
        self.records: Records = self.fake

    def chain(self, chain: str) -> list[LedgerRecord]:
        return self.fake.entries(chain)

    def outbox_ids(self) -> set[str]:
        return set(self.fake.outbox)


class InDynamo:
    def __init__(self, client: "DynamoDBClient", tables: Tables) -> None:
        self.client = client
        self.tables = tables
        self.records: Records = DynamoRecords(
            client, tables.control, tables.ledger, tables.outbox, pause=lambda _attempt: None
        )

    def chain(self, chain: str) -> list[LedgerRecord]:
        answer = self.client.query(
            TableName=self.tables.ledger,
            KeyConditionExpression="pk = :chain",
            ExpressionAttributeValues={":chain": {"S": chain}},
        )
        return [_record(item) for item in answer["Items"]]

    def outbox_ids(self) -> set[str]:
        return {item["pk"]["S"] for item in self.client.scan(TableName=self.tables.outbox)["Items"]}


def _record(item: Any) -> LedgerRecord:
    return LedgerRecord(
        chain=item["pk"]["S"],
        seq=int(item["sk"]["N"]),
        at=Micros(int(item["at"]["N"])),
        **{name: item[name]["S"] for name in ("kind", "subject", "key", "body", "prev", "hash")},
    )


@pytest.fixture(params=["fake", "dynamodb", "engine_dynamodb"])
def store(request: pytest.FixtureRequest, fresh: str) -> Store:
    if request.param == "fake":
        return InMemory()
    client: DynamoDBClient = request.getfixturevalue(request.param)
    return InDynamo(client, create_tables(client, suffix=fresh))


def entry(key: str, *, chain: str = CHAIN, **body: Any) -> Entry:
    return Entry(chain=chain, key=key, kind="VoteCast", subject="release-1", body=body)


def notice(identity: str) -> Message:
    return Message(identity, MessageKind.NOTICE, {"channel": "C0FRAUD", "text": "hello"})


def test_a_record_that_was_never_saved_is_none(store: Store) -> None:
    assert store.records.load(PACKAGE) is None


def test_a_saved_record_is_read_back_with_its_version(store: Store) -> None:
    body = {"generation": 1, "names": ["Zoë", "\ud83d"], "score": 0.25, "none": None, "nested": {"a": True}}

    store.records.commit(Commit(saves=(Save(PACKAGE, 0, body),)), at=NOW)

    assert store.records.load(PACKAGE) == Stored(PACKAGE, 1, body)


def test_an_id_may_hold_the_separator_of_the_key(store: Store) -> None:
    key = RecordKey("approval", "a#b#c")

    store.records.commit(Commit(saves=(Save(key, 0, {}),)), at=NOW)

    assert store.records.load(key) == Stored(key, 1, {})


def test_versions_count_the_writes(store: Store) -> None:
    for read in range(3):
        store.records.commit(Commit(saves=(Save(PACKAGE, read, {"n": read}),)), at=NOW)

    assert store.records.load(PACKAGE) == Stored(PACKAGE, 3, {"n": 2})


@pytest.mark.parametrize("read", [0, 1, 3])
def test_a_save_on_another_version_than_the_newest_is_stale_and_writes_nothing(store: Store, read: int) -> None:
    for version in range(2):
        store.records.commit(Commit(saves=(Save(PACKAGE, version, {"n": version}),)), at=NOW)
    late = Commit((Save(PACKAGE, read, {"n": 9}),), (entry("late"),), (notice("late"),))

    with pytest.raises(StaleRecord):
        store.records.commit(late, at=NOW)

    assert store.records.load(PACKAGE) == Stored(PACKAGE, 2, {"n": 1})
    assert store.chain(CHAIN) == []
    assert store.outbox_ids() == set()


def test_a_save_that_expects_a_record_that_is_not_there_is_stale(store: Store) -> None:
    with pytest.raises(StaleRecord):
        store.records.commit(Commit(saves=(Save(PACKAGE, 1, {}),)), at=NOW)

    assert store.records.load(PACKAGE) is None


def test_one_stale_save_keeps_its_neighbours_from_being_written(store: Store) -> None:
    fresh = RecordKey("approval", "fresh")
    store.records.commit(Commit(saves=(Save(PACKAGE, 0, {}),)), at=NOW)

    with pytest.raises(StaleRecord):
        store.records.commit(Commit(saves=(Save(fresh, 0, {}), Save(PACKAGE, 0, {}))), at=NOW)

    assert store.records.load(fresh) is None


def test_entries_of_one_commit_get_consecutive_numbers_of_their_chains(store: Store) -> None:
    store.records.commit(Commit(entries=(entry("a"),)), at=NOW)
    more = (entry("b"), entry("p", chain="platform"), entry("c"))

    store.records.commit(Commit(entries=more), at=NOW)

    assert [(r.seq, r.key) for r in store.chain(CHAIN)] == [(1, "a"), (2, "b"), (3, "c")]
    assert [(r.seq, r.key) for r in store.chain("platform")] == [(1, "p")]


def test_each_record_of_a_chain_holds_the_hash_of_the_one_before(store: Store) -> None:
    for key in ("a", "b", "c"):
        store.records.commit(Commit(entries=(entry(key, vote="approve"),)), at=NOW)

    records = store.chain(CHAIN)

    assert [r.prev for r in records] == [genesis(CHAIN).hash, records[0].hash, records[1].hash]
    assert [r.hash for r in records] == [hash_of(r) for r in records]


def test_an_entry_keeps_what_it_says_and_when(store: Store) -> None:
    store.records.commit(Commit(entries=(entry("a", b=1, a="ü"),)), at=NOW)

    (record,) = store.chain(CHAIN)

    assert (record.at, record.kind, record.subject, record.key) == (NOW, "VoteCast", "release-1", "a")
    assert record.body == '{"a":"\\u00fc","b":1}'


def test_an_entry_whose_key_is_in_the_chain_already_changes_nothing(store: Store) -> None:
    store.records.commit(Commit(entries=(entry("a", text="first"),)), at=NOW)
    before = store.chain(CHAIN)

    store.records.commit(Commit(entries=(entry("a", text="second"),)), at=NOW)

    assert store.chain(CHAIN) == before


def test_a_repeated_entry_does_not_keep_the_rest_of_its_commit_from_being_written(store: Store) -> None:
    store.records.commit(Commit(entries=(entry("a"),), messages=(notice("m1"),)), at=NOW)
    again = Commit((Save(PACKAGE, 0, {}),), (entry("a"), entry("b")), (notice("m1"), notice("m2")))

    store.records.commit(again, at=NOW)

    assert [(r.seq, r.key) for r in store.chain(CHAIN)] == [(1, "a"), (2, "b")]
    assert store.outbox_ids() == {"m1", "m2"}
    assert store.records.load(PACKAGE) == Stored(PACKAGE, 1, {})


def test_the_same_key_in_another_chain_is_another_entry(store: Store) -> None:
    store.records.commit(Commit(entries=(entry("a"), entry("a", chain="platform"))), at=NOW)

    assert [r.key for r in store.chain(CHAIN) + store.chain("platform")] == ["a", "a"]


def test_of_entries_and_messages_repeated_within_one_commit_the_first_counts(store: Store) -> None:
    store.records.commit(
        Commit(entries=(entry("a", n=1), entry("a", n=2)), messages=(notice("m"), notice("m"))), at=NOW
    )

    assert [r.body for r in store.chain(CHAIN)] == ['{"n":1}']
    assert store.outbox_ids() == {"m"}


def test_a_commit_that_saves_one_record_twice_is_refused(store: Store) -> None:
    with pytest.raises(PermanentFailure, match="twice"):
        store.records.commit(Commit(saves=(Save(PACKAGE, 0, {}), Save(PACKAGE, 1, {}))), at=NOW)

    assert store.records.load(PACKAGE) is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), b"bytes"])
def test_a_body_that_json_cannot_hold_is_refused_before_anything_is_written(store: Store, value: object) -> None:
    with pytest.raises(InvalidInput):
        store.records.commit(Commit((Save(PACKAGE, 0, {}),), (entry("a", value=value),)), at=NOW)

    assert store.records.load(PACKAGE) is None


def test_an_empty_commit_writes_nothing(store: Store) -> None:
    store.records.commit(Commit(), at=NOW)

    assert store.chain(CHAIN) == []


def test_due_records_come_earliest_first_and_strictly_before_the_moment(store: Store) -> None:
    def save(name: str, due_at: int | None, kind: str = "approval") -> Save:
        return Save(RecordKey(kind, name), 0, {"name": name}, None if due_at is None else Micros(due_at))

    saves = (save("third", 300), save("first", 100), save("second", 200), save("never", None), save("x", 1, "policy"))
    store.records.commit(Commit(saves=saves), at=NOW)

    due = store.records.due("approval", before=Micros(300))

    assert [stored.key.id for stored in due] == ["first", "second"]


def test_a_record_saved_without_due_at_leaves_the_list(store: Store) -> None:
    store.records.commit(Commit(saves=(Save(PACKAGE, 0, {}, Micros(1)),)), at=NOW)

    store.records.commit(Commit(saves=(Save(PACKAGE, 1, {}),)), at=NOW)

    assert list(store.records.due("package", before=NOW)) == []


def test_many_due_records_are_all_found(store: Store) -> None:
    long_text = "x" * 50_000
    for number in range(30):
        save = Save(RecordKey("approval", f"{number:02d}"), 0, {"text": long_text}, Micros(number))
        store.records.commit(Commit(saves=(save,)), at=NOW)

    due = store.records.due("approval", before=NOW)

    assert [stored.key.id for stored in due] == [f"{number:02d}" for number in range(30)]


def test_a_record_saved_anew_is_due_with_its_newest_state(store: Store) -> None:
    store.records.commit(Commit(saves=(Save(PACKAGE, 0, {"n": 1}, Micros(1)),)), at=NOW)

    store.records.commit(Commit(saves=(Save(PACKAGE, 1, {"n": 2}, Micros(2)),)), at=NOW)

    assert list(store.records.due("package", before=NOW)) == [Stored(PACKAGE, 2, {"n": 2})]


_make: Callable[[], Records] = FakeRecords  # the fake fits the port by type, too
