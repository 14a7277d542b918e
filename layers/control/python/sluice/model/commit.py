"""One unit of work: what is remembered, proved and announced together, or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sluice.model.ids import Micros


@dataclass(frozen=True, slots=True)
class RecordKey:
    """Where a record is kept: its kind (`package`, `approval`, `policy`…) and its id within the kind."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as it was read: `version` counts its writes from 1, `body` holds JSON values."""

    key: RecordKey
    version: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Save:
    """Write a record on condition that nobody wrote it since: `expected_version` is the version read, 0 for none yet.

    `due_at` puts the record on the list of its kind that reconcile walks (`Records.due`), None takes it off.
    """

    key: RecordKey
    expected_version: int
    body: Mapping[str, Any]
    due_at: Micros | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact for the ledger. `key` is its natural key in the chain: an entry with a key already there changes nothing.

    `chain` is `group/NAME` or `platform`; `subject` names what it is about (a release id, a policy);
    `body` holds JSON values.
    """

    chain: str
    key: str
    kind: str
    subject: str
    body: Mapping[str, Any]


class MessageKind(StrEnum):
    """What an outgoing message is: a card drawn from its record's newest state, a fixed text, an event, a command."""

    CARD = "card"
    ROLLOUT_CARD = "rollout_card"
    NOTICE = "notice"
    EPHEMERAL = "ephemeral"
    DOMAIN_EVENT = "domain_event"
    COMMAND = "command"
    INCIDENT_CARD = "incident_card"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Message:
    """Something to deliver at least once, in the outbox with the decision that caused it. `id` is its dedup key.

    `body` holds JSON values: CARD `{approval_id}`; ROLLOUT_CARD `{rollout_id}`; NOTICE `{channel, text, blocks?}`
    (a user id as channel is a direct message); EPHEMERAL `{channel, user, text}`; DOMAIN_EVENT `{detail_type, detail}`;
    COMMAND is a message of model/commands.py for the decisions queue; INCIDENT_CARD `{incident_id}`; PAGE
    `{incident_id, target, action, round}` (see model/page.py).
    """

    id: str
    kind: MessageKind
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Commit:
    """What one decision writes, atomically: records by condition, ledger entries, messages for the outbox."""

    saves: tuple[Save, ...] = ()
    entries: tuple[Entry, ...] = ()
    messages: tuple[Message, ...] = ()


PLATFORM_CHAIN = "platform"
"""The ledger chain of what concerns no single model group."""


def group_chain(group: str) -> str:
    """The ledger chain of a model group, under its lower-case name, since SageMaker lower-cases names in ARNs."""
    return f"group/{group.lower()}"
