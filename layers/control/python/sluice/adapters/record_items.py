"""What a commit looks like in DynamoDB's tables: one write a fact, each by its own condition."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sluice.core.ledger import append, head_of
from sluice.errors import PermanentFailure
from sluice.model.canonical import canonical_text
from sluice.model.commit import Commit, Entry, Message, RecordKey, Save, Stored
from sluice.model.ids import Micros
from sluice.model.ledger import Head, LedgerRecord, Unreadable

RECORD_SORT_KEY = "record"
PENDING = "1"
"""The one partition of the outbox's index: messages that still wait."""

_MAX_ITEMS = 100
_MAX_ITEM_BYTES = 400 * 1024
_MAX_TRANSACTION_BYTES = 4 * 1024 * 1024
_MAX_PARTITION_KEY_BYTES = 2048
_MAX_SORT_KEY_BYTES = 1024
# DynamoDB counts 38 digits as 21 bytes at most; taking the most keeps the check simple and on the safe side.
_NUMBER_BYTES = 21

type Attributes = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tables:
    """Names of the three tables that one commit writes to."""

    control: str
    ledger: str
    outbox: str


class Part(StrEnum):
    """Which condition a write stands for, so that a refusal can be told apart."""

    SAVE = "save"
    NUMBER = "number"
    MARKER = "marker"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Write:
    """One item of the transaction and the fact that it is for."""

    part: Part
    of: Save | Entry | Message
    put: Attributes

    @property
    def item(self) -> Attributes:
        """The attributes to be written."""
        item: Attributes = self.put["Item"]
        return item


def writes_of(commit: Commit, heads: Mapping[str, Head], *, at: Micros, tables: Tables) -> list[Write]:
    """All writes of a commit, whose entries follow the heads of their chains."""
    writes = [Write(Part.SAVE, save, _put_save(save, tables)) for save in commit.saves]
    newest = dict(heads)
    for entry in commit.entries:
        record = append(newest[entry.chain], entry, at=at)
        newest[entry.chain] = head_of(record)
        writes.append(Write(Part.NUMBER, entry, _put_new(tables.ledger, record_attributes(record))))
        writes.append(Write(Part.MARKER, entry, _put_new(tables.control, _marker_attributes(record))))
    writes += [Write(Part.MESSAGE, m, _put_new(tables.outbox, _message_attributes(m, at))) for m in commit.messages]
    return writes


def check_limits(writes: Iterable[Write]) -> None:
    """Raise PermanentFailure for what DynamoDB would refuse, in words that name the culprit."""
    counted = list(writes)
    if len(counted) > _MAX_ITEMS:
        raise PermanentFailure(f"a commit of {len(counted)} writes; a transaction takes {_MAX_ITEMS}")
    sizes = [_checked_size(write) for write in counted]
    if sum(sizes) > _MAX_TRANSACTION_BYTES:
        raise PermanentFailure(f"a commit of {sum(sizes)} bytes; a transaction takes {_MAX_TRANSACTION_BYTES}")


def record_attributes(record: LedgerRecord) -> Attributes:
    """A ledger record as the ledger table keeps it."""
    return {
        "pk": {"S": record.chain},
        "sk": {"N": str(record.seq)},
        "at": {"N": str(record.at)},
        "kind": {"S": record.kind},
        "subject": {"S": record.subject},
        "key": {"S": record.key},
        "body": {"S": record.body},
        "prev": {"S": record.prev},
        "hash": {"S": record.hash},
    }


def record_of(item: Mapping[str, Any]) -> LedgerRecord | Unreadable:
    """A ledger record from an item of the table or an image of its stream; what is none is a value, too."""
    seq = int(item["sk"]["N"])
    try:
        texts = {name: item[name]["S"] for name in ("kind", "subject", "key", "body", "prev", "hash")}
        return LedgerRecord(chain=item["pk"]["S"], seq=seq, at=Micros(int(item["at"]["N"])), **texts)
    except (KeyError, TypeError, ValueError) as error:
        return Unreadable(seq, f"{type(error).__name__}: {error}")


def record_key(key: RecordKey) -> Attributes:
    """Primary key of a record in the control table."""
    return {"pk": {"S": f"{key.kind}#{key.id}"}, "sk": {"S": RECORD_SORT_KEY}}


def marker_partition(chain: str) -> str:
    """Partition of the control table that holds the markers of a chain's entries."""
    return f"ledger-key#{chain}"


def stored_of(item: Mapping[str, Any]) -> Stored:
    """A record as it was read from the control table."""
    kind, _, identity = item["pk"]["S"].partition("#")
    return Stored(RecordKey(kind, identity), int(item["version"]["N"]), json.loads(item["body"]["S"]))


def _put_save(save: Save, tables: Tables) -> Attributes:
    item = {
        **record_key(save.key),
        "version": {"N": str(save.expected_version + 1)},
        "body": {"S": canonical_text(save.body)},
    }
    if save.due_at is not None:
        item |= {"due_kind": {"S": save.key.kind}, "due_at": {"N": str(save.due_at)}}
    if save.expected_version == 0:
        return _put_new(tables.control, item)
    return {
        "TableName": tables.control,
        "Item": item,
        "ConditionExpression": "version = :read",
        "ExpressionAttributeValues": {":read": {"N": str(save.expected_version)}},
    }


def _put_new(table: str, item: Attributes) -> Attributes:
    return {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}


def _marker_attributes(record: LedgerRecord) -> Attributes:
    # Number and hash make the marker a second witness: a tail cut off before its export is missed here.
    return {
        "pk": {"S": marker_partition(record.chain)},
        "sk": {"S": record.key},
        "seq": {"N": str(record.seq)},
        "hash": {"S": record.hash},
    }


def _message_attributes(message: Message, at: Micros) -> Attributes:
    return {
        "pk": {"S": message.id},
        "kind": {"S": str(message.kind)},
        "body": {"S": canonical_text(message.body)},
        "state": {"S": "pending"},
        "attempts": {"N": "0"},
        "created_at": {"N": str(at)},
        "pending": {"S": PENDING},
        "due_at": {"N": str(at)},
    }


def _checked_size(write: Write) -> int:
    size = sum(len(name) + _value_bytes(value) for name, value in write.item.items())
    name = _name_of(write)
    if size > _MAX_ITEM_BYTES:
        raise PermanentFailure(f"{name} takes {size} bytes; an item takes {_MAX_ITEM_BYTES}")
    for key, most in (("pk", _MAX_PARTITION_KEY_BYTES), ("sk", _MAX_SORT_KEY_BYTES)):
        length = _value_bytes(write.item[key]) if key in write.item else 1
        if not 0 < length <= most:
            raise PermanentFailure(f"{name} has a key of {length} bytes; allowed are 1 to {most}")
    return size


def _value_bytes(value: Mapping[str, str]) -> int:
    return len(value["S"].encode("utf-8", "surrogatepass")) if "S" in value else _NUMBER_BYTES


def _name_of(write: Write) -> str:
    match write.of:
        case Save(key=key):
            return f"record {key.kind}/{key.id}"[:200]
        case Entry(chain=chain, key=key):
            return f"ledger entry {chain} {key}"[:200]
        case Message(id=identity):
            return f"message {identity}"[:200]
