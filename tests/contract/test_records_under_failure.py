"""What DynamoDB's answers do to a commit (F30): moto never throttles nor conflicts, so they are put in its mouth here."""

from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from botocore.stub import Stubber

from sluice.adapters.records import DynamoRecords
from sluice.core.ledger import genesis
from sluice.errors import PermanentFailure, StaleRecord, TransientFailure
from sluice.model.commit import Commit, Entry, Message, MessageKind, RecordKey, Save
from sluice.model.ids import Micros

NOW = Micros(1_790_000_000_000_000)
CHAIN = "group/fraud"
SAVE = Save(RecordKey("approval", "a1"), 3, {"votes": []}, Micros(5))
ENTRY = Entry(CHAIN, "vote|1", "VoteCast", "fraud/1/1", {"choice": "approve"})
MESSAGE = Message("m1", MessageKind.CARD, {"approval_id": "a1"})
COMMIT = Commit((SAVE,), (ENTRY,), (MESSAGE,))

NONE, REFUSED, CONFLICT = "None", "ConditionalCheckFailed", "TransactionConflict"


class Table:
    """DynamoDB by a script; the stubber checks each call against botocore's model."""

    def __init__(self) -> None:
        session = botocore.session.get_session()
        keys: Any = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
        client: Any = session.create_client("dynamodb", "us-east-1", **keys)
        self.stubber = Stubber(client)
        self.pauses: list[int] = []
        self.lost: list[Exception] = []
        self.sent: list[dict[str, Any]] = []
        self.records = DynamoRecords(client, "control", "ledger", "outbox", pause=self.pauses.append)
        client.meta.events.register("provide-client-params.dynamodb.TransactWriteItems", self._note)

    def _note(self, params: dict[str, Any], **_more: Any) -> None:
        self.sent.append(params)
        if self.lost:
            raise self.lost.pop()

    def head(self, seq: int = 0) -> None:
        items = [{"sk": {"N": str(seq)}, "hash": {"S": f"{seq:064x}"}}] if seq else []
        self.stubber.add_response("query", {"Items": items}, {**_HEAD_QUERY, "TableName": "ledger"})

    def cancelled(self, *codes: str) -> None:
        self.stubber.add_client_error(
            "transact_write_items",
            "TransactionCanceledException",
            modeled_fields={"CancellationReasons": [{"Code": code} for code in codes]},
        )

    def failed(self, code: str, status: int = 400) -> None:
        self.stubber.add_client_error("transact_write_items", code, "words", http_status_code=status)

    def written(self) -> None:
        self.stubber.add_response("transact_write_items", {})

    def puts(self, attempt: int) -> list[dict[str, Any]]:
        return [item["Put"] for item in self.sent[attempt]["TransactItems"]]


_HEAD_QUERY = {
    "KeyConditionExpression": "pk = :chain",
    "ExpressionAttributeValues": {":chain": {"S": CHAIN}},
    "ExpressionAttributeNames": {"#hash": "hash"},
    "ProjectionExpression": "sk, #hash",
    "ScanIndexForward": False,
    "ConsistentRead": True,
    "Limit": 1,
}


@pytest.fixture
def table() -> Iterator[Table]:
    made = Table()
    with made.stubber:
        yield made
        made.stubber.assert_no_pending_responses()


def test_a_commit_is_one_transaction_of_conditional_puts(table: Table) -> None:
    table.head()
    table.written()

    table.records.commit(COMMIT, at=NOW)

    save, number, marker, message = table.puts(0)
    assert save == {
        "TableName": "control",
        "Item": {
            "pk": {"S": "approval#a1"},
            "sk": {"S": "record"},
            "version": {"N": "4"},
            "body": {"S": '{"votes":[]}'},
            "due_kind": {"S": "approval"},
            "due_at": {"N": "5"},
        },
        "ConditionExpression": "version = :read",
        "ExpressionAttributeValues": {":read": {"N": "3"}},
    }
    assert number["TableName"] == "ledger"
    assert (number["Item"]["pk"], number["Item"]["sk"]) == ({"S": CHAIN}, {"N": "1"})
    assert number["Item"]["prev"] == {"S": genesis(CHAIN).hash}
    assert marker["TableName"] == "control"
    assert (marker["Item"]["pk"], marker["Item"]["sk"]) == ({"S": f"ledger-key#{CHAIN}"}, {"S": "vote|1"})
    assert message["TableName"] == "outbox"
    assert message["Item"]["due_at"] == message["Item"]["created_at"] == {"N": str(NOW)}
    assert {p["ConditionExpression"] for p in (number, marker, message)} == {"attribute_not_exists(pk)"}


def test_a_lost_race_for_a_number_takes_the_next_one_with_a_new_token(table: Table) -> None:
    table.head(6)
    table.cancelled(NONE, REFUSED, NONE, NONE)
    table.head(7)
    table.written()

    table.records.commit(COMMIT, at=NOW)

    assert [table.puts(attempt)[1]["Item"]["sk"]["N"] for attempt in (0, 1)] == ["7", "8"]
    assert table.puts(1)[1]["Item"]["prev"]["S"] == f"{7:064x}"
    assert table.sent[0]["ClientRequestToken"] != table.sent[1]["ClientRequestToken"]
    assert table.pauses == [1]


def test_a_save_that_lost_is_stale_whatever_else_stood_in_the_way(table: Table) -> None:
    table.head()
    table.cancelled(REFUSED, REFUSED, CONFLICT, REFUSED)

    with pytest.raises(StaleRecord, match="approval/a1 was written since version 3"):
        table.records.commit(COMMIT, at=NOW)


def test_a_race_for_the_same_entry_is_left_to_the_winner(table: Table) -> None:
    table.head()
    table.cancelled(NONE, REFUSED, REFUSED, NONE)
    table.written()

    table.records.commit(COMMIT, at=NOW)

    assert [put["TableName"] for put in table.puts(1)] == ["control", "outbox"]


def test_when_everything_is_there_already_nothing_is_left_to_write(table: Table) -> None:
    table.head()
    table.cancelled(REFUSED, REFUSED, REFUSED)

    table.records.commit(Commit(entries=(ENTRY,), messages=(MESSAGE,)), at=NOW)

    assert len(table.sent) == 1


@pytest.mark.parametrize("code", [CONFLICT, "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"])
def test_what_is_busy_now_is_tried_again(table: Table, code: str) -> None:
    for _ in range(5):
        table.head()
        table.cancelled(code, NONE, NONE, NONE)
    table.head()
    table.written()

    table.records.commit(COMMIT, at=NOW)

    assert table.pauses == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "code",
    [
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "InternalServerError",
        "TransactionInProgressException",
    ],
)
def test_a_call_without_a_verdict_is_repeated_as_it_was(table: Table, code: str) -> None:
    """It may have been written: only the same content under the same token is then one effect."""
    table.head()
    table.failed(code)
    table.failed(code)
    table.written()

    table.records.commit(COMMIT, at=NOW)

    assert table.sent[0] == table.sent[1] == table.sent[2]


@pytest.mark.parametrize(
    "error",
    [
        lambda: EndpointConnectionError(endpoint_url="https://dynamodb"),
        lambda: ReadTimeoutError(endpoint_url="https://dynamodb"),
    ],
)
def test_a_lost_answer_is_asked_for_again_under_the_same_token(table: Table, error: Callable[[], Exception]) -> None:
    table.head()
    table.written()
    table.lost = [error()]

    table.records.commit(COMMIT, at=NOW)

    assert table.sent[0] == table.sent[1]


def test_a_table_that_stays_busy_is_given_up_as_transient(table: Table) -> None:
    for _ in range(20):
        table.head()
        table.cancelled(NONE, CONFLICT, NONE, NONE)

    with pytest.raises(TransientFailure, match="TransactionConflict"):
        table.records.commit(COMMIT, at=NOW)

    assert len(table.pauses) == 19


@pytest.mark.parametrize(
    "code", ["ValidationException", "AccessDeniedException", "IdempotentParameterMismatchException"]
)
def test_what_repeating_does_not_change_is_permanent(table: Table, code: str) -> None:
    table.head()
    table.failed(code)

    with pytest.raises(PermanentFailure, match=code):
        table.records.commit(COMMIT, at=NOW)


@pytest.mark.parametrize("code", ["ValidationError", "ItemCollectionSizeLimitExceeded", "AccessDenied"])
def test_an_item_that_can_never_be_written_is_permanent(table: Table, code: str) -> None:
    table.head()
    table.cancelled(NONE, NONE, code, REFUSED)

    with pytest.raises(PermanentFailure, match=code):
        table.records.commit(COMMIT, at=NOW)


def saves(count: int, text: str = "") -> Commit:
    return Commit(saves=tuple(Save(RecordKey("k", str(number)), 0, {"text": text}) for number in range(count)))


KB = 1024


@pytest.mark.parametrize(
    "commit",
    [
        pytest.param(saves(100), id="100 writes"),
        pytest.param(saves(1, "x" * (399 * KB)), id="an item of just under 400 KB"),
        pytest.param(saves(10, "x" * (399 * KB)), id="a transaction of just under 4 MB"),
        pytest.param(Commit(saves=(Save(RecordKey("k", "x" * 2046), 0, {}),)), id="a key of 2,048 bytes"),
    ],
)
def test_a_commit_just_within_a_limit_is_sent(table: Table, commit: Commit) -> None:
    table.written()

    table.records.commit(commit, at=NOW)

    assert len(table.sent) == 1


LONG_KEY = Entry(CHAIN, "k" * 1025, "VoteCast", "s", {})


@pytest.mark.parametrize(
    "commit, words",
    [
        pytest.param(saves(101), "101 writes; a transaction takes 100", id="101 writes"),
        pytest.param(saves(1, "x" * (400 * KB)), "record k/0 takes .* an item takes", id="an item over 400 KB"),
        pytest.param(saves(1, "\u0001" * (80 * KB)), "record k/0 takes", id="escapes count as written"),
        pytest.param(saves(11, "x" * (390 * KB)), "a transaction takes 4194304", id="a transaction over 4 MB"),
        pytest.param(Commit(saves=(Save(RecordKey("k", "é" * 1024), 0, {}),)), "key of 2050 bytes", id="a long key"),
        pytest.param(Commit(messages=(Message("", MessageKind.CARD, {}),)), "key of 0 bytes", id="an empty key"),
    ],
)
def test_a_commit_over_a_limit_is_refused_before_it_is_sent(table: Table, commit: Commit, words: str) -> None:
    with pytest.raises(PermanentFailure, match=words):
        table.records.commit(commit, at=NOW)

    assert table.sent == []


def test_an_entry_counts_as_two_writes_and_its_key_is_limited(table: Table) -> None:
    table.head()
    table.head()
    many = Commit(entries=tuple(Entry(CHAIN, str(number), "VoteCast", "s", {}) for number in range(51)))

    with pytest.raises(PermanentFailure, match="102 writes"):
        table.records.commit(many, at=NOW)
    with pytest.raises(PermanentFailure, match="key of 1025 bytes"):
        table.records.commit(Commit(entries=(LONG_KEY,)), at=NOW)

    assert table.sent == []


def test_a_throttled_read_is_transient_and_a_denied_one_permanent(table: Table) -> None:
    table.stubber.add_client_error("get_item", "ThrottlingException")
    table.stubber.add_client_error("get_item", "AccessDeniedException")

    with pytest.raises(TransientFailure):
        table.records.load(SAVE.key)
    with pytest.raises(PermanentFailure):
        table.records.load(SAVE.key)


def test_a_decision_is_read_strongly_consistent(table: Table) -> None:
    wanted = {
        "TableName": "control",
        "Key": {"pk": {"S": "approval#a1"}, "sk": {"S": "record"}},
        "ConsistentRead": True,
    }
    table.stubber.add_response("get_item", {}, wanted)

    assert table.records.load(SAVE.key) is None
