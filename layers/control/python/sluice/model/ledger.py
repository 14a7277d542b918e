"""The ledger's own models: a record in its chain, and the head that the next one builds on."""

from dataclasses import dataclass

from sluice.model.ids import Micros


@dataclass(frozen=True, slots=True)
class LedgerRecord:
    """A fact in its place: `seq` counts from 1 without gaps, `prev` is the hash before it, `body` is canonical JSON.

    `at` is the writer's clock, told for people; only `seq` orders records.
    """

    chain: str
    seq: int
    at: Micros
    kind: str
    subject: str
    key: str
    body: str
    prev: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest record of a chain: its number and hash. Whoever knows it can prove everything before it."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What stands in a record's place but is none: a field is missing or of another type."""

    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A head that somebody noted outside of the ledger, and where; it proves every record up to itself."""

    head: Head
    where: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """What the ledger's stream brought at a position of it."""

    position: str
    record: LedgerRecord | Unreadable
